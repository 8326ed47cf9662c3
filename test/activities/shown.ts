import type { ApplicationFailure } from '@temporalio/activity';

/** What a person sees of a failure, and whether it is tried again. */
export function shown({ type, nonRetryable, details, message }: ApplicationFailure) {
  const [{ retryAfterMs } = {}] = (details ?? []) as [{ retryAfterMs?: number }?];
  return { type, final: nonRetryable, retryAfterMs, message };
}
