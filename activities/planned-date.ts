import { FailureType } from '../src/domain/failure-type';
import { failure } from './failure';

/** So far Connect's clock and ours may be apart: what has come back at its date is not put off once more. */
const CLOCKS_APART_MS = 60_000;

/**
 * Whether a planned date is yet to come. Where there is none it is not.
 *
 * @throws ConnectContract for what is no date: nobody knows whether it is too early
 */
export function isAhead(plannedDate: string): boolean {
  if (plannedDate === '') return false;
  const at = Date.parse(plannedDate);
  if (Number.isNaN(at) || !STARTS_WITH_A_DAY.test(plannedDate)) {
    throw failure(
      FailureType.CONNECT_CONTRACT,
      `The request is planned for "${plannedDate}", which is no date. Nothing is done, since it may be too early.`,
    );
  }
  return at > Date.now() + CLOCKS_APART_MS;
}

/** `Date` takes "01/02/2027" too, and makes a day of January of it, whoever meant February. */
const STARTS_WITH_A_DAY = /^\d{4}-\d\d-\d\d/;
