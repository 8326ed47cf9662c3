import { type Info, activityInfo } from '@temporalio/activity';
import type { Logger } from '@temporalio/worker';
import { EXIT } from './command';
import type { Hearer } from './mishaps';

/** The time that an orderly end may take: less than the minute that an orchestrator waits. */
const END_WITHIN_MS = 55_000;

/**
 * Says it in the log, for a process that runs until it is told to stop: without this it would take along what others have under way, and the
 * request would be tried again, and kill the next one. `hasFailed` is true once an error was thrown that nobody caught.
 *
 * @param name what ends then
 */
export function inLog(log: Logger, name: 'worker' | 'listener'): Hearer {
  const state = { hasFailed: false };
  return {
    get hasFailed() {
      return state.hasFailed;
    },
    rejected(error) {
      const fields = { ...whose(), error };
      log.error("a promise that nobody awaits was rejected: the vendor's handler lacks an await, or a catch", fields);
    },
    // Unlike a promise, code that was cut short in a timer or a listener may have left anything half done, so the process ends: in order, as far
    // as it goes, and what it had under way goes on in the next one.
    thrown(error) {
      log.error(
        `an error was thrown that nobody caught, in a timer or a listener of the vendor's code: the ${name} ends`,
        { ...whose(), error },
      );
      if (state.hasFailed) return;
      state.hasFailed = true;
      process.exitCode = EXIT.failed;
      setTimeout(() => process.exit(EXIT.failed), END_WITHIN_MS).unref();
      process.kill(process.pid, 'SIGTERM');
    },
  };
}

/** @throws Error where what was heard has ended the process */
export function throwAfter({ hasFailed }: Hearer, name: 'worker' | 'listener'): void {
  if (hasFailed) throw new Error(`The ${name} has ended because of an error that nobody caught. Its log says where.`);
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
