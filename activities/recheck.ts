import { cancellationSignal, log } from '@temporalio/activity';
import { REVOKE } from '../src/domain/request-run';
import type { DispatchDependencies } from './dispatch';
import type { PendingRequest } from './pending';

/**
 * Has each open run look into Connect of whose request a full list tells something new: it did not bring it, so perhaps somebody else has ended
 * it; or it is being revoked, and the run is about something else still. Only a hint, since Temporal's list lags, and a request may have left
 * Connect's a moment ago: the run itself reads Connect. One that is about the revocation is left alone, since it may wait for long.
 *
 * @returns how many were told
 */
export async function recheckOthers(
  listed: ReadonlyMap<string, PendingRequest>,
  { openRuns, recheck }: Pick<DispatchDependencies, 'openRuns' | 'recheck'>,
): Promise<number> {
  let told = 0;
  try {
    for await (const { id, type } of openRuns()) {
      cancellationSignal().throwIfAborted();
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
