/**
 * A time limit and a caller's signal in one. Every call has one, and `AbortSignal.any` with `AbortSignal.timeout` would cost
 * as much as a quarter of the call: both are kept by weak references, which the garbage collector has to look after.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  /** Whether the time was over first. */
  isOver = false;

  /** @param ms from now */
  constructor(
    ms: number,
    private readonly caller: AbortSignal | undefined,
  ) {
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.controller.abort();
    }, ms);
    if (caller?.aborted) this.follow();
    else caller?.addEventListener('abort', this.follow);
  }

  /** Aborts when the time is over, or the caller's signal does. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** To be called once nothing hangs on it any more. */
  release(): void {
    clearTimeout(this.timer);
    this.caller?.removeEventListener('abort', this.follow);
  }

  private readonly follow = () => this.controller.abort(this.caller?.reason);
}
