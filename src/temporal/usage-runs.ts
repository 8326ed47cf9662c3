import {
  type Client,
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
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
 * @throws Error where the run does not say where it stands, for another reason than that no worker answers
 */
export async function usageRun(client: Client, id: string, deadlineMs?: number): Promise<UsageRun | undefined> {
  const before = await describe(client, id);
  if (!before) return undefined;
  const said = isOpen(before) ? await progressUnlessSilent(client, id, deadlineMs) : undefined;
  // A run notes what it finds before it goes on, so its findings are read after its step.
  const description = (said && (await describe(client, id))) ?? before;
  const { runId, typedSearchAttributes } = description;
  const status = description.status.name.toLowerCase();
  const handle = client.workflow.getHandle<() => Promise<ReportUsageResult | UsageFileResult>>(id, runId);
  return {
    id,
    status,
    progress: isOpen(description) ? (said ?? byAttributes(description)) : undefined,
    isSilent: isOpen(description) && said === undefined,
    findings: typedSearchAttributes.get(CONNECT_FINDING)?.split(' ') ?? [],
    result: status === 'completed' ? await handle.result() : undefined,
  };
}

const isOpen = ({ status }: Pick<WorkflowExecutionInfo, 'status'>) => status.name === 'RUNNING';

async function describe(client: Client, id: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(id).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** How the server says that no worker is there, or that it has not asked one yet, since the run has just begun. */
const NOBODY_ASKED = /^no poller seen|^workflow task is not scheduled/i;

/** @returns undefined where no worker answers */
async function progressUnlessSilent(client: Client, id: string, deadlineMs?: number): Promise<Progress | undefined> {
  try {
    return await progressOf(client, id, deadlineMs);
  } catch (error) {
    if (isGrpcDeadlineError(error) || isGrpcCancelledError(error)) return undefined;
    const { cause, message } = error as Error;
    const why = isGrpcServiceError(cause) ? cause.details : message;
    if (NOBODY_ASKED.test(why)) return undefined;
    throw new Error(`${id} does not say where it stands: ${why}`, { cause: error });
  }
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

/** The newest run of a report, or of a usage file, as Temporal's list shows it: some moments late. */
export interface ListedUsageRun {
  /** Its workflow's. */
  id: string;
  productId: string;
  /** Empty of a report. */
  contractId: string;
  /** `2026-10` */
  period: string;
  isOpen: boolean;
  /** Of a closed one, its last, as are the next. */
  phase: string;
  reason: string;
  /** `differs`; of several, with a space between. */
  finding: string;
}

/** Those that Temporal knows, open or closed. */
export async function usageRuns(client: Client): Promise<ListedUsageRun[]> {
  const newest = new Map<string, WorkflowExecutionInfo>();
  const query = `WorkflowType IN ('${WORKFLOW_TYPE.usageReport}', '${WORKFLOW_TYPE.usageFile}')`;
  for await (const run of client.workflow.list({ query })) {
    const known = newest.get(run.workflowId);
    if (!known || known.startTime < run.startTime) newest.set(run.workflowId, run);
  }
  return [...newest.values()].map((run) => {
    const { workflowId: id, typedSearchAttributes: attributes } = run;
    const productId = attributes.get(CONNECT_PRODUCT_ID) ?? '';
    const rest = id.slice(usageScheduleId(productId).length);
    const [, contractId = '', period = ''] = /^(?:-(.+))?-(\d{4}-\d{2})$/.exec(rest) ?? [];
    return {
      id,
      productId,
      contractId,
      period,
      isOpen: isOpen(run),
      phase: attributes.get(CONNECT_PHASE) ?? '',
      reason: attributes.get(CONNECT_REASON) ?? '',
      finding: attributes.get(CONNECT_FINDING) ?? '',
    };
  });
}
