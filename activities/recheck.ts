import { cancellationSignal, log } from '@temporalio/activity';
import { REVOKE } from '../src/domain/request-run';
import type { DispatchDependencies } from './dispatch';
import type { PendingRequest } from './pending';

/**
 * Has each open run look into Connect of whose request a full list tells something new: it did not bring it, so perhaps somebody else has ended
 * it; or it is being revoked, and the run is about something else still. Only a hint, since Temporal's list lags, and a request may have left
 * Connect's a moment ago: the run itself reads Connect. One that is about the revocation is left alone, since it may wait for long; and so is one
 * of a product that was not listed, of which the list tells nothing: its history would grow with each sweep until Temporal ends it.
 *
 * @param products of which the list is
 * @returns how many were told
 */
export async function recheckOthers(
  listed: ReadonlyMap<string, PendingRequest>,
  products: readonly string[],
  { openRuns, recheck }: Pick<DispatchDependencies, 'openRuns' | 'recheck'>,
): Promise<number> {
  let told = 0;
  try {
    for await (const { id, type, productId } of openRuns()) {
      cancellationSignal().throwIfAborted();
      if (productId !== '' && !products.includes(productId)) continue;
      const request = listed.get(id);
      if (request && (request.type !== REVOKE || type === REVOKE)) continue;
      await recheck(id);
      told += 1;
    }
  } catch (error) {
    cancellationSignal().throwIfAborted();
    log.warn('open runs could not be told to recheck; the next full sweep tries again', { error: String(error) });
  }
  return told;
}
