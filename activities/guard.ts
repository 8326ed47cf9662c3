import { activityInfo, heartbeat } from '@temporalio/activity';
import { toFailure } from './failure';

type Functions = Record<string, (...args: never[]) => Promise<unknown>>;

/** Whatever an activity throws becomes one typed failure, without secrets. */
export function withTypedFailures<A extends Functions>(activities: A, redact: (text: string) => string): A {
  return wrapEach(activities, async (run) => {
    try {
      return await run();
    } catch (error) {
      throw toFailure(error, redact);
    }
  });
}

/**
 * A heartbeat for as long as an activity runs, so that a process that dies is noticed although a call may take minutes. A short call pays
 * nothing. It proves a live process, not a live call: calls have time limits of their own.
 */
export function withHeartbeat<A extends Functions>(activities: A): A {
  return wrapEach(activities, async (run) => {
    const timer = setInterval(heartbeat, (activityInfo().heartbeatTimeoutMs ?? 30_000) / 3);
    try {
      return await run();
    } finally {
      clearInterval(timer);
    }
  });
}

function wrapEach<A extends Functions>(activities: A, wrap: (run: () => Promise<unknown>) => Promise<unknown>): A {
  const wrapped = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: never[]) => await wrap(() => run(...args)),
  ]);
  return Object.fromEntries(wrapped) as A;
}
