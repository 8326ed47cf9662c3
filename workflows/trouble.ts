import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { failurePolicy, FailureType, knownFailureType } from '../src/domain/failure-type';

/** A failure as the steps see it. */
export interface Trouble {
  type: FailureType;
  message: string;
  final: boolean;
  retryAfterMs: number | undefined;
  /** What there is to say beyond the message, line by line. */
  report?: readonly string[] | undefined;
  /** True where nothing is tried again before somebody asks. */
  untilAsked: boolean;
}

/** How Temporal calls the end of an attempt that outlasts the grace time of its worker. */
const WORKER_SHUTDOWN = 'WorkerShutdown';

/** The type of failure behind an error; undefined where no activity failed. */
export function failureTypeOf(error: unknown): string | undefined {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure ? (failure.type ?? undefined) : undefined;
}

/**
 * @param error of an activity, or a failure of ours that the workflow itself found
 * @throws the error itself where it is neither: a cancellation, or a bug in workflow code
 */
export function troubleOf(error: unknown): Trouble {
  if (isCancellation(error)) throw error;
  if (error instanceof ApplicationFailure && failurePolicy(error.type)) return troubleIn(error);
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure) {
    return lost(cause.timeoutType === 'HEARTBEAT' ? 'its worker process died or hung' : 'it did not end in time');
  }
  if (!(cause instanceof ApplicationFailure)) return passing(FailureType.INTERNAL, cause?.message ?? error.message);
  if (cause.type === WORKER_SHUTDOWN) return lost('its worker was shut down before it ended');
  return troubleIn(cause);
}

function troubleIn({ type, message, details, nonRetryable }: ApplicationFailure): Trouble {
  const [detail] = (details ?? []) as [{ retryAfterMs?: number; report?: string[] }?];
  const policy = failurePolicy(type);
  return {
    type: knownFailureType(type),
    message,
    final: policy?.final ?? nonRetryable ?? false,
    untilAsked: policy?.untilAsked ?? false,
    retryAfterMs: detail?.retryAfterMs,
    report: detail?.report,
  };
}

function lost(what: string): Trouble {
  return passing(FailureType.WORKER_LOST, `The last attempt was lost: ${what}.`);
}

/** One that is expected to pass. */
function passing(type: FailureType, message: string): Trouble {
  return { type, message, final: false, untilAsked: false, retryAfterMs: undefined };
}
