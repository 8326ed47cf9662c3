import { type Info, activityInfo } from '@temporalio/activity';
import type { Logger } from '@temporalio/worker';

/** The time that an orderly end may take: less than the minute that an orchestrator waits. */
const END_WITHIN_MS = 55_000;

/**
 * Hears of errors that nobody awaits or catches, which in a worker are those of a vendor's code. Without this each would kill the process, and
 * with it what others have under way; the request would be tried again, and kill the next one.
 *
 * @returns where the worker stands: `hasCrashed` is true once an error was thrown that nobody caught
 */
export function hearOfMishaps(log: Logger): { readonly hasCrashed: boolean } {
  const state = { hasCrashed: false };
  process.on('unhandledRejection', (error) => {
    log.error("a promise that nobody awaits was rejected: the vendor's handler lacks an await, or a catch", {
      ...whose(),
      error,
    });
  });
  // Unlike a promise, code that was cut short in a timer or a listener may have left anything half done, so the process ends: in order, as far as
  // it goes, and what it had under way goes on in the next one.
  process.on('uncaughtException', (error) => {
    log.error(
      "an error was thrown that nobody caught, in a timer or a listener of the vendor's code: the worker ends",
      {
        ...whose(),
        error,
      },
    );
    if (state.hasCrashed) return;
    state.hasCrashed = true;
    process.exitCode = 1;
    setTimeout(() => process.exit(1), END_WITHIN_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  return state;
}

/** The request whose handler it was, as the log knows it; nothing where that cannot be told. */
function whose(): Partial<Info> & { workflowId?: string } {
  try {
    const { workflowExecution, activityType, attempt } = activityInfo();
    return { activityType, attempt, ...(workflowExecution && { workflowId: workflowExecution.workflowId }) };
  } catch {
    return {}; // it was not begun in an activity
  }
}
