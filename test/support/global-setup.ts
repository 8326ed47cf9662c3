import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findOrStartServer, type TemporalServer } from '../../src/temporal/server';

declare global {
  /** What the setup hands to the teardown; both run in Jest's own process. */
  var testServer: TemporalServer | undefined;
}

/** A folder for what test files share, and one Temporal server for the whole run: the one that TEMPORAL_ADDRESS names, in a namespace of its own, else one of our own. */
export default async function globalSetup(): Promise<void> {
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const server = await findOrStartServer({ env: process.env, report, fastTimers: true });
  globalThis.testServer = server;
  process.env['TEST_RUN_FOLDER'] = await mkdtemp(path.join(tmpdir(), 'connect-processor-tests-'));
  Object.assign(process.env, server.env); // test workers are forked later, and inherit it
  report(`Temporal for the tests: ${server.source}`);
}
