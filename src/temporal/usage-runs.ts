import {
  type Client,
  type WorkflowExecutionDescription,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { usageScheduleId, WORKFLOW_TYPE } from '../domain/ids';
import { type Progress } from '../domain/messages';
import type { Patience } from '../domain/request-run';
import {
  CONNECT_FINDING,
  CONNECT_PHASE,
  CONNECT_PRODUCT_ID,
  CONNECT_REASON,
  CONNECT_REQUEST_TYPE,
} from '../domain/search-attributes';
import { type ReportUsageInput, type ReportUsageResult, type UsageFileResult, usageReportId } from '../domain/usage';
import { progressOf } from './request-runs';

/** Starts the report of a month, unless one is under way: then that one is it. */
export async function startUsageReport(
  client: Client,
  input: ReportUsageInput,
  { taskQueue, patience }: { taskQueue: string; patience: Patience },
): Promise<'started' | 'running'> {
  const { productId, period } = input;
  try {
    await client.workflow.start(WORKFLOW_TYPE.usageReport, {
      workflowId: usageReportId(input),
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      taskQueue,
      workflowTaskTimeout: '5 s',
      args: [{ ...input, patience }],
      staticSummary: `usage of ${productId} in ${period}`,
      typedSearchAttributes: [
        { key: CONNECT_PHASE, value: 'running' },
        { key: CONNECT_REQUEST_TYPE, value: 'usage-report' },
        { key: CONNECT_PRODUCT_ID, value: productId },
      ],
    });
    return 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'running';
    throw error;
  }
}

/** Where a report, or a usage file's workflow, stands. */
export interface UsageRun {
  id: string;
  /** `running`, `completed`, `terminated`, … */
  status: string;
  /** Of an open run. */
  progress: Progress | undefined;
  /** What somebody should look at: `zero`, `skipped`, `differs`. */
  findings: string[];
  /** True of an open run for which no worker has answered within 10 s: `progress` is what Temporal itself knows. */
  isSilent: boolean;
  /** Of one that has come to its end. */
  result: ReportUsageResult | UsageFileResult | undefined;
}

/**
 * @param deadlineMs how long a worker has for its answer; default 10 s
 * @returns undefined where Temporal has none, or keeps it no longer
 */
export async function usageRun(client: Client, id: string, deadlineMs?: number): Promise<UsageRun | undefined> {
  const handle = client.workflow.getHandle<() => Promise<ReportUsageResult | UsageFileResult>>(id);
  let description: WorkflowExecutionDescription;
  try {
    description = await handle.describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
  const status = description.status.name.toLowerCase();
  const said = status === 'running' ? await progressOf(client, id, deadlineMs).catch(() => undefined) : undefined;
  const isSilent = status === 'running' && said === undefined;
  return {
    id,
    status,
    progress: isSilent ? byAttributes(description) : said,
    isSilent,
    findings: description.typedSearchAttributes.get(CONNECT_FINDING)?.split(' ') ?? [],
    result: status === 'completed' ? await handle.result() : undefined,
  };
}

/** What Temporal itself knows of an open run that no worker answers for. */
function byAttributes({ typedSearchAttributes: attributes }: WorkflowExecutionDescription): Progress {
  const phase = attributes.get(CONNECT_PHASE);
  return {
    phase: phase === 'parked' || phase === 'retrying' ? phase : 'running',
    step: 'no worker answers',
    reason: attributes.get(CONNECT_REASON) ?? '',
  };
}

/** An open run of usage reporting: a report, or a usage file. */
export interface OpenUsageRun {
  /** Its workflow's. */
  id: string;
  productId: string;
  /** Empty of a report. */
  contractId: string;
  /** `2026-10` */
  period: string;
  phase: string;
  reason: string;
}

export async function openUsageRuns(client: Client): Promise<OpenUsageRun[]> {
  const types = `WorkflowType IN ('${WORKFLOW_TYPE.usageReport}', '${WORKFLOW_TYPE.usageFile}')`;
  const runs: OpenUsageRun[] = [];
  for await (const run of client.workflow.list({ query: `${types} AND ExecutionStatus = 'Running'` })) {
    const { workflowId: id, typedSearchAttributes: attributes } = run;
    const productId = attributes.get(CONNECT_PRODUCT_ID) ?? '';
    const rest = id.slice(usageScheduleId(productId).length);
    const [, contractId = '', period = ''] = /^(?:-(.+))?-(\d{4}-\d{2})$/.exec(rest) ?? [];
    runs.push({
      id,
      productId,
      contractId,
      period,
      phase: attributes.get(CONNECT_PHASE) ?? '',
      reason: attributes.get(CONNECT_REASON) ?? '',
    });
  }
  return runs;
}
