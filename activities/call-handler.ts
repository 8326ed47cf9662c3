import { ApplicationFailure, cancellationSignal, cancelled, CancelledFailure } from '@temporalio/activity';
import { ConnectError } from '../src/connect/errors';
import { failurePolicy, FailureType } from '../src/domain/failure-type';
import { QuantityUnreadable } from '../src/domain/items';
import { ParameterMissing } from '../src/domain/parameters';
import { HANDLER_SECONDS } from '../src/domain/request-run';
import { withinTime } from '../src/domain/within-time';
import { outcomeProblems } from '../src/sdk/contract';
import type { VendorUnavailable } from '../src/sdk/errors';
import type { Outcome } from '../src/sdk/outcome';
import { failure, thrown } from './failure';

/**
 * Calls a vendor's handler: for as long as it may take, and not trusting what it returns.
 *
 * @param name of the handler, for messages: `purchase`
 * @param run is given a signal that is aborted when the time is over or the worker stops
 * @throws a failure of one of the vendor's types; Connect's own errors as they are
 */
export async function callHandler(
  name: string,
  seconds: number | undefined,
  run: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await callWithinTime(name, seconds, run);
  const problems = outcomeProblems(outcome);
  if (problems.length > 0) {
    throw failure(
      FailureType.VENDOR_CONTRACT,
      `The vendor's handler "${name}" does not keep its contract: ${problems.join('; ')}.`,
    );
  }
  return outcome;
}

/** Calls the vendor's code for as long as it may take. @throws as `callHandler` does, but for what is returned */
export async function callWithinTime<T>(
  name: string,
  seconds = HANDLER_SECONDS,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const call = (over: AbortSignal) => Promise.race([run(AbortSignal.any([cancellationSignal(), over])), cancelled()]); // or its time would go on
  const tooLong = `The vendor's handler "${name}" did not return within ${seconds} s.`;
  try {
    return await withinTime(seconds * 1000, call, failure(FailureType.VENDOR_TIMEOUT, tooLong));
  } catch (error) {
    throw vendorFailure(name, error);
  }
}

const OURS = [CancelledFailure, ConnectError, ParameterMissing, QuantityUnreadable];

/**
 * The SDK's errors are known by their name: a vendor's own repository may have a second copy of it. Ours are known by their class: a name is
 * anybody's.
 */
export function vendorFailure(handler: string, error: unknown): unknown {
  const { name, message, stack } = thrown(error);
  if (OURS.some((type) => error instanceof type)) return error;
  if (error instanceof ApplicationFailure && failurePolicy(error.type)) return error;
  switch (name) {
    case 'NotWritten':
      return failure(FailureType.VENDOR_NOT_WRITTEN, `${handler}: ${message}`);
    case 'VendorUnavailable': {
      const { retryAfterSeconds } = error as VendorUnavailable;
      return failure(FailureType.VENDOR_UNAVAILABLE, message, {
        stack,
        retryAfterMs: retryAfterSeconds && retryAfterSeconds * 1000,
      });
    }
    default:
      return failure(FailureType.VENDOR_FAULT, `The vendor's handler "${handler}" threw ${name}: ${message}`, {
        stack,
      });
  }
}
