import {
  ActivityFailure,
  type ActivityOptions,
  CancellationScope,
  isCancellation,
  log,
  metricMeter,
} from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import type { ParamChange } from '../src/domain/parameters';
import {
  type Approval,
  type Inquiry,
  type Release,
  type RequestInput,
  type RequestResult,
  REVOKE,
  REVOKING,
  type ScheduleResult,
  type Settled,
  type Try,
  type VendorAnswer,
} from '../src/domain/request-run';
import { continueAfresh, continueAsRevocation, oneMore, waitAt } from './next-run';
import { createSteps, type Steps } from './parking';
import { ONE_ATTEMPT, pauseBefore } from './proxies';
import { APPROVE, approvalIsUnderWay, endsWithout, giveBack, isReleasing } from './release';
import { failureTypeOf } from './trouble';

/** The activities of one kind of request, bound to its id. */
export interface RequestActivities {
  ask(options: ActivityOptions): Promise<VendorAnswer>;
  save(options: ActivityOptions, params: ParamChange[], tried: Try): Promise<Settled>;
  approve(options: ActivityOptions, templateId: string, approval: Approval & Try): Promise<Settled>;
  inquire(options: ActivityOptions, inquiry: Inquiry): Promise<Settled>;
  fail(options: ActivityOptions, reason: string, tried: Try): Promise<Settled>;
  /** Of fulfillment requests alone, as `confirm`: of others `ask` gives no such answer. */
  schedule?(options: ActivityOptions, date: string, before: string, tried: Try): Promise<ScheduleResult>;
  confirm?(options: ActivityOptions, tried: Try): Promise<Settled>;
  /** Its status in Connect, in one attempt. */
  status(options: ActivityOptions): Promise<string>;
  /** Gives back what was made for it; absent where the vendor gives nothing back. */
  release?(options: ActivityOptions): Promise<Release>;
}

/** The request came to its end while its run was resting: by somebody else, or by a step whose answer was lost. */
class EndedElsewhere extends Error {
  constructor(readonly status: string) {
    super(`ended elsewhere: ${status}`);
  }
}

const ended = metricMeter.createCounter('connect_requests_ended', 'requests', 'Requests by type and outcome');

/** A step that was late, or tried once more, has found another order than the vendor had decided about. */
class OrderChanged extends Error {}

/** While its run was about something else the distributor has taken the request back: what was prepared for it is undone. */
class RevokedElsewhere extends Error {}

/** Ends a run, and says so. */
function end({ type = 'unknown' }: RequestInput, steps: Steps, result: RequestResult): RequestResult {
  steps.end(result.outcome, result.reason);
  ended.add(1, { type, outcome: result.outcome });
  log.info(result.outcome, { type, ...result });
  return result;
}

/**
 * The life of one request: ask the vendor, save what the vendor returned, tell Connect. Whatever cannot go on is parked for a person.
 * Fulfillment and tier config requests share it; they differ in their activities.
 */
export async function liveRequest(input: RequestInput, activities: RequestActivities): Promise<RequestResult> {
  const steps = createSteps(input, async () => {
    if (!isReleasing(steps.now)) await recheck(input, activities);
  });
  const { release } = activities;
  const released = async (result: RequestResult) =>
    release ? await giveBack(result, steps, release, (releasing) => continueAfresh({ ...input, releasing })) : result;

  try {
    const result = input.releasing ?? (await untilItsEnd(input, activities, steps));
    return end(input, steps, endsWithout(result) ? await released(result) : result);
  } catch (error) {
    if (isCancellation(error)) {
      const cancelled: RequestResult = { outcome: 'cancelled' };
      end(input, steps, approvalIsUnderWay(steps.now) ? cancelled : await released(cancelled));
    }
    throw error;
  }
}

async function untilItsEnd(...args: Parameters<typeof goThroughSteps>): Promise<RequestResult> {
  try {
    return await goThroughSteps(...args);
  } catch (error) {
    if (error instanceof RevokedElsewhere) return await continueAsRevocation(args[0], args[2].now);
    if (!(error instanceof EndedElsewhere)) throw error;
    const { status } = error;
    if (status === GONE) return { outcome: 'gone' };
    return { outcome: 'noop', status, reason: `The request is ${status} in Connect by now.` };
  }
}

