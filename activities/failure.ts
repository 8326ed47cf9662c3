import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import { ConnectAnswerError, ConnectApiError, ConnectNetworkError, ConnectTimeoutError } from '../src/connect/errors';
import { cut } from '../src/domain/cut';
import { failurePolicy, FailureType, knownFailureType } from '../src/domain/failure-type';
import { QuantityUnreadable } from '../src/domain/items';
import { ParameterMissing } from '../src/domain/parameters';
import { printable } from '../src/domain/printable';

const LONGEST_MESSAGE = 500;
const LONGEST_STACK = 5_000;

/** A wait longer than this is the workflow's: there it is seen, and can be cut short. */
const LONGEST_QUIET_WAIT_MS = 10_000;
const AUTH_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 15 * 60_000;

interface FailureOptions {
  retryAfterMs?: number | undefined;
  stack?: string | undefined;
  report?: readonly string[] | undefined;
}

/**
 * A failure as the workflow understands it: by its type alone. Its message is whole, secrets and all, until `toFailure` has had it.
 *
 * @param options.retryAfterMs the shortest wait that the other side asked for
 * @param options.stack of the vendor's own error, for the developer who reads the run
 * @param options.report lines that say more than fits into a message
 */
export function failure(type: FailureType, message: string, options: FailureOptions = {}): ApplicationFailure {
  const retryAfterMs = options.retryAfterMs && Math.min(Math.max(options.retryAfterMs, 1000), LONGEST_WAIT_MS);
  const cameLate = type === FailureType.VENDOR_TIMEOUT; // repeated at once it would be minutes until anybody hears of it
  const handOver = failurePolicy(type)?.final || cameLate || (retryAfterMs ?? 0) > LONGEST_QUIET_WAIT_MS;
  const made = ApplicationFailure.create({
    type,
    message,
    nonRetryable: handOver,
    ...((retryAfterMs || options.report) && { details: [{ retryAfterMs, report: options.report }] }),
    ...(retryAfterMs && !handOver && { nextRetryDelay: retryAfterMs }),
    ...(type === FailureType.CONNECT_THROTTLED && { category: ApplicationFailureCategory.BENIGN }),
  });
  if (options.stack !== undefined) made.stack = options.stack;
  return made;
}

/**
 * Whatever was thrown, as one typed failure that may be kept: without secrets, printable, and short enough to be read.
 *
 * @param redact takes secrets out of a text
 */
export function toFailure(error: unknown, redact: (text: string) => string): Error {
  const redacted = redactedFailure(error, redact);
  if (!(redacted instanceof ApplicationFailure)) return redacted;
  // Cut at the very end: of a secret that reaches across a cut, nobody would know the beginning again.
  redacted.message = cut(printable(redacted.message), LONGEST_MESSAGE);
  if (redacted.stack !== undefined) redacted.stack = cut(printable(redacted.stack), LONGEST_STACK);
  return redacted;
}

/**
 * Whatever was thrown, as one typed failure without the secrets that are known here. This is the table of docs/errors.md in code.
 *
 * @param redact takes them out of a text
 */
export function redactedFailure(error: unknown, redact: (text: string) => string): Error {
  if (error instanceof CancelledFailure) return error;
  if (error instanceof ApplicationFailure) {
    const details = error.details?.[0] as Pick<FailureOptions, 'retryAfterMs' | 'report'> | undefined;
    return failure(knownFailureType(error.type), redact(error.message), {
      ...(error.stack && { stack: redact(error.stack) }),
      retryAfterMs: details?.retryAfterMs,
      report: details?.report?.map(redact),
    });
  }
  if (error instanceof ConnectApiError) return connectFailure(error, redact(error.message));
  if (error instanceof ConnectTimeoutError || error instanceof ConnectNetworkError) {
    return failure(FailureType.CONNECT_UNAVAILABLE, redact(error.message));
  }
  if (error instanceof ConnectAnswerError) {
    const readable = error.kind === 'schema' || error.kind === 'too-large'; // anything else is a proxy's page, or cut short
    const type = readable ? FailureType.CONNECT_CONTRACT : FailureType.CONNECT_UNAVAILABLE;
    return failure(type, redact(error.message));
  }
  if (error instanceof ParameterMissing) return failure(FailureType.PARAMETER_MISSING, redact(error.message));
  if (error instanceof QuantityUnreadable) return failure(FailureType.CONNECT_CONTRACT, redact(error.message));

  const { name, message, stack } = thrown(error);
  return failure(FailureType.INTERNAL, redact(`${name}: ${message}`), { ...(stack && { stack: redact(stack) }) });
}

/** Of whatever was thrown, the parts of an error. What is none is said as JSON. */
export function thrown(error: unknown): { name: string; message: string; stack: string | undefined } {
  const { name, message, stack } = (error ?? {}) as Partial<Record<keyof Error, unknown>>;
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : inWords(error),
    stack: typeof stack === 'string' ? stack : undefined,
  };
}

function inWords(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return 'an object that JSON cannot say'; // it holds itself, say
  }
}

function connectFailure(error: ConnectApiError, message: string): ApplicationFailure {
  const { status, retryAfterMs } = error;
  if (status === 401 || status === 403)
    return failure(FailureType.CONNECT_AUTH, message, { retryAfterMs: AUTH_WAIT_MS });
  if (status === 408 || status === 425 || status === 429) {
    return failure(FailureType.CONNECT_THROTTLED, message, { retryAfterMs: retryAfterMs ?? 5_000 });
  }
  if (status >= 500) return failure(FailureType.CONNECT_UNAVAILABLE, message, { retryAfterMs });
  if (status === 409) return failure(FailureType.CONNECT_CONFLICT, message);
  return failure(FailureType.CONNECT_REJECTED, message);
}
