/** No Temporal server answers, or it does not let us in. */
export class TemporalUnreachable extends Error {
  constructor(address: string, cause: unknown) {
    super(
      `No Temporal server answers at ${address} (${reasonOf(cause)}). Start one, or set TEMPORAL_ADDRESS and, where it needs them, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and TEMPORAL_TLS…`,
    );
    this.name = 'TemporalUnreachable';
  }
}

/** In short: the native part says it in a screenful, and the client names what it was about, and keeps to itself what gRPC says. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const text = NATIVE_STATUS.exec(cause.message)?.[1] ?? cause.message;
  return cause.cause === undefined ? text : `${text}: ${reasonOf(cause.cause)}`;
}

/** How Temporal's native part says that there is no server. */
export const NATIVE_STATUS = /\bStatus \{ code: Unavailable, message: "([^"]*)"/;
