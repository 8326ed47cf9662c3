import { afterAll, beforeAll, jest } from '@jest/globals';
import { productWorkflows, type StubbedWorker, startStubbedWorker } from './stubbed-worker';

/** The Temporal server of the run. */
export const testServer = () => ({
  address: process.env['TEMPORAL_ADDRESS']!,
  namespace: process.env['TEMPORAL_NAMESPACE']!,
});

/** A worker for the tests of one file, on a task queue of its own. Its tests may run at the same time: each request has its own stubs. */
export function useWorkflows(): StubbedWorker {
  jest.setTimeout(60_000);
  const shared = {} as StubbedWorker;
  beforeAll(async () => {
    Object.assign(shared, await startStubbedWorker({ ...testServer(), workflowBundle: await productWorkflows() }));
  });
  afterAll(() => shared.close());
  return shared;
}
