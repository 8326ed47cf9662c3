import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

/**
 * Asks until the answer fits: waits for the thing, not for time. A call that throws meanwhile is asked again.
 *
 * @param what is waited for, for the message
 * @throws Error with the last answer, after `ms`, which tells a test that hangs from a machine that is busy
 */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  fits: (answer: T) => boolean = Boolean,
  ms = 25_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (let last: unknown; ; await pause(25)) {
    try {
      const answer = await ask();
      if (fits(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) {
      const cause = last instanceof Error ? last : inspect(last); // as which Jest shows it
      throw new Error(`Waited ${ms} ms in vain for ${what}. The last answer:`, { cause });
    }
  }
}
