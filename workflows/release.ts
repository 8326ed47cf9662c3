import { type ActivityOptions, CancellationScope, log } from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import type { Progress } from '../src/domain/messages';
import type { Release, RequestResult } from '../src/domain/request-run';
import type { Steps } from './parking';
import { failureTypeOf } from './trouble';

/*
 * What a purchase made is given back when nobody is going to have it. That it will be is known from the run's first moment, before anything is
 * created; what there is to give back, the vendor's `find` says when it comes to it. So no crash, and no lost answer, leaves anything behind.
 */

const RELEASE = 'release';
/** The step that tells Connect to give the customer what was bought. */
export const APPROVE = 'approve';

export const isReleasing = ({ step }: Readonly<Progress>) => step === RELEASE;

/**
 * An approval that was sent may take effect yet, whatever Connect says at the moment: until it is refused or has failed for good, nothing is
 * given back.
 */
export const approvalIsUnderWay = ({ step, phase }: Readonly<Progress>) => step === APPROVE && phase !== 'parked';

/** Whether a request that came to this end leaves no subscription behind. */
export function endsWithout({ outcome, status = '' }: RequestResult): boolean {
  if (outcome === 'noop') return ['failed', 'revoked'].includes(status);
  return outcome === 'failed' || outcome === 'cancelled';
}

/**
 * Gives back, and lets nobody cancel it: tried on, and parked like any step.
 *
 * @param afresh goes on in a run of its own, after a person or a day
 * @returns the end that the request came to, with what became of what was made
 */
export async function giveBack(
  result: RequestResult,
  { step, park }: Pick<Steps, 'step' | 'park'>,
  release: (options: ActivityOptions) => Promise<Release>,
  afresh: (releasing: RequestResult) => Promise<never>,
): Promise<RequestResult> {
  return await CancellationScope.nonCancellable(async () => {
    try {
      return { ...result, release: await step(RELEASE, release) };
    } catch (error) {
      if (failureTypeOf(error) === FailureType.CONNECT_GONE) {
        log.warn('the request is gone in Connect: what it made at the vendor, if anything, is left');
        return result;
      }
      await park(error);
    }
    return await afresh(result);
  });
}
