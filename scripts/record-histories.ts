import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { failure } from '../activities/failure';
import { FailureType } from '../src/domain/failure-type';
import { WORKFLOW_TYPE } from '../src/domain/ids';
import { findCli } from '../src/temporal/find-cli';
import { findOrStartServer } from '../src/temporal/server';
import { RequestRun } from '../test/support/request-run';
import { approves, bundleWorkflows, startStubbedWorker, type StubbedWorker } from '../test/support/stubbed-worker';

/*
 * Records the runs that test/workflows/replay.test.ts replays: `node --import tsx scripts/record-histories.ts [name …]`. Without a name it adds
 * those that are missing, and so it never replaces a history in order to turn a test green. A change of the workflows gets a new name here.
 */

const FOLDER = path.join(__dirname, '..', 'test', 'histories');
const params = [{ id: 'subscription_id', value: 'S-1' }];
const paramErrors = { admin_email: 'Enter the e-mail address of an administrator.' };
const flags = Object.entries(paramErrors).map(([id, valueError]) => ({ id, valueError }));
const inquiry = { kind: 'inquire', params: [...params, ...flags], paramErrors, templateId: 'TL-2' };

function isRefused(): never {
  throw failure(FailureType.CONNECT_REJECTED, 'Connect: POST /requests/PR-1/approve answered 400.');
}
function isDown(): never {
  throw failure(FailureType.CONNECT_UNAVAILABLE, 'Connect: GET /requests/PR-1 answered 503.', { retryAfterMs: 60_000 });
}

/** What happens to a request. Of its runs the first is kept. */
type Story = (worker: StubbedWorker, id: string) => Promise<RequestRun>;

const parked =
  (reprocess: (run: RequestRun) => Promise<unknown>, parkedMs = 86_400_000): Story =>
  async (worker, id) => {
    const refusedOnce = (call: number) => (call === 1 ? isRefused() : undefined);
    const run = await worker.start({ approveRequest: refusedOnce }, { id, patience: { parkedMs } });
    await reprocess(run);
    return run;
  };

/** By the name of the file that keeps the history. */
export const STORIES: Record<string, Story> = {
  approved: (worker, id) => worker.start({ askVendor: () => approves(1, params) }, { id }),
  noop: (worker, id) => worker.start({ askVendor: () => ({ kind: 'noop', status: 'approved', reason: '' }) }, { id }),
  inquired: (worker, id) => worker.start({ askVendor: () => inquiry }, { id }),
  'inquiry-answered-unseen': async (worker, id) => {
    const askVendor = (call: number) => (call === 1 ? inquiry : approves());
    const inquireRequest = (call: number) => (call === 1 ? isDown() : 'changed');
    const run = await worker.start({ askVendor, inquireRequest }, { id });
    await run.untilReprocessed();
    return run;
  },
  failed: (worker, id) => worker.start({ askVendor: () => ({ kind: 'fail', params: [], reason: 'No.' }) }, { id }),
  gone: (worker, id) => {
    const isGone = () => {
      throw failure(FailureType.CONNECT_GONE, 'Connect: GET /requests/PR-1 answered 404.');
    };
    return worker.start({ askVendor: isGone }, { id });
  },
  waited: (worker, id) =>
    worker.start({ askVendor: (call) => (call === 1 ? { kind: 'wait', params, seconds: 1 } : approves()) }, { id }),
  'wait-cut-short': async (worker, id) => {
    const askVendor = (call: number) => (call === 1 ? { kind: 'wait', params, seconds: 600 } : approves());
    const run = await worker.start({ askVendor }, { id });
    await run.untilStep('vendor asked to wait');
    await run.reprocess();
    return run;
  },
  retrying: async (worker, id) => {
    const askVendor = (call: number) => (call < 3 ? isDown() : approves(call, params));
    const run = await worker.start({ askVendor }, { id, patience: { quietMs: 60_001 } });
    await run.untilReprocessed(); // quiet at first: the pause is a minute
    await run.until('retrying');
    await run.reprocess();
    return run;
  },
  'parked-then-reprocess-by-update': parked(async (run) => {
    await run.until('parked');
    await run.reprocess();
  }),
  'parked-then-reprocess-by-signal': parked(async (run) => {
    await run.until('parked');
    await run.signalReprocess({ by: 'anna' });
  }),
  'parked-then-its-time': parked(async () => undefined, 500), // stands for a day
  'rechecked-then-noop': async (worker, id) => {
    const askVendor = () => ({ kind: 'wait', params, seconds: 600 });
    const run = await worker.start({ askVendor, readStatus: (call) => (call === 1 ? 'pending' : 'failed') }, { id });
    await run.untilStep('vendor asked to wait');
    await run.signalRecheck();
    await run.untilItRests(2);
    await run.signalRecheck();
    return run;
  },
  cancelled: async (worker, id) => {
    const run = await worker.start({ approveRequest: isRefused }, { id });
    await run.until('parked');
    await run.cancel();
    return run;
  },
  'failed-then-released': (worker, id) =>
    worker.start({ askVendor: () => ({ kind: 'fail', params: [], reason: 'No.' }) }, { id, releases: true }),
  'cancelled-then-released': async (worker, id) => {
    const askVendor = () => ({ kind: 'wait', params, seconds: 600 });
    const run = await worker.start({ askVendor }, { id, releases: true });
    await run.untilStep('vendor asked to wait');
    await run.cancel();
    return run;
  },
  'release-parked': async (worker, id) => {
    const askVendor = () => ({ kind: 'fail', params: [], reason: 'No.' });
    const releasePurchase = (call: number) => (call === 1 ? isDown() : 'released');
    const run = await worker.start({ askVendor, releasePurchase }, { id, releases: true, patience: { retryMs: 0 } });
    await run.until('parked');
    await run.reprocess();
    return run;
  },
  'tier-config-approved': (worker) =>
    worker.start(
      { askVendorForTierConfig: () => approves(1, params) },
      { id: 'TCR-1000-0000-0000', type: 'tier-setup', assetId: 'TC-1' },
    ),
  'poll-round': async ({ client, taskQueue }) => {
    await client.workflow.start(WORKFLOW_TYPE.poll, { workflowId: 'poll', taskQueue });
    return new RequestRun(client, 'poll');
  },
};