async function goThroughSteps(
  input: RequestInput,
  activities: RequestActivities,
  { step, wait, park, now }: Steps,
): Promise<RequestResult> {
  const { changed = 0, ...asStarted } = input;
  input = asStarted;
  let due: string | undefined;
  try {
    const answer = await step('ask vendor', (options) => activities.ask(options));
    if (answer.kind === 'noop') return { outcome: 'noop', status: answer.status, reason: answer.reason };
    if (answer.kind === 'revoking') throw new RevokedElsewhere();

    const { params, basis } = answer;
    const tell = async <T>(name: string, run: (options: ActivityOptions, tried: Try) => Promise<T>) => {
      const found = await step(name, (options, again) => run(options, { again, ...(basis && { basis }) }));
      if (found === 'changed') throw new OrderChanged();
      return found;
    };
    if (params.length > 0) await tell('save params', (options, tried) => activities.save(options, params, tried));

    switch (answer.kind) {
      case 'approve': {
        const { templateId, approval } = answer;
        await tell(APPROVE, (options, tried) => activities.approve(options, templateId, { ...approval, ...tried }));
        return { outcome: 'approved' };
      }
      case 'inquire': {
        const { paramErrors, templateId } = answer;
        await tell('inquire', (options, tried) => activities.inquire(options, { paramErrors, templateId, ...tried }));
        return { outcome: 'inquired', reason: sentenceOf(paramErrors) }; // the customer's answer starts a new run under the same id
      }
      case 'fail':
        await tell('fail', (options, tried) => activities.fail(options, answer.reason, tried));
        return { outcome: 'failed', reason: answer.reason };
      case 'schedule': {
        const { plannedDate, plannedBefore } = answer;
        due = plannedDate; // where it cannot be put off, nobody needs to by then
        const found = await tell('schedule', (options, tried) =>
          activities.schedule!(options, plannedDate, plannedBefore, tried),
        );
        if (found !== 'due') return { outcome: 'scheduled' }; // pending again, it starts a new run under the same id
        log.info('pending at its planned date: starts afresh');
        const ms = Date.parse(plannedDate) - Date.now(); // by a clock that is behind, or a handler that decides to the second
        if (ms > 0) await wait(ms / 1000, 'its planned date');
        break;
      }
      case 'confirm':
        await tell('confirm', (options, tried) => activities.confirm!(options, tried));
        return { outcome: 'revoked' };
      case 'wait':
        input = { ...input, waited: oneMore(input.waited) };
        await wait(answer.seconds);
        break;
      default:
        answer satisfies never;
    }
  } catch (error) {
    if (error instanceof OrderChanged) {
      log.info('changed since the vendor was asked: starts afresh');
      if (changed > 0) await wait(pauseBefore(changed - 1) / 1000, 'before asking about a changed order');
      return await continueAfresh({ ...input, changed: changed + 1 });
    }
    const type = failureTypeOf(error) ?? '';
    if (type === FailureType.CONNECT_GONE) return { outcome: 'gone' };
    if (REFUSALS.has(type)) {
      // Its result says whether there is anything to park. Nobody sends another soon, so a worker that dies or a fault of Connect does not end it.
      await CancellationScope.nonCancellable(() => recheck(input, activities, {}));
    }
    await park(error, { due });
  }
  return await continueAfresh(input, waitAt(now, input.waited));
}

/** What Connect says of a change to a request that somebody else has ended meanwhile, among other things. */
const REFUSALS: ReadonlySet<string> = new Set([FailureType.CONNECT_REJECTED, FailureType.CONNECT_CONFLICT]);

const GONE = 'gone';

/**
 * A fault of Connect says nothing, and the rest goes on.
 *
 * @param attempts how often it is tried; default once, since the next full sweep asks again
 * @throws EndedElsewhere where nothing is asked of the vendor any more
 * @throws RevokedElsewhere where something else is asked than before
 */
async function recheck(
  { type }: RequestInput,
  { status: readStatus }: RequestActivities,
  attempts: ActivityOptions = ONE_ATTEMPT,
): Promise<void> {
  let status: string;
  try {
    status = await readStatus({ summary: 'recheck', ...attempts });
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    if (failureTypeOf(error) !== FailureType.CONNECT_GONE)
      return log.warn('recheck failed', { error: String(error.cause) });
    status = GONE;
  }
  if (status === REVOKING && type !== REVOKE) throw new RevokedElsewhere();
  if (status !== 'pending' && status !== REVOKING) throw new EndedElsewhere(status);
}

/** What the customer was asked, in one line. */
function sentenceOf(paramErrors: Record<string, string>): string {
  return Object.entries(paramErrors)
    .map(([id, error]) => `${id}: ${error}`)
    .join('; ');
}
