import { setTimeout as pause } from 'node:timers/promises';

/** Wakes rounds, however often it is asked. */
export interface Waker {
  /** Returns at once. What is asked for while a round is being woken is met by one more after it. */
  wake(): void;
  /** Wakes what was asked for and not met yet, and ends. */
  close(): Promise<void>;
}

export interface WakerOptions {
  /** Wakes one round, which sees whatever was there before the call. Never throws. */
  trigger(): Promise<void>;
  /** Milliseconds between two; default 500. */
  spacingMs?: number;
}

/** The first call wakes a round at once; those that follow within the spacing share the next one. */
export function createWaker({ trigger, spacingMs = 500 }: WakerOptions): Waker {
  const closing = new AbortController();
  let wanted = false;
  let running: Promise<void> | undefined;

  const run = async () => {
    while (wanted) {
      wanted = false;
      await trigger();
      await pause(spacingMs, undefined, { signal: closing.signal }).catch(() => undefined); // closing: no pause
    }
    running = undefined;
  };
  return {
    wake() {
      wanted = true;
      running ??= run();
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}
