/** A vendor's code has not answered in time. */
export class TooLate extends Error {
  constructor(ms: number) {
    super(`it has not answered within ${ms} ms`);
    this.name = 'TooLate';
  }
}

/**
 * Calls a vendor's code, for a while.
 *
 * @param call is given a signal that is aborted when the time is over; whatever it does then is nobody's business any more
 * @param late says that it took too long: the reason of that signal too
 * @throws `late`, or whatever the code throws
 */
export async function withinTime<T>(
  ms: number,
  call: (signal: AbortSignal) => T | Promise<T>,
  late: Error = new TooLate(ms),
): Promise<T> {
  const over = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(late); // before the abort, of which the code may make an error that says less
      over.abort(late);
    }, ms);
  });
  try {
    return await Promise.race([(async () => call(over.signal))(), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
