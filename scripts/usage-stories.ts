import { failure } from '../activities/failure';
import { FailureType } from '../src/domain/failure-type';
import { usageScheduleId, WORKFLOW_TYPE } from '../src/domain/ids';
import { DEFAULT_PATIENCE } from '../src/domain/request-run';
import {
  type CollectedUsage,
  type ContractUsage,
  usageFileId,
  type UsageFileInput,
  type UsageFileStage,
  usageReportId,
} from '../src/domain/usage';
import { startUsageReport } from '../src/temporal/usage-runs';
import { RequestRun } from '../test/support/request-run';
import type { Stub, StubbedWorker, Stubs } from '../test/support/stubbed-worker';
import { inConnect, type Upload } from '../test/support/usage-stubs';
import type { Story } from './request-stories';

const [period, before, skipped] = ['2026-10', '2026-09', '2026-08'];
const totals = { CALLS: { quantity: '12.5' } };
const usageOf = (contractId: string): ContractUsage => ({ contractId, rows: 4, totals, bad: 0 });
const collected = (...contracts: string[]): CollectedUsage => ({
  contracts: contracts.map(usageOf),
  lost: 0,
  bad: [],
  reportedBefore: [before],
});
const sent = (): Upload => ({ kind: 'sent', fileId: 'UF-1', usage: usageOf('CRD-1') });

const productOf = (id: string) => id.replace(/^PR-/, 'PRD-');

/** A month is reported as when a person asks for it. */
async function startReport(worker: StubbedWorker, id: string, collectUsage: Stub): Promise<RequestRun> {
  const report = { productId: productOf(id), period };
  worker.stub(usageReportId(report), { collectUsage });
  await startUsageReport(worker.client, report, { taskQueue: worker.taskQueue, patience: DEFAULT_PATIENCE });
  return new RequestRun(worker.client, usageReportId(report));
}

/** The report of a month starts the usage file of its one contract. */
async function startFile(worker: StubbedWorker, id: string, stubs: Stubs): Promise<RequestRun> {
  const [contractId, productId] = ['CRD-1', productOf(id)];
  const fileId = usageFileId({ productId, contractId, period });
  worker.stub(fileId, inConnect({ uploadUsage: sent, ...stubs }));
  await (await startReport(worker, id, () => collected(contractId))).result();
  return new RequestRun(worker.client, fileId);
}

/** A run takes over from an earlier one, whose file Connect has. */
async function takeOver(worker: StubbedWorker, id: string, left: Partial<UsageFileInput>, stubs: Stubs) {
  const of = { productId: productOf(id), contractId: 'CRD-1', period };
  const usage = usageOf('CRD-1');
  const file = { fileId: 'UF-1', ours: { usage, workbook: '', replaced: undefined } };
  const input: UsageFileInput = { ...of, usage, patience: DEFAULT_PATIENCE, file, ...left };
  const workflowId = usageFileId(of);
  worker.stub(workflowId, inConnect({ uploadUsage: sent, ...stubs }));
  const options = { workflowId, taskQueue: worker.taskQueue, args: [input] };
  await worker.client.workflow.start(WORKFLOW_TYPE.usageFile, options);
  return new RequestRun(worker.client, workflowId);
}

/** Where Connect says that a usage file stands, look by look. */
const looks =
  (...stages: UsageFileStage[]): Stub =>
  (call) =>
    stages[call - 1];

