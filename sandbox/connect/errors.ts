import { ApiError } from '../api-error';

/**
 * An answer other than 2xx, in Connect's own shape: `{"error_code": "...", "errors": ["..."], "params": {...}}`.
 *
 * Thrown by the state machines and turned into an answer in one place, `http-server.ts`.
 */
export class ConnectError extends ApiError {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly errors: string[],
    readonly params?: Record<string, unknown>,
  ) {
    super(errors.join(' '));
    this.name = 'ConnectError';
  }

  /** The body that goes over the wire. */
  body(): Record<string, unknown> {
    return {
      error_code: this.code,
      errors: this.errors,
      ...(this.params === undefined ? {} : { params: this.params }),
    };
  }
}

export const unauthorized = () => new ConnectError(401, 'AUTH_001', ['API request is unauthorized.']);

/** Code and text are our decision: Connect documents the status alone. */
export const forbidden = () =>
  new ConnectError(403, 'AUTH_003', ['You do not have permission to perform this action.']);

/** Code and text are our decision: Connect documents the status alone. */
export const notFound = (what: string, id: string) =>
  new ConnectError(404, 'RES_001', [`${what} ${id} does not exist.`]);

/** A request that is in the wrong state for an action. */
export const wrongState = (text: string) => new ConnectError(400, 'REQ_003', [text]);

/** A field that is wrong. @param field dotted path, for example `asset.items` */
export const invalid = (field: string, text: string) => new ConnectError(400, 'VAL_001', [`${field}: ${text}`]);

/** Drafts are the distributor's, who places them; an adjustment is the vendor's. Code and text are our decision. */
export const adjustmentDraft = () => invalid('status', 'An adjustment is never a draft.');

/** A mandatory field of an action that was not sent. */
export const missedFields = (...names: string[]) =>
  new ConnectError(400, 'REQ_005', [`Missed fields: ${names.join(', ')}.`]);

/** A list query that cannot be read, or that asks for something a filter does not offer. */
export const badQuery = (text: string) => new ConnectError(400, 'VAL_001', [text]);

/** A tier config request that is in the wrong state for an action. */
export const wrongTierState = () =>
  new ConnectError(400, 'TC_006', ['Tier configuration request status transition is not allowed.']);

/** A product that is not sold where it is ordered, or reported on. */
export const notListed = () =>
  new ConnectError(400, 'VAL_001', ['There is no Listing for specified Product and Marketplace.']);

/** A usage file that is in the wrong state for an action. Code and text are our decision. */
export const wrongUsageState = (action: string, status: string) =>
  new ConnectError(400, 'USG_001', [`Usage file status transition is not allowed: ${action} while ${status}.`]);
