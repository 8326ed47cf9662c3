/**
 * Thrown by a handler where the vendor's own API cannot answer now. Any other error has the same effect; this one lets the handler say how
 * long to leave the API alone.
 *
 * @example throw new VendorUnavailable('POST /tenant answered 503', { retryAfterSeconds: 30 })
 */
export class VendorUnavailable extends Error {
  /** At least this long until the next call. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'VendorUnavailable';
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Thrown by a handler that nobody has written yet. The request is parked, and the sentence tells where to write. */
export class NotWritten extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotWritten';
  }
}

/**
 * A handler to be written: requests of its type are parked, not approved and not left unseen.
 *
 * @param file where the handler belongs, for example `src/vendor/change.ts`
 */
export function placeholder(file: string): () => Promise<never> {
  return () => Promise.reject(new NotWritten(`This handler is a placeholder. Write it in ${file}.`));
}
