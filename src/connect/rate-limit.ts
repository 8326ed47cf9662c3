import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A token bucket: so many calls a second, with a burst of one second's worth. An answer that says "slow down" empties it until the time that it
 * names.
 */
export class RateLimit {
  private tokens: number;
  private filledAt: number;
  private closedUntil = 0;
  /** Resolves when everybody who asked before has passed, or given up. */
  private line: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tokens = Math.max(1, perSecond);
    this.filledAt = this.now();
  }

  /** Lets no call pass for so long. */
  pause(ms: number): void {
    this.closedUntil = Math.max(this.closedUntil, this.now() + ms);
  }

  /** How long the bucket is closed by a pause, in ms; 0 where it is open. */
  get pausedMs(): number {
    return Math.max(0, this.closedUntil - this.now());
  }

  /** Whether a call may be made at once, which it then has to be. */
  takeNow(): boolean {
    return this.waiting === 0 && this.tryTake() === 0;
  }

  /** Resolves when a call may be made, in the order of asking. @throws the signal's reason */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.waiting += 1;
    const turn = this.line.then(() => this.pass(signal)).finally(() => (this.waiting -= 1));
    this.line = turn.catch(() => undefined); // who gave up hears it by `turn`; the next in line has its turn all the same
    let giveUp = () => {};
    const givenUp = new Promise<never>((_, reject) => (giveUp = () => reject(signal.reason as Error)));
    signal.addEventListener('abort', giveUp);
    try {
      await Promise.race([turn, givenUp]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  private async pass(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.tryTake();
      if (waitMs === 0) return;
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  private tryTake(): number {
    const now = this.now();
    if (now < this.closedUntil) {
      this.tokens = 0;
      this.filledAt = this.closedUntil;
      return this.closedUntil - now;
    }
    this.tokens = Math.min(Math.max(1, this.perSecond), this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
    if (this.tokens < 1) return Math.ceil(((1 - this.tokens) / this.perSecond) * 1000);
    this.tokens -= 1;
    return 0;
  }
}
