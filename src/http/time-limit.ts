/** A hook has not answered in time. */
export class TooLate extends Error {
  constructor(ms: number) {
    super(`it has not answered within ${ms} ms`);
    this.name = 'TooLate';
  }
}

/**
 * Calls a vendor's hook, for a while.
 *
 * @param call is given a signal that is aborted when the time is over; whatever it does then is nobody's business any more
 * @throws TooLate, or whatever the hook throws
 */
export async function withinTime<T>(ms: number, call: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  const over = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new TooLate(ms);
      reject(error);
      over.abort(error);
    }, ms);
  });
  try {
    return await Promise.race([(async () => call(over.signal))(), late]);
  } finally {
    clearTimeout(timer);
  }
}
