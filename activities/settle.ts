import { activityInfo } from '@temporalio/activity';
import { ConnectApiError } from '../src/connect/errors';
import { FailureType } from '../src/domain/failure-type';
import { outstanding, type ParamChange, type StoredParam } from '../src/domain/parameters';
import { type Basis, FIRST_TRY, type Settled, type Try } from '../src/domain/request-run';
import { isStillOrdered, type Ordered } from './basis';
import { failure } from './failure';

/** What reading back tells: the change is there, or not and things are as they were when it was decided, or they have changed otherwise. */
export type Found = 'done' | 'as it was' | 'changed';

/** So late after it was decided may a step act without a look, in ms: nobody asks a customer and has an answer in that time. */
const LATE_MS = 5 * 60_000;

/**
 * Changes something in Connect, safely repeated. The first attempt acts; every other reads before it acts, and so does a first one that had to
 * wait for long: what it was about to do may be done already, and what was decided then may be about an order that is another by now. A refusal
 * is settled by reading back too, since it may be that of a repeat whose answer was lost.
 *
 * @param act the change
 * @param look reads, and tells how things stand
 * @returns `changed` from a repeat or a late attempt alone, which leaves things as they are. A first one that is refused is for a person: were it
 *   to start afresh, so might the next
 * @throws what `act` threw, where the change is not there
 */
export async function settle(
  act: () => Promise<unknown>,
  look: () => Promise<Found>,
  { again }: Pick<Try, 'again'> = FIRST_TRY,
): Promise<Settled> {
  const { attempt, scheduledTimestampMs } = activityInfo();
  const looksFirst = again || attempt > 1 || Date.now() - scheduledTimestampMs > LATE_MS;
  const before = looksFirst ? await look() : 'as it was';
  if (before !== 'as it was') return before;
  try {
    await act();
    return 'done';
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const after = await look();
    if (after === 'done' || (after === 'changed' && looksFirst)) return after;
    throw error;
  }
}

/** A request as a step reads it back. */
interface ReadBack {
  status: string;
  ordered: Ordered;
}

/** Whether a request is as it was when the vendor decided: pending, and about the same. */
export function isAsDecided({ status, ordered }: ReadBack, basis: Basis | undefined): boolean {
  return status === 'pending' && isStillOrdered(ordered, basis);
}

/** How a request stands that is to come to a status. */
export function towards(status: string, request: ReadBack, basis: Basis | undefined): Found {
  if (request.status === status) return 'done';
  return isAsDecided(request, basis) ? 'as it was' : 'changed';
}

/**
 * How a request stands whose customer is to be asked. The step before has saved the sentence of each parameter.
 *
 * Of all changes this one does not last: the customer answers, the request is pending again, and a blind repeat would ask about values that are
 * corrected already. So it is as it was only with our sentences. What holds beside that:
 *
 * - No answer comes between the save and the inquiry: until then the request is not the customer's.
 * - Of attempts that overlap, one may read before the other gets through. Connect refuses a second inquiry while the first is open. After an
 *   answer too, since that takes the sentences away, and nothing is inquired about without one. Connect may lack this last rule for tier
 *   config requests: there, an answer within the time of one call would be asked about again.
 * - A save that was given up and arrives late may put old sentences beside a new value. The next run saves them away.
 * - An answer that leaves our sentences and all values in place looks like none. Where the answer to the inquiry was lost as well, the customer
 *   is asked a second time.
 */
export function towardsInquiry(
  paramErrors: Readonly<Record<string, string>>,
  request: ReadBack,
  basis: Basis | undefined,
): Found {
  const flags = Object.entries(paramErrors).map(([id, valueError]) => ({ id, valueError }));
  const stored: readonly StoredParam[] = request.ordered.params;
  if (request.status === 'inquiring') return 'done';
  return isAsDecided(request, basis) && outstanding(stored, flags).length === 0 ? 'as it was' : 'changed';
}

/** How a request stands in which parameters are to be saved. That they are there is not enough: the next step is about to act. */
export function towardsSaved(changes: readonly ParamChange[], request: ReadBack, basis: Basis | undefined): Found {
  if (!isAsDecided(request, basis)) return 'changed';
  return outstanding(request.ordered.params, changes).length === 0 ? 'done' : 'as it was';
}

/**
 * The answer is no: a 4xx other than one about credentials or pace. Whose it is does not matter, nor its body, which Connect does not describe for
 * each: the request is read before anything is concluded.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof ConnectApiError && [400, 404, 409, 422].includes(error.status);
}

/**
 * Reads the request itself.
 *
 * @throws ConnectGone where Connect itself says that it does not exist; any other 404, say a proxy's, is thrown as it is
 */
export async function readRequest<T>(id: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ConnectApiError && error.status === 404 && error.fromConnect) {
      throw failure(FailureType.CONNECT_GONE, `${id} does not exist in Connect (any more): ${error.message}`);
    }
    throw error;
  }
}
