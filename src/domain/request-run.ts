import type { ParamChange } from './parameters';

/** How long trouble is borne, in milliseconds. Set by the starter from the configuration, carried from run to run. */
export interface Patience {
  /** A step that fails is tried quietly for this long, then in sight of the operator (phase `retrying`). */
  quietMs: number;
  /** After this long of failing, counted from the first failure, the run is parked. */
  retryMs: number;
  /** A parked run starts afresh by itself after this long. */
  parkedMs: number;
}

export const DEFAULT_PATIENCE: Patience = { quietMs: 5 * 60_000, retryMs: 12 * 3_600_000, parkedMs: 24 * 3_600_000 };

/** The argument of a request's workflow. It holds ids and settings, never the request itself, so that each run reads afresh. */
export interface RequestInput {
  /** `PR-…` or `TCR-…` */
  id: string;
  /** As in `ConnectRequestType`; for logs and metrics. */
  type?: string;
  /** Said first in the current details, since continue-as-new loses the summary: `purchase of PRD-… for AS-…`. */
  about?: string;
  patience?: Patience;
  /** How many runs before this one, in a row, have found another order than their vendor had decided about. */
  changed?: number;
  /** How often and since when the vendor has asked to wait, from run to run. */
  waited?: Waited;
  /** The time limit that the handler of this request's type states, in seconds; default 60. */
  handlerSeconds?: number;
  /** True for a purchase whose vendor gives back what it made: known before anything is created. */
  releases?: boolean;
  /** The request has come to this end, and what was made for it is still to be given back: nothing else is left to do. */
  releasing?: RequestResult;
}

/** Connect's status of a request that was scheduled and is being revoked: the vendor undoes and confirms. */
export const REVOKING = 'revoking';
/** The type of its run, whatever was ordered. */
export const REVOKE = 'revoke';

/** The waits that a vendor has asked for so far. */
export interface Waited {
  /** How often; at least once. */
  times: number;
  /** When it asked for the first time, ISO 8601. */
  since: string;
}

/** The key of a run's memo under which it keeps the wait that an earlier run of its request ended with. */
export const VENDOR_WAIT = 'vendorWait';

/** A wait that a vendor has asked for, as the runs after it remember it. */
export interface VendorWait {
  /** The run that waited. */
  runId: string;
  /** As long as the vendor asked for, ISO 8601; the run itself ended earlier where the wait was cut short. */
  until: string;
  /** Which wait of the request it was, from 1. */
  times: number;
}

/** The default time limit of a handler, and the longest that one may state, in seconds. */
export const HANDLER_SECONDS = 60;
export const LONGEST_HANDLER_SECONDS = 3600;

/** The longest wait that a vendor may ask for, in seconds: a year. What is longer is a mistake, milliseconds perhaps. */
export const LONGEST_WAIT_SECONDS = 365 * 24 * 3600;

/**
 * What `askVendor` hands to the workflow, and what history keeps of it: no value of a password parameter, no customer record.
 *
 * `noop`: the request is no longer pending, or this vendor has no handler for its type; nothing is done.
 */
export type VendorAnswer =
  | { kind: 'noop'; status: string; reason: string }
  /** The request is being revoked, and its run is about something else: nobody was asked. */
  | { kind: 'revoking' }
  | Decision;

/** What the vendor has decided. `basis` is absent where nobody was asked, and where it was decided before there was one. */
export type Decision = { params: ParamChange[]; basis?: Basis } & (
  | { kind: 'approve'; templateId: string; approval?: Approval }
  | { kind: 'inquire'; paramErrors: Record<string, string>; templateId?: string }
  | { kind: 'fail'; reason: string }
  | { kind: 'wait'; seconds: number }
  /** `plannedBefore`: the planned date that the request has already; empty where it has none. */
  | { kind: 'schedule'; plannedDate: string; plannedBefore: string }
  /** The vendor has undone what was prepared for a request that is being revoked. */
  | { kind: 'confirm' }
);

/**
 * What was ordered when the vendor decided, as far as can be kept in history: a digest of the items and of the customer's parameters, but for
 * passwords. Two, where the decision itself sets some of these: as they were, and as it leaves them.
 */
export type Basis = string[];

/** How a step is tried: `again` where the workflow tries once more, since an earlier try may have got through. */
export interface Try {
  again: boolean;
  basis?: Basis | undefined;
}

export const FIRST_TRY: Try = { again: false };

/** `changed`: the request is neither as the step makes it nor as it was when the vendor decided. Nothing was done. */
export type Settled = 'done' | 'changed';

/** What the vendor says of an approval beside its template. Dates are ISO 8601. */
export interface Approval {
  /** In place of the template. */
  activationTile?: string;
  effectiveDate?: string;
  nextBillingDate?: string;
}

/** What the step of an inquiry is given. */
export interface Inquiry extends Try {
  /** A sentence for the customer by parameter id: saved already, and what a repeat looks for. */
  paramErrors: Record<string, string>;
  /** `TL-…`; undefined for a tier config request. */
  templateId?: string | undefined;
}

/** `due`: it could not be put off, or was, and is pending at its date by now. */
export type ScheduleResult = Settled | 'due';

/**
 * How a run ends. `gone`: the request no longer exists in Connect. `noop`: somebody else had brought it to its end, or it is not
 * ours to handle. Whoever wants the truth of a request reads Connect: a late start of an approved request ends as `noop`.
 * `cancelled`: an operator cancelled the run. So the log and the metrics call it; a run returns it only where an earlier one of the chain was
 * cancelled, and what the purchase had made took until now to give back.
 */
export interface RequestResult {
  outcome: 'approved' | 'failed' | 'inquired' | 'scheduled' | 'revoked' | 'noop' | 'gone' | 'cancelled';
  /** What a `noop` found. */
  status?: string;
  reason?: string;
  /** What became of that which the purchase had made; absent where nobody looked. */
  release?: Release;
}

/**
 * `released`: it was there, and is given back. `nothing`: there was nothing. `kept`: the request is approved after all, or in a state that we
 * do not know, or the vendor gives nothing back any more.
 */
export type Release = 'released' | 'nothing' | 'kept';

/** What a round knows of a request: enough to find its run by, and to start it. */
export interface RequestToStart {
  /** `PR-…` or `TCR-…`, which becomes the workflow id. */
  id: string;
  /** `purchase`, …, `tier-setup`, … */
  type: string;
  productId?: string;
  /** The subscription, or the tier configuration. */
  assetId?: string;
  /** When it was created in Connect, ISO 8601; absent where that could not be read. */
  created?: string;
  /** `sli.zone`; absent where Connect measures no service level for it. */
  sliZone?: number;
  handlerSeconds?: number;
  releases?: boolean;
}

/** Starts the workflow of a request, unless it is running. Safe to call for one request from several places at once. */
export type StartRequest = (request: RequestToStart) => Promise<'started' | 'running'>;
