import { cancellationSignal, log } from '@temporalio/activity';
import type { DispatchDependencies } from './dispatch';

/**
 * Has each open run look into Connect whose request a full list did not bring: perhaps somebody else has ended it. Only a hint, since Temporal's
 * list lags, and a request may have left Connect's a moment ago: the run itself reads Connect.
 *
 * @returns how many were told
 */
export async function recheckOthers(
  pending: ReadonlyMap<string, unknown>,
  { openRuns, recheck }: Pick<DispatchDependencies, 'openRuns' | 'recheck'>,
): Promise<number> {
  let told = 0;
  try {
    for await (const id of openRuns()) {
      cancellationSignal().throwIfAborted();
      if (pending.has(id)) continue;
      await recheck(id);
      told += 1;
    }
  } catch (error) {
    cancellationSignal().throwIfAborted();
    log.warn('open runs could not be told to recheck; the next full sweep tries again', { error: String(error) });
  }
  return told;
}
