import type { Left } from './selection';

/**
 * What one round hands to the next through the schedule's last result. Without it the next round lists everything that is pending.
 */
export interface PollMemory {
  /** What changed in Connect before this instant has been seen. Connect's clock, ISO 8601; absent where it sent no `Date`. */
  watermark?: string;
  /** When a round last listed everything, by Connect's clock. Absent where a round may have overlooked something: the next one lists all. */
  sweptAt?: string;
  /** Requests that were seen and not started: looked at again first. Normally empty. */
  held: string[];
}

/** The result of a round. Counts of requests. */
export interface PollResult extends PollMemory {
  /** True where everything pending was listed, not only what changed. */
  sweep: boolean;
  /** Workflows started. */
  started: number;
  /** Seen, and already running. */
  running: number;
  /** Left alone, by the reason: not selected by the configuration, or taken by a person. Absent in the result of an older version. */
  left?: Record<Exclude<Left['reason'], 'unhandled'>, number>;
  /** Left alone: the vendor has no handler for their type. */
  unhandled: number;
  /** Open runs that a full sweep told to look whether their request is pending still, since it did not find it. */
  rechecked: number;
  /** Scheduled, and not put back to pending although their planned date is over; absent where the round did not look, or could not. */
  overdue?: number;
  /** Waiting for an older request of the same subscription. */
  behind: number;
  /** Could not be read or started; in `held`, so tried again by the next round. */
  troubled: number;
}
