import { failure } from '../activities/failure';
import { FailureType } from '../src/domain/failure-type';
import { usageScheduleId, WORKFLOW_TYPE } from '../src/domain/ids';
import { DEFAULT_PATIENCE } from '../src/domain/request-run';
import {
  type CollectedUsage,
  type ContractUsage,
  type UploadResult,
  usageFileId,
  type UsageFileStage,
  usageReportId,
} from '../src/domain/usage';
import { startUsageReport } from '../src/temporal/usage-runs';
import { RequestRun } from '../test/support/request-run';
import type { Stub, StubbedWorker, Stubs } from '../test/support/stubbed-worker';
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
const sent = (fresh: boolean): UploadResult => ({ kind: 'sent', fileId: 'UF-1', fresh, rows: 4, totals, bad: 0 });

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
  worker.stub(fileId, { uploadUsage: () => sent(true), ...stubs });
  await (await startReport(worker, id, () => collected(contractId))).result();
  return new RequestRun(worker.client, fileId);
}

/** Where Connect says that a usage file stands, look by look. */
const looks =
  (...stages: (UsageFileStage | 'rejected')[]): Stub =>
  (call) => {
    const stage = stages[call - 1];
    if (stage === 'rejected')
      throw failure(FailureType.USAGE_REJECTED, 'The distributor rejected UF-1: twice the usual');
    return stage;
  };

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
  'usage-file-sent-anew': (worker, id) =>
    startFile(worker, id, {
      uploadUsage: (call) => sent(call > 1),
      checkUsageTotals: (call) => call > 1,
      readUsageStage: looks('ready', 'ready', 'accepted'),
    }),
  'usage-file-kept': (worker, id) =>
    startFile(worker, id, {
      uploadUsage: (call) => (call === 1 ? sent(false) : { kind: 'nothing', bad: 0, notSelected: 4, kept: 'UF-1' }),
      checkUsageTotals: () => false,
      readUsageStage: looks('ready'),
    }),
  'usage-file-counted-anew': async (worker, id) => {
    let stage: UsageFileStage = 'ready';
    const run = await startFile(worker, id, {
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: (call) => ({ same: call === 1, rows: 4, totals }),
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
      checkUsageTotals: (call) => ({ same: call === 1, rows: 4, totals }),
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
    const readUsageStage = looks('ready', 'pending', 'rejected', 'ready', 'accepted');
    const run = await startFile(worker, id, { readUsageStage });
    await run.untilStep('the distributor looks at it');
    await run.reprocess();
    await run.until('parked');
    await run.reprocess();
    return run;
  },
};
