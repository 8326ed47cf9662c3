import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { HANDLER_SECONDS, LONGEST_HANDLER_SECONDS } from '../src/domain/request-run';

/**
 * A run that is cancelled goes on when the attempt in flight has come to its end: what that was about to create can be given back then. It hears
 * of the cancellation by its heartbeat, within some ten seconds. The SDK's documentation calls this the default, and it is not.
 */
const AWAITED: ActivityOptions = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' };

/**
 * How long we try, in one place. Temporal repeats a failed attempt twice within seconds: most faults are over by then, and have cost the
 * workflow nothing. What still fails is spaced by the workflow itself (`parking.ts`), which so knows the last error and the next attempt,
 * keeps a Retry-After that reaches past it, and can be told to try now. A step that waits in the queue is not failing: nothing limits that wait.
 */
const FIRST_ATTEMPTS: ActivityOptions = {
  ...AWAITED,
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumAttempts: 3 },
};

/** Added to the options of each further attempt. */
export const ONE_ATTEMPT: ActivityOptions = { retry: { maximumAttempts: 1 } };

export const LONGEST_PAUSE_MS = 5 * 60_000;

/** The pause before the nth further attempt of a step, n from 0, in ms: 4 s, then twice as long each time, at most 5 minutes. */
export function pauseBefore(n: number): number {
  return Math.min(4_000 * 2 ** Math.min(n, 10), LONGEST_PAUSE_MS);
}

/** Steps of a few calls to Connect. A process that dies is noticed by its missing heartbeat. */
export const connect = proxyActivities<Activities>({
  startToCloseTimeout: '1 m',
  heartbeatTimeout: '10 s',
  ...FIRST_ATTEMPTS,
});

/**
 * The step that calls the vendor's handler. The activity itself ends a handler that outlasts its time limit, by the code of today; what is set
 * here only ends an activity that fails to, so it suits the longest limit: a deployment that gives a handler more time helps open runs too.
 * Temporal does not repeat by itself a handler that hung until its time was over (`activities/failure.ts`), nor where the limit is long any other:
 * so one that fails late is shown when it fails for the first time.
 */
export function vendor(handlerSeconds = HANDLER_SECONDS) {
  return proxyActivities<Activities>({
    startToCloseTimeout: (LONGEST_HANDLER_SECONDS + 60) * 1000, // and a minute for the calls to Connect around it
    heartbeatTimeout: '10 s',
    ...AWAITED,
    ...(handlerSeconds > HANDLER_SECONDS ? ONE_ATTEMPT : FIRST_ATTEMPTS),
  });
}

/** The steps of usage reporting: they may read a month of records. */
export const usage = proxyActivities<Activities>({
  startToCloseTimeout: (LONGEST_HANDLER_SECONDS + 1800) * 1000, // and half an hour for the calls to Connect around it
  heartbeatTimeout: '10 s',
  ...FIRST_ATTEMPTS,
});

/**
 * One round. The next one is the retry that matters, so this one gives up before it would be in its way for long. It goes before the steps of requests
 * that wait in the queue: it is what finds what else is pending, and what has ended meanwhile.
 */
export const rounds = proxyActivities<Activities>({
  startToCloseTimeout: '10 m',
  scheduleToCloseTimeout: '14 m',
  heartbeatTimeout: '10 s',
  priority: { priorityKey: 1 },
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumAttempts: 3 },
});
