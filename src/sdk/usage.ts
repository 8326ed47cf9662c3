import { LONGEST_HANDLER_SECONDS } from '../domain/request-run';
import type { UsageSchema } from '../domain/usage';
import type { UsagePeriod } from '../domain/usage-period';
import type { Logger } from './request-context';

/**
 * Reports what was used of pay-as-you-go items in a month.
 *
 * Called once to count, and once for each usage file that is built, a contract a file; again whenever something broke. Each time it gives out
 * all that it knows of the month, the same as long as nothing was corrected, as a stream: nothing holds all of it at once.
 */
export type UsageHook = (report: UsageContext) => AsyncIterable<UsageRecord>;

/** The hook, where something beside it is to be said. */
export interface UsageReporting {
  records: UsageHook;
  /** What `category` of a record may name. Written to the sheet `categories`. */
  categories?: readonly UsageCategory[];
  /**
   * What a bad record holds back: `file` (the default) its whole usage file until it is corrected; `record` itself alone. Either way it is
   * reported, never dropped in silence.
   */
  badRecordHoldsBack?: 'file' | 'record';
  /**
   * True where others report part of the product's usage, in files of their own. Else a usage file that the distributor has of the same contract
   * and month, and that is not ours, parks the run: usage would be charged twice.
   */
  besideOtherFiles?: boolean;
  /** Seconds in which all records of a month can be given out; default 3,600, which is the most. */
  timeLimitSeconds?: number;
}

/** What the hook is given. */
export interface UsageContext {
  /** The calendar month, in UTC. */
  readonly period: UsagePeriod;
  /** `PRD-…` */
  readonly productId: string;
  /** The product's: which of `quantity`, `amount` and `tier` a record needs. */
  readonly schema: UsageSchema;
  /**
   * `CRD-…` where one contract's file is built: records of others may then be left out, to save time. Undefined where all are counted.
   */
  readonly contractId: string | undefined;
  /** Aborted when the time is over or the worker stops. Pass it to every call. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** One line of a usage file. */
export interface UsageRecord {
  /** The subscription: its id in Connect, or a parameter of it that Connect reconciles by, such as the vendor's own subscription id. */
  asset: string | { parameter: string; value: string };
  /** The item's, as the product in Connect has it. */
  mpn: string;
  /** Decimal text, not negative, with no more decimals than the item's precision: `"12.50"`. */
  quantity: string;
  /** The vendor's own id of the record. Needed where a subscription has several records of one item (and tier) in the month. */
  id?: string;
  /** Schemas CR, PR and TR: decimal text, before tax, in the currency of the contract's marketplace. */
  amount?: string;
  /** Schema TR: whose price `amount` is: 0 the customer's, 1 the reseller's, 2 the one's above. */
  tier?: 0 | 1 | 2;
  /** The id of one of `categories`. Needed where there are any. */
  category?: string;
  /** First second, ISO 8601, in UTC; default the month's first. */
  start?: string;
  /** Last second; default the month's last. */
  end?: string;
  /** Shown beside the record. */
  note?: string;
  /** Defines an item that the product does not have yet, where the product's items are dynamic. */
  newItem?: { name: string; unit: string; precision: ItemPrecision };
}

/** How many decimals a quantity may have, in Connect's words. */
export type ItemPrecision = 'Integer' | 'Decimal(1)' | 'Decimal(2)' | 'Decimal(4)' | 'Decimal(8)';

export interface UsageCategory {
  id: string;
  name: string;
  description: string;
}

/** The hook, whichever way it was written. */
export function usageReporting(usage: UsageHook | UsageReporting): UsageReporting {
  return typeof usage === 'function' ? { records: usage } : usage;
}

/** What does not fit in a vendor's `usage`. */
export function usageProblems(usage: unknown): string[] {
  if (typeof usage === 'function') return [];
  const {
    records,
    categories,
    badRecordHoldsBack: held,
    besideOtherFiles: beside,
    timeLimitSeconds: seconds,
  } = (usage ?? {}) as Record<string, unknown>;
  const problems: string[] = [];
  if (typeof records !== 'function') problems.push('usage must be a function, or have a function "records"');
  if (categories !== undefined && !areCategories(categories)) {
    problems.push('usage.categories must be a list of { id, name, description }, each with an id of its own');
  }
  if (held !== undefined && held !== 'file' && held !== 'record') {
    problems.push('usage.badRecordHoldsBack must be "file" or "record"');
  }
  if (beside !== undefined && typeof beside !== 'boolean')
    problems.push('usage.besideOtherFiles must be true or false');
  if (seconds !== undefined && !(typeof seconds === 'number' && seconds > 0 && seconds <= LONGEST_HANDLER_SECONDS)) {
    problems.push(`usage.timeLimitSeconds must be more than 0 and at most ${LONGEST_HANDLER_SECONDS}`);
  }
  return problems;
}

function areCategories(categories: unknown): boolean {
  if (!Array.isArray(categories)) return false;
  const ids = categories.map((category: unknown) => {
    const { id, name, description } = (category ?? {}) as Record<string, unknown>;
    return [id, name, description].every((text) => typeof text === 'string') ? id : '';
  });
  return !ids.includes('') && new Set(ids).size === ids.length;
}
