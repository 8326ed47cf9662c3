import { jest } from '@jest/globals';
import type * as Worker from '@temporalio/worker';

/*
 * Temporal logs to the console unless its runtime is told otherwise before its first use. Jest gives each test file its own copy of every module,
 * hence its own runtime: the file that loads the worker package gets a quiet one, and the others do not pay for loading it.
 * A test that installs a runtime itself says `jest.unmock('@temporalio/worker')` first.
 */
jest.mock('@temporalio/worker', () => {
  const worker = jest.requireActual<typeof Worker>('@temporalio/worker');
  worker.Runtime.install({
    logger: new worker.DefaultLogger('ERROR'),
    shutdownSignals: [], // Jest's own; a listener for each test file would pile up
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, console: {} } }, // forwarded, they would keep the process alive
  });
  return worker;
});
