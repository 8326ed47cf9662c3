import {
  type Client,
  isGrpcServiceError,
  type WorkflowExecutionInfo,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { requestKind, WORKFLOW_TYPE } from '../domain/ids';
import { NOTHING_TO_REPROCESS, type Progress, PROGRESS, RECHECK, REPROCESS, type Reprocess } from '../domain/messages';
import { type RequestResult, VENDOR_WAIT, type VendorWait } from '../domain/request-run';
import {
  CONNECT_ASSET_ID,
  CONNECT_CREATED_AT,
  CONNECT_PHASE,
  CONNECT_PRODUCT_ID,
  CONNECT_REASON,
  CONNECT_REQUEST_TYPE,
  inPhase,
} from '../domain/search-attributes';
import { NO_ROUNDS, roundsNow } from './schedules';

/** An open or closed run of a request's workflow, as Temporal's list shows it. */
export interface RequestRun {
  id: string;
  runId: string;
  type: string;
  productId: string;
  assetId: string;
  phase: string;
  reason: string;
  /** `running`, `completed`, `continued_as_new`, `canceled`, `terminated`, … */
  status: string;
  /** When the request was created in Connect; empty where that is not known. */
  created: string;
  startedAt: string;
  closedAt: string | undefined;
}

/** A run of one request, among the others. */
export interface RunInChain extends RequestRun {
  /** The vendor's wait with which it ended; undefined where it ended otherwise. */
  wait: VendorWait | undefined;
}

type Info = Omit<WorkflowExecutionInfo, 'raw'>;

const DEADLINE_MS = 10_000;

/** @param phase only those in it; undefined for every open run */
export function openRuns(client: Client, phase?: 'retrying' | 'parked'): AsyncIterable<RequestRun> {
  const types = `WorkflowType IN ('${WORKFLOW_TYPE.fulfillment}', '${WORKFLOW_TYPE.tierConfig}')`;
  return runs(client, `${types} AND ${phase ? inPhase(phase) : "ExecutionStatus = 'Running'"}`);
}

/** Has an open run look whether its request is pending still; a closed one needs not. */
export async function recheck(client: Client, id: string): Promise<void> {
  try {
    await client.workflow.getHandle(id).signal(RECHECK);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

export async function isOpen(client: Client, id: string): Promise<boolean> {
  return (await describeRun(client, id))?.status.name === 'RUNNING';
}

/**
 * The chain of runs of one request, newest first: each inquiry, wait and reprocess began another. Temporal's list follows what happens by some
 * moments, so the newest run is asked for by itself, and so is an older one that is listed as open.
 */
export async function runsOf(client: Client, id: string): Promise<RunInChain[]> {
  const newest = await describeRun(client, id);
  const chain = newest ? [newest] : [];
  for await (const run of client.workflow.list({ query: `WorkflowId = '${id}'` })) {
    if (run.runId === newest?.runId) continue;
    chain.push((run.status.name === 'RUNNING' && (await describeRun(client, id, run.runId))) || run);
  }
  const waits = new Map(chain.map(waitBefore).map((wait) => [wait?.runId, wait]));
  return chain
    .map((run) => ({ ...toRun(run), wait: waits.get(run.runId) }))
    .sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1)); // one that has begun meanwhile is listed too
}

/** The last wait with which a run before this one ended. */
const waitBefore = ({ memo }: Info) => memo?.[VENDOR_WAIT] as VendorWait | undefined;

/** @param runId default: the newest */
async function describeRun(client: Client, id: string, runId?: string): Promise<Info | undefined> {
  try {
    return await client.workflow.getHandle(id, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function* runs(client: Client, query: string): AsyncGenerator<RequestRun> {
  for await (const info of client.workflow.list({ query })) yield toRun(info);
}

function toRun({
  workflowId,
  runId,
  status,
  startTime,
  closeTime,
  typedSearchAttributes: attributes,
}: Info): RequestRun {
  return {
    id: workflowId,
    runId,
    type: attributes.get(CONNECT_REQUEST_TYPE) ?? '',
    productId: attributes.get(CONNECT_PRODUCT_ID) ?? '',
    assetId: attributes.get(CONNECT_ASSET_ID) ?? '',
    phase: attributes.get(CONNECT_PHASE) ?? '',
    reason: attributes.get(CONNECT_REASON) ?? '',
    status: status.name.toLowerCase(),
    created: attributes.get(CONNECT_CREATED_AT)?.toISOString() ?? '',
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString(),
  };
}

/**
 * Where an open run stands, by its own word.
 *
 * @param deadlineMs how long a worker has for its answer; default 10 s
 * @throws Error where none answers
 */
export async function progressOf(client: Client, id: string, deadlineMs = DEADLINE_MS): Promise<Progress> {
  return await client.connection.withDeadline(Date.now() + deadlineMs, () =>
    client.workflow.getHandle(id).query<Progress>(PROGRESS),
  );
}

/** How a closed run ended; undefined where it did not return. */
export async function resultOf(client: Client, { id, runId, status }: RequestRun): Promise<RequestResult | undefined> {
  if (status !== 'completed') return undefined;
  return await client.workflow.getHandle<() => Promise<RequestResult>>(id, runId).result();
}

/** What became of asking a run to try now. */
export interface ReprocessAnswer {
  id: string;
  accepted: boolean;
  /** True where no worker has answered yet: Temporal keeps the request, and a worker hears it once one runs. */
  pending?: boolean;
  /** True where there is nothing to try: the run is well, or has ended. */
  nothingToDo?: boolean;
  /** What the run does now, or why it does nothing. */
  said: string;
}

/**
 * Asks the run of a request, or of usage reporting, to try now, and hears whether it was accepted. Never throws for what one request answers.
 *
 * @param deadlineMs how long a worker has for its answer; default 10 s
 */
export async function reprocess(
  client: Client,
  id: string,
  request: Reprocess,
  deadlineMs = DEADLINE_MS,
): Promise<ReprocessAnswer> {
  const handle = client.workflow.getHandle(id);
  const ask = () =>
    client.connection.withDeadline(Date.now() + deadlineMs, () =>
      handle.executeUpdate<string, [Reprocess]>(REPROCESS, { args: [request] }),
    );
  try {
    const said = await ask().catch(async (error: unknown) => {
      if (isGivenBack(error)) return await ask();
      throw error;
    });
    return { id, accepted: true, said };
  } catch (error) {
    if (isGivenBack(error)) return { id, accepted: false, said: 'The run was busy with something else. Ask again.' };
    if (error instanceof WorkflowUpdateFailedError) {
      const { cause, message } = error;
      const nothingToDo = cause instanceof ApplicationFailure && cause.type === NOTHING_TO_REPROCESS;
      return { id, accepted: false, nothingToDo, said: cause?.message ?? message };
    }
    if (error instanceof WorkflowNotFoundError) {
      const said = requestKind(id) ? await startedByRound(client) : STARTED_BY_REPORT;
      return { id, accepted: false, nothingToDo: true, said };
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      const said = `Not answered yet: no worker did within ${deadlineMs / 1000} s. Temporal keeps the request, and a worker hears it once one runs.`;
      return { id, accepted: false, pending: true, said };
    }
    throw error;
  }
}

/** So many are asked at once: where no worker runs, each keeps us waiting to its deadline. */
const AT_ONCE = 10;

/** Asks many as `reprocess` asks one. @returns the answers, in the order of the ids */
export async function* reprocessEach(
  client: Client,
  ids: Iterable<string>,
  request: Reprocess,
  deadlineMs = DEADLINE_MS,
): AsyncGenerator<ReprocessAnswer> {
  const all = [...ids];
  for (let first = 0; first < all.length; first += AT_ONCE) {
    const asked = all.slice(first, first + AT_ONCE).map((id) => reprocess(client, id, request, deadlineMs));
    void Promise.allSettled(asked); // one that fails is heard of in its turn
    for (const answer of asked) yield await answer;
  }
}

async function startedByRound(client: Client): Promise<string> {
  const rounds = await roundsNow(client);
  if (rounds !== 'scheduled') return `No run is open, and no round would start one: ${NO_ROUNDS[rounds]}.`;
  return 'No run is open. If the request is pending in Connect and its type has a handler, a round starts one, the next full sweep at the latest.';
}

const STARTED_BY_REPORT =
  'No run is open. The report of its month starts one: connect-processor usage report --product PRD-… --period YYYY-MM.';

const FAILED_PRECONDITION = 9; // gRPC's number

/** The server gives an update back unheard where something else reached the run while it went on, such as the end of a child. */
function isGivenBack(error: unknown): boolean {
  return error instanceof Error && isGrpcServiceError(error.cause) && Number(error.cause.code) === FAILED_PRECONDITION;
}
