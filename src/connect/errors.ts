/**
 * Any fault of a call to Connect. Its message names the call; it never holds a header, and so never the key. Whatever Connect says is in it
 * whole: who shows it takes out what is secret, and only then cuts it.
 */
export abstract class ConnectError extends Error {
  /** Never changes, for programs. */
  abstract readonly code: string;

  constructor(
    readonly method: string,
    /** Path and query, below the base URL. */
    readonly path: string,
    what: string,
  ) {
    super(`${method} ${path} ${what}`);
    this.name = new.target.name;
  }
}

/** Connect, or something before it, answered with a status of 400 or more. */
export class ConnectApiError extends ConnectError {
  override readonly code = 'CONNECT_API';

  constructor(
    method: string,
    path: string,
    readonly status: number,
    readonly details: {
      /** Connect's own code, `REQ_003`; undefined where the body had none. */
      errorCode: string | undefined;
      /** Connect's own sentences. */
      errors: readonly string[];
      /** The wait that `Retry-After` asks for. */
      retryAfterMs: number | undefined;
      /** True where the body was Connect's own error document, false where a proxy may have answered. */
      fromConnect: boolean;
    },
  ) {
    const { errorCode, errors } = details;
    super(method, path, `answered ${[status, errorCode, errors.join(' ')].filter(Boolean).join(' ')}`);
  }

  get errorCode(): string | undefined {
    return this.details.errorCode;
  }
  get errors(): readonly string[] {
    return this.details.errors;
  }
  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs;
  }
  get fromConnect(): boolean {
    return this.details.fromConnect;
  }
}

/** No complete answer within the time limit. Whether Connect did what was asked is not known. */
export class ConnectTimeoutError extends ConnectError {
  override readonly code = 'CONNECT_TIMEOUT';

  constructor(method: string, path: string, timeoutMs: number) {
    super(method, path, `was not answered within ${timeoutMs / 1000} s`);
  }
}

/** The connection failed. Whether Connect did what was asked is not known. */
export class ConnectNetworkError extends ConnectError {
  override readonly code = 'CONNECT_NETWORK';

  /** @param reason Node's code, such as `ECONNRESET` */
  constructor(
    method: string,
    path: string,
    readonly reason: string,
  ) {
    super(method, path, `failed: ${reason}`);
  }
}

/** What kept an answer from being understood. `not-json`: another content type, as of a proxy's page. `redirect`: go elsewhere. */
export type AnswerProblem = 'not-json' | 'malformed-json' | 'redirect' | 'schema' | 'too-large';

/** An answer came, and cannot be used. */
export class ConnectAnswerError extends ConnectError {
  override readonly code = 'CONNECT_ANSWER';

  constructor(
    method: string,
    path: string,
    readonly kind: AnswerProblem,
    readonly status: number,
    what: string,
  ) {
    super(method, path, `answered ${status}, ${what}`);
  }
}
