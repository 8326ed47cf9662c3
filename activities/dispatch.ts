import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { PollMemory, PollResult } from '../src/domain/poll';
import type { StartRequest } from '../src/domain/request-run';
import { listPending, type Span } from './list-pending';
import { inOrder, oldestOfEach, type PendingRequest, place } from './pending';
import { ageOfOldest, measureRound } from './round-metrics';

export interface DispatchDependencies {
  connect: Pick<ConnectClient, 'requests' | 'tierConfigRequests'>;
  /** Ids of the products whose requests are ours. */
  products: readonly string[];
  /** Throws a RangeError where the request itself cannot be started; anything else may be the Temporal server's fault. */
  startRequest: StartRequest;
  /** The handler for a type of request; undefined where the vendor has none. */
  handlerFor(type: string): { seconds: number | undefined } | undefined;
  /** How many open runs are in a phase; asked once a round, for the metrics. */
  countInPhase(phase: 'retrying' | 'parked'): Promise<number>;
  fullSweepIntervalMs: number;
}

/** What a heartbeat carries: an attempt after a crash goes on behind the last request that was seen to. */
interface Cursor {
  after: string;
  /** When the first attempt looked, by Connect's clock: what came since may stand before `after`, and is for the next round. */
  lookedAt?: string;
  started: number;
  running: number;
  troubled: string[];
}

const AT_ONCE = 20;
const MOST_HELD = 500;

/** A change that Connect commits late carries an earlier time than our last look: so much is looked at again. */
const OVERLAP_MS = 60_000;

export function createDispatch(dependencies: DispatchDependencies) {
  const { connect, products, startRequest, handlerFor } = dependencies;
  const shownUnhandled = new Set<string>();

  /** Everything now and then; between, what changed since the last look and what was held back then. */
  async function look(memory: PollMemory | undefined, sweep: boolean) {
    const signal = cancellationSignal();
    const list = (span: Span) => listPending(connect, products, span, signal);
    const spans: Span[] = sweep ? ['everything'] : [{ since: memory!.watermark! }, { ids: memory!.held }];

    const listings = [];
    for (const span of spans) listings.push(await list(span));
    const requests = new Map(listings.flatMap((listing) => [...listing.requests]));
    if (!sweep) {
      // An older request of the same subscription may be pending since before the last look. A purchase is always the first.
      const assets = new Set<string>();
      for (const { type, assetId } of requests.values()) {
        if (assetId?.startsWith('AS-') && type !== 'purchase') assets.add(assetId);
      }
      const beside = await list({ assets: [...assets] });
      listings.push(beside);
      for (const [id, request] of beside.requests) requests.set(id, request);
    }
    for (const { id, problem } of listings.flatMap(({ unreadable }) => [...unreadable.values()])) {
      log.error('Connect lists a pending request that cannot be read', { requestId: id, problem });
    }
    const errors = listings.flatMap((listing) => listing.errors);
    const settled = listings.every((listing) => listing.settled);
    return { requests, answeredAt: listings[0]?.answeredAt, errors, settled };
  }

  function forgetUnhandled(listed: ReadonlyMap<string, unknown>): void {
    for (const id of shownUnhandled) if (!listed.has(id)) shownUnhandled.delete(id);
  }

  function leaveUnhandled(request: PendingRequest): void {
    if (shownUnhandled.has(request.id)) return;
    shownUnhandled.add(request.id);
    log.warn('left pending: the vendor has no handler for this type of request', {
      requestId: request.id,
      type: request.type,
    });
  }

  /** Starts a batch. @throws where the Temporal server is at fault, and not an order */
  async function startBatch(batch: readonly PendingRequest[], cursor: Cursor): Promise<void> {
    const problems: { id: string; error: unknown }[] = [];
    await Promise.all(
      batch.map(async ({ id, type, productId, assetId }) => {
        try {
          const seconds = handlerFor(type)?.seconds;
          const state = await startRequest({
            ...{ id, type: type || 'unreadable' },
            ...(productId && { productId }),
            ...(assetId && { assetId }),
            ...(seconds && { handlerSeconds: seconds }),
          });
          cursor[state]++;
        } catch (error) {
          problems.push({ id, error });
          log.error('a request could not be started; the next round tries again', {
            requestId: id,
            error: String(error),
          });
        }
      }),
    );
    if (problems.length === batch.length && isServersFault(problems, cursor)) throw problems[0]!.error;
    cursor.troubled.push(...problems.map(({ id }) => id));
  }

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
      const begun = Date.now();
      const sweep = needsSweep(memory, dependencies.fullSweepIntervalMs);
      const cursor = (activityInfo().heartbeatDetails as Cursor | undefined) ?? {
        ...{ after: '', started: 0, running: 0, troubled: [] },
      };
      const resumed = cursor.after !== '';
      const timer = setInterval(() => heartbeat(cursor), 3_000);
      try {
        const { requests, answeredAt, errors, settled } = await look(memory, sweep);
        if (sweep && errors.length === 0) forgetUnhandled(requests);
        if (answeredAt) cursor.lookedAt ??= answeredAt;
        const handled = inOrder(requests.values()).filter((request) => {
          const ours = request.type === '' || handlerFor(request.type) !== undefined;
          if (!ours) leaveUnhandled(request);
          return ours;
        });
        const { first, behind } = oldestOfEach(handled);

        const rest = first.filter((request) => place(request) > cursor.after);
        for (let i = 0; i < rest.length; i += AT_ONCE) {
          cancellationSignal().throwIfAborted();
          const batch = rest.slice(i, i + AT_ONCE);
          await startBatch(batch, cursor);
          // Behind an incomplete list there is no place to go on from: what could not be listed may stand before it.
          if (errors.length === 0) cursor.after = place(batch.at(-1)!);
          heartbeat(cursor);
        }

        const oldestAgeMs = sweep && errors.length === 0 ? ageOfOldest(handled, answeredAt) : undefined;
        await measureRound({ begun, oldestAgeMs, countInPhase: dependencies.countInPhase });
        if (errors.length > 0) throw errors[0];

        const { started, running, troubled, lookedAt } = cursor;
        const watermark = lookedAt && new Date(Date.parse(lookedAt) - OVERLAP_MS).toISOString();
        // What was behind at the first attempt may be first by now, and stands before the place from which this one went on.
        const overlooked = resumed || !settled;
        const sweptAt = sweep ? lookedAt : memory?.sweptAt;
        return {
          ...(watermark && { watermark }),
          ...(sweptAt && !overlooked && { sweptAt }),
          held: [...new Set([...behind.map(({ id }) => id), ...troubled])],
          ...{ sweep, started, running, behind: behind.length, troubled: troubled.length },
          unhandled: requests.size - handled.length,
        };
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/**
 * Of a batch that failed altogether: a full one, or one before which nothing could be started either, tells of the server. A few after others
 * that could be started tell of themselves, and so does a request that is refused as such.
 */
function isServersFault(problems: readonly { error: unknown }[], { started, running }: Cursor): boolean {
  if (problems.length === 1 || problems.some(({ error }) => error instanceof RangeError)) return false;
  return problems.length === AT_ONCE || started + running === 0;
}

function needsSweep(memory: PollMemory | undefined, intervalMs: number): boolean {
  if (!memory?.watermark || !memory.sweptAt || memory.held.length > MOST_HELD) return true;
  return Date.parse(memory.watermark) + OVERLAP_MS - Date.parse(memory.sweptAt) >= intervalMs;
}