/** The ways that the usage of a month may go. */
export const USAGE_STORIES: Record<string, Story> = {
  'usage-scheduled': async ({ client, taskQueue }, id) => {
    const productId = productOf(id);
    const workflowId = usageScheduleId(productId);
    const input = { productId, timeZone: 'Europe/Madrid', patience: DEFAULT_PATIENCE };
    await client.workflow.start(WORKFLOW_TYPE.scheduledUsage, { workflowId, taskQueue, args: [input] });
    return new RequestRun(client, workflowId);
  },
  'usage-reported': (worker, id) => startReport(worker, id, () => collected('CRD-1', 'CRD-2')),
  'usage-report-parked': async (worker, id) => {
    const bad = [{ row: 5, asset: 'AS-9', mpn: 'CALLS', recordId: 'r-5', problem: 'is of no subscription' }];
    const lost = { ...collected('CRD-1'), lost: 1, bad, reportedBefore: [skipped] };
    const run = await startReport(worker, id, (call) => (call === 1 ? lost : collected('CRD-1')));
    await run.until('parked');
    await run.untilEvents('CHILD_WORKFLOW_EXECUTION_COMPLETED', 1); // or the server might refuse the update on its account
    await run.reprocess();
    return run;
  },
  'usage-file-accepted': async (worker, id) => {
    const run = await startFile(worker, id, { readUsageStage: looks('processing', 'ready', 'pending', 'accepted') });
    await run.untilStep('the distributor looks at it');
    await run.reprocess();
    return run;
  },
  'usage-file-sent-anew': async (worker, id) => {
    let stage: UsageFileStage = 'processing';
    const run = await startFile(worker, id, {
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'accepted'),
    });
    await run.untilStep('Connect reads the workbook');
    stage = 'ready';
    await (await startReport(worker, id, () => collected('CRD-1'))).result();
    return run;
  },
  'usage-file-unread-then-reprocess': async (worker, id) => {
    const unread = { workbook: '', since: '2026-11-05T05:18:03.000Z' };
    const run = await takeOver(worker, id, { unread }, { readUsageStage: looks('draft', 'accepted') });
    await run.until('parked');
    await run.reprocess();
    return run;
  },
  'usage-file-held-back-then-followed': (worker, id) => {
    const patience = { ...DEFAULT_PATIENCE, parkedMs: 1_000 };
    const left = { patience, replace: { workbook: '', stage: 'rejected' as const } };
    const uploadUsage = () => {
      throw failure(FailureType.USAGE_REFUSED, 'one bad record');
    };
    return takeOver(worker, id, left, {
      uploadUsage,
      readUsageStage: looks('rejected', 'rejected', 'accepted', 'accepted'),
    });
  },
  'usage-file-held-back-then-found': (worker, id) => {
    const patience = { ...DEFAULT_PATIENCE, parkedMs: 1_000 };
    const uploadUsage: Stub = (call) => {
      if (call > 1) return { kind: 'found', fileId: 'UF-1' };
      throw failure(FailureType.USAGE_REFUSED, 'one bad record');
    };
    return takeOver(worker, id, { patience, file: undefined }, { uploadUsage, hasUsageFile: (call) => call > 1 });
  },
  'usage-file-kept': async (worker, id) => {
    const run = await startFile(worker, id, {
      uploadUsage: (call) => (call === 1 ? sent() : { kind: 'nothing', bad: 0, notSelected: 4, kept: 'UF-1' }),
      readUsageStage: looks('rejected', 'rejected'),
    });
    await run.until('parked');
    await run.reprocess();
    return run;
  },
  'usage-file-counted-anew': async (worker, id) => {
    let stage: UsageFileStage = 'ready';
    const run = await startFile(worker, id, {
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: (call) => ({ same: call === 1, inConnect: { rows: 4, totals } }),
    });
    await run.untilStep('the distributor looks at it');
    await (await startReport(worker, id, () => collected('CRD-1'))).result();
    await run.untilEvents('UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', 1);
    await run.untilStep('the distributor looks at it');
    stage = 'accepted';
    await run.reprocess();
    return run;
  },
  'usage-file-differs-once-submitted': async (worker, id) => {
    let stage: UsageFileStage = 'ready';
    const run = await startFile(worker, id, {
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: (call) => ({ same: call === 1, inConnect: { rows: 4, totals } }),
    });
    await run.untilStep('the distributor looks at it');
    stage = 'accepted';
    await run.reprocess();
    return run;
  },
  'usage-reported-again': async (worker, id) => {
    const file = await startFile(worker, id, { readUsageStage: () => 'pending' });
    const again = await startReport(worker, id, () => collected('CRD-1'));
    await again.result();
    await file.terminate();
    return again;
  },
  'usage-file-rejected-then-reprocess': async (worker, id) => {
    const readUsageStage = looks('ready', 'pending', 'rejected', 'rejected', 'ready', 'accepted');
    const run = await startFile(worker, id, { readUsageStage });
    await run.untilStep('the distributor looks at it');
    await run.reprocess();
    await run.until('parked');
    await run.reprocess();
    return run;
  },
};
