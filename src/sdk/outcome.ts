import type { ParamValue } from '../domain/parameters';

/** Values to save, by parameter id. They are saved at once, whatever the outcome, and only where they differ. */
export type Params = Readonly<Record<string, ParamValue>>;

/**
 * What a handler decided. A handler returns an outcome for everything that is business, and throws only for faults: whatever it throws is
 * tried again, and never rejects an order.
 */
export type Outcome = Approve | Inquire | Fail | Wait | Schedule;

/** Connect approves the request; a purchased subscription becomes active. Cannot be undone. */
export interface Approve {
  readonly kind: 'approve';
  readonly params: Params;
  /** Name of the activation template, where it is not the configured one. */
  readonly template: string | undefined;
  /** Text that the customer is shown, Markdown, in place of a template's. Kept in the run's history: nothing secret. */
  readonly activationTile?: string;
  /** Since when the request counts as approved, ISO 8601; absent, since the approval. */
  readonly effectiveDate?: string;
  /** When the subscription is billed next, ISO 8601; automatic billing rests until then. The distributor has to support it. */
  readonly nextBillingDate?: string;
}

/** What an approval may say beside the parameters. A date is an ISO 8601 time with its offset, or a Date. */
export interface ApproveOptions {
  /** Not together with a tile. */
  template?: string;
  activationTile?: string;
  effectiveDate?: string | Date;
  nextBillingDate?: string | Date;
}

/** The request goes back to the customer, who corrects the named parameters; then the handler is called again. */
export interface Inquire {
  readonly kind: 'inquire';
  readonly params: Params;
  /** A sentence for the customer, by the id of the parameter to correct. At least one; 512 characters each. */
  readonly paramErrors: Readonly<Record<string, string>>;
  /** Name of the inquire template, where the product has several and the configured one does not suit. */
  readonly template: string | undefined;
}

/** The vendor refuses for good. Cannot be undone. */
export interface Fail {
  readonly kind: 'fail';
  readonly params: Params;
  /** Shown to the distributor and the customer. */
  readonly reason: string;
}

/** Not ready yet: the handler is called again later. */
export interface Wait {
  readonly kind: 'wait';
  readonly params: Params;
  /** A second or more, a year at most. A durable timer: it outlives restarts and costs nothing. */
  readonly seconds: number;
}

/** The request is put off in Connect, where its type may be scheduled; the handler is called again when Connect makes it pending. */
export interface Schedule {
  readonly kind: 'schedule';
  readonly params: Params;
  /** ISO 8601 with its offset, in the future. */
  readonly plannedDate: string;
}

/**
 * @example approve({ subscription_id: tenant.id })
 * @example approve({}, { template: 'Welcome, reseller' })
 * @example approve({}, { activationTile: '# Welcome', effectiveDate: '2027-01-01T00:00:00Z' })
 */
export function approve(params: Params = {}, options: ApproveOptions = {}): Approve {
  const { template, activationTile, effectiveDate, nextBillingDate } = options;
  return {
    kind: 'approve',
    params,
    template,
    ...(activationTile !== undefined && { activationTile }),
    ...(effectiveDate !== undefined && { effectiveDate: isoText(effectiveDate) }),
    ...(nextBillingDate !== undefined && { nextBillingDate: isoText(nextBillingDate) }),
  };
}

/** A date that is none stays as it is, and is named by the check of what the handler returned. */
function isoText(date: string | Date): string {
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date.toISOString() : (date as string);
}

/** @example inquire({ admin_email: 'Enter the e-mail address of an administrator.' }) */
export function inquire(
  paramErrors: Readonly<Record<string, string>>,
  options: { params?: Params; template?: string } = {},
): Inquire {
  return { kind: 'inquire', paramErrors, params: options.params ?? {}, template: options.template };
}

/** @example fail('This company is not served in that country.') */
export function fail(reason: string, options: { params?: Params } = {}): Fail {
  return { kind: 'fail', reason, params: options.params ?? {} };
}

/** @example wait(600, { subscription_id: tenant.id }) */
export function wait(seconds: number, params: Params = {}): Wait {
  return { kind: 'wait', seconds, params };
}

/**
 * @param date in the future: an ISO 8601 time with its offset, or a Date
 * @example if (Date.parse(opening) > Date.now() + 60_000) return schedule(opening);
 */
export function schedule(date: string | Date, params: Params = {}): Schedule {
  return { kind: 'schedule', plannedDate: isoText(date), params };
}
