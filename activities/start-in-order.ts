import { cancellationSignal, log } from '@temporalio/activity';
import type { PendingRequest } from './pending';

/** What became of the requests that a round has seen to. */
export interface Tally {
  started: number;
  /** Were running already. */
  running: number;
  /** Ids of those that could not be started. */
  troubled: string[];
}

/** @throws RangeError where the request itself cannot be started; anything else may be the Temporal server's fault */
type Start = (request: PendingRequest) => Promise<'started' | 'running'>;

const AT_ONCE = 20;

/**
 * Starts requests, some at a time, and counts. One that cannot be started stops nobody.
 *
 * @param seenTo told the last of each batch: all up to it have been seen to
 * @throws where the Temporal server is at fault, and not a request
 */
export async function startInOrder(
  requests: readonly PendingRequest[],
  tally: Tally,
  start: Start,
  seenTo: (last: PendingRequest) => void,
): Promise<void> {
  for (let i = 0; i < requests.length; i += AT_ONCE) {
    cancellationSignal().throwIfAborted();
    const batch = requests.slice(i, i + AT_ONCE);
    const problems = await startBatch(batch, tally, start);
    if (problems.length === batch.length && isServersFault(problems, tally)) throw problems[0]!.error;
    tally.troubled.push(...problems.map(({ id }) => id));
    seenTo(batch.at(-1)!);
  }
}

interface Problem {
  id: string;
  error: unknown;
}

async function startBatch(batch: readonly PendingRequest[], tally: Tally, start: Start): Promise<Problem[]> {
  const problems: Problem[] = [];
  await Promise.all(
    batch.map(async (request) => {
      try {
        tally[await start(request)]++;
      } catch (error) {
        const { id } = request;
        problems.push({ id, error });
        log.error('a request could not be started; the next round tries again', {
          requestId: id,
          error: String(error),
        });
      }
    }),
  );
  return problems;
}

/**
 * Of a batch that failed altogether: a full one, or one before which nothing could be started either, tells of the server. A few after others
 * that could be started tell of themselves, and so does a request that is refused as such. So may one alone: it is held for the next round, where
 * a round that failed for it would fail again and again.
 */
function isServersFault(problems: readonly Problem[], { started, running }: Tally): boolean {
  if (problems.length === 1 || problems.some(({ error }) => error instanceof RangeError)) return false;
  return problems.length === AT_ONCE || started + running === 0;
}
