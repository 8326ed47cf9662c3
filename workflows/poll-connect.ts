import { workflowInfo } from '@temporalio/workflow';
import type { PollMemory, PollResult } from '../src/domain/poll';
import { rounds } from './proxies';

/**
 * One round: list what is pending in Connect and start a workflow for each. What the previous round has seen comes from the schedule, which
 * hands on the last successful result; a round that dies hands on nothing, so the next one looks at the same span again.
 */
export async function pollConnect(): Promise<PollResult> {
  return await rounds.dispatchPending(workflowInfo().lastResult as PollMemory | undefined);
}
