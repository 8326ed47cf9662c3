import { activityInfo } from '@temporalio/activity';
import { ConnectApiError } from '../src/connect/errors';
import { FailureType } from '../src/domain/failure-type';
import { outstanding, type StoredParam } from '../src/domain/parameters';
import type { Inquiry, InquiryResult } from '../src/domain/request-run';
import { failure } from './failure';

/**
 * Changes something in Connect, safely repeated: a refusal is settled by reading back, since it may be the repeat of what got through and only
 * the answer was lost. Of the attempts that Temporal makes by itself, those after the first read before they act; the later ones that the
 * workflow spaces count from one again, and act. Either is sound for a change that leads to an end, or that may be made twice. An inquiry is
 * neither.
 *
 * @param act the change
 * @param isDone reads the request and tells whether the change is there already
 * @throws what `act` threw, where the change is not there
 */
export async function settle(act: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
  if (activityInfo().attempt > 1 && (await isDone())) return;
  try {
    await act();
  } catch (error) {
    if (!isRefusal(error) || !(await isDone())) throw error;
  }
}

/**
 * Sends a request back to the customer, once. The step before has saved the sentence of each parameter.
 *
 * Of all changes this one does not last: the customer answers, the request is pending again, and a blind repeat would ask about values that are
 * corrected already. So a repeat, whoever spaces it, reads first, and acts only where the request is as it was left: pending, with our sentences.
 * What holds beside that:
 *
 * - No answer comes between the save and the inquiry: until then the request is not the customer's.
 * - Of attempts that overlap, one may read before the other gets through. Connect refuses a second inquiry while the first is open. After an
 *   answer too, since that takes the sentences away, and nothing is inquired about without one. Connect may lack this last rule for tier
 *   config requests: there, an answer within the time of one call would be asked about again.
 * - A save that was given up and arrives late may put old sentences beside a new value. The next run saves them away.
 * - An answer that leaves our sentences in place, as of a hub that sends it without the customer's form, looks like none. Where the answer to the
 *   inquiry was lost as well, the customer is asked a second time.
 *
 * @param act the inquiry
 * @param read the request as it is now
 * @returns `changed` from a repeat alone. A first try that Connect refuses is for a person: were it to start afresh, so might the next
 * @throws what `act` threw, where a first try was refused or the request is as it was left
 */
export async function settleInquiry(
  act: () => Promise<unknown>,
  read: () => Promise<{ status: string; params: readonly StoredParam[] }>,
  { paramErrors, again }: Pick<Inquiry, 'paramErrors' | 'again'>,
): Promise<InquiryResult> {
  const flags = Object.entries(paramErrors).map(([id, valueError]) => ({ id, valueError }));
  const look = async () => {
    const { status, params } = await read();
    if (status === 'inquiring') return 'inquired';
    return status === 'pending' && outstanding(params, flags).length === 0 ? 'as it was left' : 'changed';
  };

  const repeated = again || activityInfo().attempt > 1;
  const before = repeated ? await look() : 'as it was left';
  if (before !== 'as it was left') return before;
  try {
    await act();
    return 'inquired';
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const after = await look();
    if (after === 'inquired' || (after === 'changed' && repeated)) return after;
    throw error;
  }
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
