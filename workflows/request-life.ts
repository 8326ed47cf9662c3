import { type ActivityOptions, log, makeContinueAsNewFunc, metricMeter } from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import type { ParamChange } from '../src/domain/parameters';
import type { Inquiry, InquiryResult, RequestInput, RequestResult, VendorAnswer } from '../src/domain/request-run';
import { createSteps } from './parking';
import { searchAttributesOfNextRun } from './progress';
import { failureTypeOf } from './trouble';

/** The activities of one kind of request, bound to its id. */
export interface RequestActivities {
  ask(options: ActivityOptions): Promise<VendorAnswer>;
  save(options: ActivityOptions, params: ParamChange[]): Promise<void>;
  approve(options: ActivityOptions, templateId: string): Promise<void>;
  inquire(options: ActivityOptions, inquiry: Inquiry): Promise<InquiryResult>;
  fail(options: ActivityOptions, reason: string): Promise<void>;
}

const ended = metricMeter.createCounter('connect_requests_ended', 'requests', 'Requests by type and outcome');

/** Ends a run, and says so. */
function end({ type = 'unknown' }: RequestInput, result: RequestResult): RequestResult {
  ended.add(1, { type, outcome: result.outcome });
  log.info(result.outcome, { type, ...result });
  return result;
}

/**
 * The life of one request: ask the vendor, save what the vendor returned, tell Connect. Whatever cannot go on is parked for a person.
 * Fulfillment and tier config requests share it; they differ in their activities.
 */
export async function liveRequest(input: RequestInput, activities: RequestActivities): Promise<RequestResult> {
  const { step, wait, park } = createSteps(input);
  try {
    const answer = await step('ask vendor', (options) => activities.ask(options));
    if (answer.kind === 'noop') return end(input, { outcome: 'noop', status: answer.status, reason: answer.reason });

    const { params } = answer;
    if (params.length > 0) await step('save params', (options) => activities.save(options, params));

    switch (answer.kind) {
      case 'approve':
        await step('approve', (options) => activities.approve(options, answer.templateId));
        return end(input, { outcome: 'approved' });
      case 'inquire': {
        const { paramErrors, templateId } = answer;
        let tries = 0;
        const found = await step('inquire', (options) =>
          activities.inquire(options, { paramErrors, templateId, again: tries++ > 0 }),
        );
        if (found !== 'changed') return end(input, { outcome: 'inquired' }); // the customer's answer starts a new run under the same id
        log.info('changed since it was inquired about: starts afresh');
        break;
      }
      case 'fail':
        await step('fail', (options) => activities.fail(options, answer.reason));
        return end(input, { outcome: 'failed', reason: answer.reason });
      case 'wait':
        await wait(answer.seconds);
        break;
      default:
        answer satisfies never;
    }
  } catch (error) {
    if (failureTypeOf(error) === FailureType.CONNECT_GONE) return end(input, { outcome: 'gone' });
    await park(error);
  }
  return await continueAfresh(input);
}

/** Reads everything anew, in a run of its own. */
async function continueAfresh(input: RequestInput): Promise<never> {
  return await makeContinueAsNewFunc<(input: RequestInput) => Promise<RequestResult>>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
    typedSearchAttributes: searchAttributesOfNextRun(),
  })(input);
}
