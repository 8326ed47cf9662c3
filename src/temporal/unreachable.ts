/** No Temporal server answers, or it does not let us in. */
export class TemporalUnreachable extends Error {
  constructor(address: string, cause: unknown) {
    super(
      `No Temporal server answers at ${address} (${reasonOf(cause)}). Start one, or set TEMPORAL_ADDRESS and, where it needs them, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and TEMPORAL_TLS…`,
    );
    this.name = 'TemporalUnreachable';
  }
}

/** In short: the native part says it in a screenful. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return NATIVE_STATUS.exec(text)?.[1] ?? text;
}

/** How Temporal's native part says that there is no server. */
export const NATIVE_STATUS = /\bStatus \{ code: Unavailable, message: "([^"]*)"/;
