import {
  CancellationScope,
  CancelledFailure,
  makeContinueAsNewFunc,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Progress } from '../src/domain/messages';
import {
  type RequestInput,
  type RequestResult,
  REVOKE,
  VENDOR_WAIT,
  type VendorWait,
  type Waited,
} from '../src/domain/request-run';
import { CONNECT_REQUEST_TYPE } from '../src/domain/search-attributes';
import { VENDOR_WAITS } from './parking';
import { searchAttributesOfNextRun } from './progress';

/** Reads everything anew, in a run of its own. @param wait with which this one ends: nothing else of it says so */
export async function continueAfresh(input: RequestInput, wait?: VendorWait): Promise<never> {
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled before it started afresh'); // the next run would not know
  return await makeContinueAsNewFunc<(input: RequestInput) => Promise<RequestResult>>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
    typedSearchAttributes: searchAttributesOfNextRun(),
    ...(wait && { memo: { [VENDOR_WAIT]: wait } }),
  })(input);
}

/**
 * Almost as a round would have started it, had there been no run: what was waited for before is over, and what the purchase made is undone by
 * `revoke`. The time limit was another handler's; that of `revoke` is known to its activity.
 */
export async function continueAsRevocation(input: RequestInput, now: Readonly<Progress>): Promise<never> {
  const { id, about, patience, waited } = input;
  upsertSearchAttributes([{ key: CONNECT_REQUEST_TYPE, value: REVOKE }]);
  const revocation = { id, type: REVOKE, about: about?.replace(/^\S+/, REVOKE), patience };
  return await continueAfresh(revocation, waitAt(now, oneMore(waited)));
}

/** The vendor's wait with which this run ends; undefined where it ends otherwise. */
export function waitAt({ step, nextAttempt = '' }: Readonly<Progress>, waited?: Waited): VendorWait | undefined {
  if (step !== VENDOR_WAITS || !waited) return undefined;
  return { runId: workflowInfo().runId, until: nextAttempt, times: waited.times };
}

/** One more wait that the vendor has asked for. */
export function oneMore(waited: Waited | undefined): Waited {
  return { times: (waited?.times ?? 0) + 1, since: waited?.since ?? new Date().toISOString() };
}
