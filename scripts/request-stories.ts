import { failure } from '../activities/failure';
import { FailureType } from '../src/domain/failure-type';
import { WORKFLOW_TYPE } from '../src/domain/ids';
import { RequestRun } from '../test/support/request-run';
import { approves, type StubbedWorker } from '../test/support/stubbed-worker';

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

/** What happens to a workflow. Of its runs the first is kept. @param id of a request, that no other story has */
export type Story = (worker: StubbedWorker, id: string) => Promise<RequestRun>;

const parked =
  (reprocess: (run: RequestRun) => Promise<unknown>, parkedMs = 86_400_000): Story =>
  async (worker, id) => {
    const refusedOnce = (call: number) => (call === 1 ? isRefused() : undefined);
    const run = await worker.start({ approveRequest: refusedOnce }, { id, patience: { parkedMs } });
    await reprocess(run);
    return run;
  };

/** The ways that a request may go, and a round. */
export const REQUEST_STORIES: Record<string, Story> = {
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
  'put-off-and-due': (worker, id) => {
    const plannedDate = '2020-03-01T00:00:00+00:00';
    const askVendor = (call: number) =>
      call === 1 ? { kind: 'schedule', params: [], plannedDate, plannedBefore: '' } : approves();
    return worker.start({ askVendor, scheduleRequest: () => 'due' }, { id });
  },
  'put-off-refused': async (worker, id) => {
    const plannedDate = '2099-03-01T00:00:00+00:00';
    const askVendor = (call: number) =>
      call === 1 ? { kind: 'schedule', params: [], plannedDate, plannedBefore: plannedDate } : approves();
    const run = await worker.start({ askVendor, scheduleRequest: isRefused }, { id });
    await run.until('parked');
    await run.reprocess();
    return run;
  },
  'rechecked-then-noop': async (worker, id) => {
    const askVendor = () => ({ kind: 'wait', params, seconds: 600 });
    const run = await worker.start({ askVendor, readStatus: (call) => (call === 1 ? 'pending' : 'failed') }, { id });
    await run.untilStep('vendor asked to wait');
    await run.signalRecheck();
    await run.untilEvents('TIMER_STARTED', 2); // it has looked, and rests on
    await run.signalRecheck();
    return run;
  },
  'rechecked-then-revoked': async (worker, id) => {
    const askVendor = (call: number) =>
      call === 1 ? { kind: 'wait', params, seconds: 600 } : { kind: 'confirm', params: [] };
    const run = await worker.start({ askVendor, readStatus: () => 'revoking' }, { id });
    await run.untilStep('vendor asked to wait');
    await run.signalRecheck();
    return run;
  },
  'revoked-meanwhile': (worker, id) =>
    worker.start(
      { askVendor: (call) => (call === 1 ? { kind: 'revoking' } : { kind: 'confirm', params: [] }) },
      { id },
    ),
  'refused-then-noop': async (worker, id) =>
    await worker.start(
      { askVendor: () => approves(1, params), saveParams: isRefused, readStatus: () => 'failed' },
      { id },
    ),
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
