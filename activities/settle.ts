import { activityInfo } from '@temporalio/activity';
import { ConnectApiError } from '../src/connect/errors';
import { FailureType } from '../src/domain/failure-type';
import { failure } from './failure';

/**
 * Changes something in Connect, safely repeated: the first attempt acts; a refusal, or an attempt after the first, is settled by reading
 * back. So an answer that was lost costs one call, and a request that goes well costs none.
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

/** Connect itself said no: a 4xx with its own error body, other than one about credentials or pace. */
function isRefusal(error: unknown): boolean {
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
