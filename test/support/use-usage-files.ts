import { randomUUID } from 'node:crypto';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { WORKFLOW_TYPE } from '../../src/domain/ids';
import { DEFAULT_PATIENCE, type Patience } from '../../src/domain/request-run';
import {
  type CollectedUsage,
  type ContractUsage,
  type SeenWorkbook,
  type UploadResult,
  type UsageCheck,
  usageFileId,
  type UsageFileInput,
  type UsageFileLook,
  type UsageFileStage,
  usageReportId,
} from '../../src/domain/usage';
import { startUsageReport } from '../../src/temporal/usage-runs';
import { RequestRun } from './request-run';
import type { Stubs } from './stubbed-worker';
import { inConnect, type Upload } from './usage-stubs';
import { useWorkflows } from './use-workflows';
import { waitFor } from './wait-for';

export const period = '2026-10';
export const contractId = 'CRD-1';

/** How a run shows that its file is with the distributor. */
export const WAITING = 'the distributor looks at it';

/** What a report counted. */
export const usage = (rows: number): ContractUsage => ({
  contractId,
  rows,
  totals: { CALLS: { quantity: `${rows}` } },
  bad: 0,
});

/** The same, told apart from others of the same sums by a digest. */
export const counting = (rows: number, records: string) => ({ ...usage(rows), digests: digests(records) });
export const digests = (records: string) => ({ records, shares: records });

/** What the step answers that has uploaded, or found, a file. */
export const sent = (rows: number): Upload => ({ kind: 'sent', fileId: 'UF-1', usage: usage(rows) });
export const uploaded = (rows: number, records: string): Upload => ({ ...sent(rows), usage: counting(rows, records) });
export const found: UploadResult = { kind: 'found', fileId: 'UF-1' };

/** Whether Connect has read what the vendor reports, and how much it has read. */
export const read = (same: boolean, rows = 1): UsageCheck => ({
  same,
  inConnect: { rows, totals: usage(rows).totals },
});

/** What a look shows of a file into which somebody else has uploaded. */
export const theirs = (stage: UsageFileStage): UsageFileLook => ({
  stage,
  workbook: 'theirs',
  problem: `it is ${stage}`,
});

export const isRefused = () => {
  throw failure(FailureType.CONNECT_REJECTED, 'the key lacks a right');
};
export const refuses = () => {
  throw failure(FailureType.USAGE_REFUSED, 'one bad record');
};
export const isDown = () => {
  throw failure(FailureType.CONNECT_UNAVAILABLE, 'Connect is down', { retryAfterMs: 600_000 });
};

/** Usage files whose month is reported as often as a test likes. What the vendor counts, and what Connect says, is up to the test. */
export function useUsageFiles() {
  const worker = useWorkflows();

  /** Of a product of its own. */
  function product(stubs: Stubs, patience: Partial<Patience> = {}) {
    const productId = `PRD-${randomUUID()}`;
    const of = { productId, period };
    const fileId = usageFileId({ ...of, contractId });
    worker.stub(fileId, inConnect(stubs));
    const file = new RequestRun(worker.client, fileId);
    const options = { taskQueue: worker.taskQueue, patience: { ...DEFAULT_PATIENCE, quietMs: 0, ...patience } };
    const reportOf = async (counted: ContractUsage) => {
      const what =
        counted.rows > 0 ? { contracts: [counted] } : { contracts: [], withdrawn: [{ ...counted, totals: {} }] };
      const collectUsage = (): CollectedUsage => ({ ...what, lost: 0, bad: [], reportedBefore: ['2026-09'] });
      worker.stub(usageReportId(of), { collectUsage });
      await startUsageReport(worker.client, of, options);
      return await new RequestRun(worker.client, usageReportId(of)).result();
    };
    return {
      file,
      /** A run that takes over from an earlier one, with what that has left; or with nothing. */
      async goOn(left: Pick<UsageFileInput, 'usage' | 'file' | 'unread'>) {
        const args = [{ ...of, contractId, patience: options.patience, ...left }];
        const run = { workflowId: fileId, taskQueue: worker.taskQueue, args };
        return await worker.client.workflow.start(WORKFLOW_TYPE.usageFile, run);
      },
      /** Names of the activities that were called for the file, in order. */
      steps: () => worker.calls(fileId).map(([called]) => called),
      /** The workbook that each was to replace; undefined for a first one. */
      uploads: () =>
        worker
          .calls(fileId)
          .filter(([called]) => called === 'uploadUsage')
          .map(([, seen]) => (seen as SeenWorkbook | undefined)?.workbook),
      reportOf,
      report: (rows: number) => reportOf(usage(rows)),
      untilFinding: (wanted: 'differs' | undefined) =>
        waitFor(
          `the finding ${wanted}`,
          () => file.searchAttributes(),
          ({ ConnectFinding: finding }) => finding === wanted,
        ),
      untilTrouble: (wanted: string) =>
        waitFor(
          wanted,
          () => file.progress(),
          ({ failureType }) => failureType === wanted,
        ),
    };
  }

  return { worker, product };
}
