/** Signal and update of a request's workflow: try again now. One name for both. */
export const REPROCESS = 'reprocess';

/** The type of failure by which a run that is neither failing, parked nor waiting refuses the update. */
export const NOTHING_TO_REPROCESS = 'NothingToReprocess';

/**
 * Signal of a request's workflow: look in Connect whether it is pending still. A hint, given by a full sweep that did not find it, or found it
 * being revoked: a run that waits, retries or is parked ends where somebody else has ended its request, sees to the revocation where there is
 * one, and rests on where nothing has changed.
 */
export const RECHECK = 'recheck';

/** Signal of a usage file's workflow: the report has counted anew, and this is what the file should say. */
export const RECOUNT = 'recount';

/** Query of a request's workflow: where it stands. */
export const PROGRESS = 'progress';

/** What `reprocess` may carry. Kept in the run's history. */
export interface Reprocess {
  /** Who asks, for whoever reads the history later. */
  by?: string;
}

/**
 * Running: all is well. Retrying: a step has been failing for a while, and is tried on. Parked: nothing more is tried until
 * somebody asks for it, or a day has passed.
 */
export type Phase = 'running' | 'retrying' | 'parked';

/** Where a run stands before its first step. */
export const FIRST_STEP = 'starting';

/** The answer to `progress`. Times are ISO 8601. */
export interface Progress {
  phase: Phase;
  /** The step's name, as in the summary of its activity: `ask vendor`, `save params`, `approve`, … */
  step: string;
  /** The last error, of a step that has begun to fail too; empty while all is well. */
  reason: string;
  /** The failure's type, a key of `FAILURES`, where there is a reason. */
  failureType?: string;
  /** What there is to say beyond the reason, line by line: bad usage records, or how a usage file differs from what the vendor reports. */
  report?: readonly string[];
  /** Since when the step fails, the run is parked, or the vendor's wait lasts. */
  since?: string;
  /** When it goes on by itself. */
  nextAttempt?: string;
}
