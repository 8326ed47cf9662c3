import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { PollMemory, PollResult } from '../src/domain/poll';
import type { StartRequest } from '../src/domain/request-run';
import {
  countLeft,
  createLeftLog,
  createWhyLeft,
  handlerOf,
  type IsOpen,
  type LeftLog,
  oneAtATime,
  sortOut,
  type WhyLeftDependencies,
} from './left';
import { listPending } from './list-pending';
import { lastLookOf, look, watermarkOf } from './look';
import { countOverdue } from './overdue';
import { inOrder, type PendingRequest, place } from './pending';
import { backlogOf, measureRound } from './round-metrics';
import { recheckOthers } from './recheck';
import { startInOrder, type Tally } from './start-in-order';

export interface DispatchDependencies extends WhyLeftDependencies {
  connect: Pick<ConnectClient, 'requests' | 'tierConfigRequests'>;
  /** Ids of the products whose requests are ours. */
  products: readonly string[];
  /** Throws a RangeError where the request itself cannot be started; anything else may be the Temporal server's fault. */
  startRequest: StartRequest;
  /** How many open runs are in a phase; asked once a round, for the metrics. */
  countInPhase(phase: 'retrying' | 'parked'): Promise<number>;
  /** The open runs, each by its request's id, with the type that it was started for, and the product; empty where that is not known. */
  openRuns(): AsyncIterable<{ id: string; type: string; productId: string }>;
  isOpen: IsOpen;
  /** Has an open run look whether its request is pending still, or being revoked. A run that has closed meanwhile is no fault. */
  recheck(id: string): Promise<void>;
  fullSweepIntervalMs: number;
}

/** What a heartbeat carries: an attempt after a crash goes on behind the last request that was seen to. */
interface Cursor extends Tally {
  after: string;
  /** When the first attempt looked, by Connect's clock: what came since may stand before `after`, and is for the next round. */
  lookedAt?: string;
}

export function createDispatch(dependencies: DispatchDependencies) {
  const leftLog = createLeftLog();

  return {
    /**
     * One round: lists what is pending, completely, and only then starts, since requests leave the list while it is read.
     *
     * An idle round costs one small call for each of the two collections.
     *
     * @param memory the result of the last successful round; without it everything is listed
     * @throws what a list or the Temporal server answered: after all that could be started was, so that the next round looks again
     */
    async dispatchPending(memory?: PollMemory): Promise<PollResult> {
      const cursor = (activityInfo().heartbeatDetails as Cursor | undefined) ?? beginning();
      const timer = setInterval(() => heartbeat(cursor), 3_000);
      try {
        return await round(dependencies, leftLog, cursor, memory);
      } finally {
        clearInterval(timer);
      }
    },
  };
}

function beginning(): Cursor {
  return { after: '', started: 0, running: 0, troubled: [] };
}

/** @param cursor how far an earlier attempt came; this one moves it on */
async function round(
  { connect, products, countInPhase, ...dependencies }: DispatchDependencies,
  leftLog: LeftLog,
  cursor: Cursor,
  memory: PollMemory | undefined,
): Promise<PollResult> {
  const begun = Date.now();
  const resumed = cursor.after !== '';
  const last = lastLookOf(memory, dependencies.fullSweepIntervalMs);
  const seen = await look((span) => listPending(connect, products, span, cancellationSignal()), last);
  const complete = seen.errors.length === 0;
  if (seen.answeredAt) cursor.lookedAt ??= seen.answeredAt;
  if (!last && complete) leftLog.forgetAllBut(seen.requests);

  const whyLeft = createWhyLeft(dependencies);
  const sorted = sortOut(inOrder(seen.requests.values()), whyLeft);
  const { first, behind, left } = await oneAtATime(sorted, dependencies.isOpen);
  leftLog.say(left);
  const rest = first.filter((request) => place(request) > cursor.after);
  await startInOrder(rest, cursor, starterOf(dependencies), (request) => {
    // Behind an incomplete list there is no place to go on from: what could not be listed may stand before it.
    if (complete) cursor.after = place(request);
    heartbeat(cursor);
  });

  const sawAll = !last && complete;
  const rechecked = sawAll && seen.settled ? await recheckOthers(seen.requests, products, dependencies) : 0;
  const overdue = sawAll && seen.settled ? await countOverdue(connect, products, whyLeft) : undefined;
  const { unhandled, ...notSelected } = countLeft(left);
  const waiting = behind.map(({ request }) => request);
  const backlog = backlogOf([...first, ...waiting], seen.answeredAt);
  const swept = sawAll ? { ...backlog, left: { unhandled, ...notSelected }, overdue } : undefined;
  await measureRound({ begun, swept, countInPhase });
  if (!complete) throw seen.errors[0];

  const { started, running, troubled, lookedAt } = cursor;
  // What was behind at the first attempt may be first by now, and stands before the place from which this one went on.
  const overlooked = resumed || !seen.settled;
  const sweptAt = last ? last.sweptAt : lookedAt;
  return {
    ...(lookedAt && { watermark: watermarkOf(lookedAt) }),
    ...(sweptAt && !overlooked && { sweptAt }),
    held: [...new Set([...waiting.map(({ id }) => id), ...troubled])],
    sweep: !last,
    started,
    running,
    left: notSelected,
    unhandled,
    behind: behind.length,
    troubled: troubled.length,
    rechecked,
    ...(overdue !== undefined && { overdue }),
  };
}

function starterOf({ startRequest, vendorOf }: Pick<DispatchDependencies, 'startRequest' | 'vendorOf'>) {
  return (request: PendingRequest) => {
    const { id, type, productId, assetId, created, sliZone } = request;
    const { seconds, releases } = handlerOf(request, vendorOf) ?? {};
    return startRequest({
      id,
      type: type || 'unreadable',
      ...(productId && { productId }),
      ...(assetId && { assetId }),
      ...(!Number.isNaN(Date.parse(created)) && { created }),
      ...(sliZone !== undefined && { sliZone }),
      ...(seconds && { handlerSeconds: seconds }),
      ...(releases && { releases }),
    });
  };
}