async function main(names: string[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const cli = await findCli(process.env, report);
  const server = await findOrStartServer({ env: process.env, report, fastTimers: true });
  const show: Show = (id, runId) =>
    execFileSync(cli.file, ['workflow', 'show', '--output', 'json', '--workflow-id', id, '--run-id', runId], {
      env: { ...process.env, ...server.env },
    }).toString();
  const worker = await startStubbedWorker({
    address: server.address,
    namespace: server.namespace,
    workflowBundle: await bundleWorkflows(),
    identity: 'recorder', // nothing of this machine
    taskQueue: 'connect-processor',
    dispatchPending: async () => ({ held: [], sweep: true, started: 1, running: 0 }),
  });
  try {
    mkdirSync(FOLDER, { recursive: true });
    const missing = Object.keys(STORIES).filter((name) => !existsSync(fileOf(name)));
    for (const name of names.length > 0 ? names : missing) await record(name, worker, show);
  } finally {
    await worker.close();
    await server.close();
  }
}

const fileOf = (name: string) => path.join(FOLDER, `${name}.json`);

/** The history of a run as `temporal workflow show` writes it, which is what a replay reads. */
type Show = (id: string, runId: string) => string;

async function record(name: string, worker: StubbedWorker, show: Show): Promise<void> {
  const story = STORIES[name];
  if (!story) throw new Error(`There is no story "${name}". There are: ${Object.keys(STORIES).join(', ')}.`);
  const number = String(Object.keys(STORIES).indexOf(name)).padStart(4, '0');
  const run = await story(worker, `PR-1000-0000-${number}`);
  await run.result().catch(() => undefined); // cancelled
  const [first = ''] = await run.chain();
  const history = JSON.parse(show(run.id, first)) as object;
  writeFileSync(fileOf(name), `${JSON.stringify(history, withoutStacks, 2)}\n`);
  process.stdout.write(`${fileOf(name)}\n`);
}

/** Stacks name folders of this machine, and a replay does not look at them. */
function withoutStacks(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? undefined : value;
}

if (require.main === module) void main(process.argv.slice(2));
