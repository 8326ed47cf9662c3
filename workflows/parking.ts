import {
  type ActivityOptions,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
} from '@temporalio/workflow';
import { DEFAULT_PATIENCE, type RequestInput } from '../src/domain/request-run';
import { createProgress } from './progress';
import { LONGEST_PAUSE_MS, ONE_ATTEMPT, pauseBefore } from './proxies';
import { createRest } from './rest';
import { troubleOf } from './trouble';

/*
 * What "stuck" means, in one page. Our own three words:
 *
 *   step       an activity that is tried on while it fails, in sight of the operator once it has failed for a while
 *   parked     a step cannot go on: the run stays open, so that the rounds leave it alone, and can be found by its phase
 *   reprocess  try now: a failing step at once, a parked run afresh, a vendor's wait cut short
 */

/** The step at which a run waits for its vendor. */
export const VENDOR_WAITS = 'vendor asked to wait';

/**
 * How a request's run goes through its steps. Sets the message handlers, so it is called before the first `await`.
 *
 * @param recheck looks whether there is anything left to do, while the run rests; it throws where there is not
 */
export function createSteps(
  { id, about = id, patience = DEFAULT_PATIENCE }: RequestInput,
  recheck: () => Promise<void> = () => Promise.resolve(),
) {
  const progress = createProgress(about);
  const { rest, forgetReprocess, cutShort } = createRest(id, progress.now, recheck);

  return {
    /** Where the run stands. */
    now: progress.now,
    remark: progress.remark,
    end: progress.end,

    /**
     * Runs an activity to its end: tries on while it fails, for as long as patience lasts.
     *
     * @param name shown to people; also the summary of the activity
     * @param run is told whether this is tried once more
     * @throws ActivityFailure where trying again cannot help, or patience is over: park it
     */
    async step<T>(name: string, run: (options: ActivityOptions, again: boolean) => Promise<T>): Promise<T> {
      // Not begun any more, and not where the run stands: an approval that was never sent is not under way.
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure(`cancelled before: ${name}`);
      progress.begin(name);
      let since: number | undefined;
      for (let n = 0; ; n++) {
        try {
          const result = await run({ summary: name, ...(n > 0 && ONE_ATTEMPT) }, n > 0);
          forgetReprocess();
          progress.succeed();
          return result;
        } catch (error) {
          if (CancellationScope.current().consideredCancelled) throw new CancelledFailure(`cancelled during: ${name}`); // nobody tries it on
          const trouble = troubleOf(error);
          const now = Date.now();
          since ??= now;
          if (trouble.final || now - since >= patience.retryMs) throw error;

          const until = now + Math.max(trouble.retryAfterMs ?? 0, pauseBefore(n));
          progress.fail(until - since >= patience.quietMs ? 'retrying' : 'running', trouble, { since, until });
          await rest(until - now, `before trying again: ${name}`);
        }
      }
    },

    /** Waits for somebody else: the vendor who asked to be called again later, unless `step` says who. */
    async wait(seconds: number, step = VENDOR_WAITS): Promise<void> {
      progress.begin(step, fromNow(seconds * 1000));
      await rest(seconds * 1000, step);
      await condition(allHandlersFinished);
    },

    /** There is something new to look at: a wait for somebody else is over, and what fails is tried now. What is parked stays parked. */
    lookNow(): void {
      if (progress.now.phase !== 'parked') cutShort();
    },

    /**
     * Parks the run, until `reprocess` or for a day; where only a person can help, until `reprocess` alone. The caller then continues as new: a
     * fresh read, a short history, and no decision of today's code for next month's to replay.
     *
     * @param options.due ISO 8601: by then what cannot go on has become needless, so the run is parked no longer than that; for five minutes at least,
     *   since a vendor may name a time that is always near
     * @param options.isOvertaken asked once a day of what waits for a person alone: where it is, the run is parked no longer
     * @returns whether somebody asked: false where its time had come
     * @throws the error itself where it is no activity's: a cancellation, or a bug in workflow code
     */
    async park(error: unknown, { due, isOvertaken }: ParkOptions = {}): Promise<boolean> {
      const trouble = troubleOf(error);
      const untilDue = due === undefined ? Infinity : Math.max(Date.parse(due) - Date.now(), LONGEST_PAUSE_MS);
      const ms = trouble.untilAsked ? undefined : Math.min(patience.parkedMs, untilDue);
      progress.fail('parked', trouble, fromNow(ms));
      const isAsked =
        trouble.untilAsked && isOvertaken
          ? await rest(patience.parkedMs, 'parked', isOvertaken)
          : await rest(ms, 'parked');
      await condition(allHandlersFinished);
      progress.goOn();
      return isAsked;
    },
  };
}

interface ParkOptions {
  due?: string | undefined;
  isOvertaken?: (() => Promise<boolean>) | undefined;
}

export type Steps = ReturnType<typeof createSteps>;

function fromNow(ms: number | undefined) {
  const since = Date.now();
  return { since, until: ms === undefined ? undefined : since + ms };
}
