import type { UsageSchema } from '../src/domain/usage';
import type { UsagePeriod } from '../src/domain/usage-period';
import type { ItemPrecision, UsageRecord } from '../src/sdk/usage';
import type { UsageAsset } from './usage-assets';

/** What the product in Connect allows. */
export interface UsageRules {
  period: UsagePeriod;
  schema: UsageSchema;
  /** By MPN. */
  items: ReadonlyMap<string, { payAsYouGo: boolean; precision: ItemPrecision }>;
  /** True where a record may define an item that the product does not have yet. */
  dynamicItems: boolean;
  categories: ReadonlySet<string>;
}

/** A record as the hook gave it out: nothing about it is trusted. */
type GivenRecord = { readonly [Name in keyof UsageRecord]?: unknown };

const DECIMALS: Record<ItemPrecision, number> = {
  Integer: 0,
  'Decimal(1)': 1,
  'Decimal(2)': 2,
  'Decimal(4)': 4,
  'Decimal(8)': 8,
};

/** A spreadsheet cell holds 15 digits; Connect's own limit of an amount is 1e16. */
const MOST_DIGITS = 15;

/** So long may an id or a name be. */
const LONGEST_TEXT = 255;
/** So many characters fit into a spreadsheet cell. */
const LONGEST_NOTE = 32_767;
/** What XML cannot say: half characters, and control characters other than those of white space. */
const UNWRITABLE = /\p{Cs}|\p{Noncharacter_Code_Point}|(?![\t\n\r])\p{Cc}/u;

const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Subscriptions in these states have been used, or may have been. */
const USABLE = new Set(['active', 'suspended', 'terminating', 'terminated']);

/**
 * What is wrong with a record, a phrase each.
 *
 * @param times of the record, as `timesOf` reads them
 * @param asset undefined where Connect does not have it
 */
export function usageRecordProblems(
  record: GivenRecord,
  times: UsageTimes,
  rules: UsageRules,
  asset: UsageAsset | undefined,
): string[] {
  return [
    ...itemProblems(record, rules),
    ...priceProblems(record, rules.schema),
    ...categoryProblems(record, rules.categories),
    ...(record.id === undefined ? [] : textProblems('id', record.id)),
    ...(record.note === undefined ? [] : textProblems('note', record.note, LONGEST_NOTE)),
    ...timeProblems(times, rules.period),
    ...assetProblems(record, asset),
  ];
}

function itemProblems({ mpn, quantity, newItem }: GivenRecord, { items, dynamicItems }: UsageRules): string[] {
  if (typeof mpn !== 'string' || mpn === '') return ['"mpn" is no text', ...numberProblems('quantity', quantity)];
  const item = items.get(mpn);
  if (item) {
    const problems = numberProblems('quantity', quantity, DECIMALS[item.precision]);
    return item.payAsYouGo ? problems : ['the item is not pay-as-you-go', ...problems];
  }
  if (!dynamicItems || newItem === undefined) {
    const defining = dynamicItems ? ', and "newItem" does not define one' : '';
    return [`the product has no item with this MPN${defining}`, ...numberProblems('quantity', quantity)];
  }
  const { name, unit, precision } = (newItem ?? {}) as Record<string, unknown>;
  const isPrecision = typeof precision === 'string' && Object.hasOwn(DECIMALS, precision);
  return [
    ...textProblems('mpn', mpn),
    ...(name === '' ? ['"newItem.name" is empty'] : textProblems('newItem.name', name)),
    ...(unit === '' ? ['"newItem.unit" is empty'] : textProblems('newItem.unit', unit)),
    ...(isPrecision ? [] : [`"newItem.precision" must be one of ${Object.keys(DECIMALS).join(', ')}`]),
    ...numberProblems('quantity', quantity, isPrecision ? DECIMALS[precision as ItemPrecision] : undefined),
  ];
}

function priceProblems({ amount, tier }: GivenRecord, schema: UsageSchema): string[] {
  const problems: string[] = [];
  if (schema !== 'QT') problems.push(...numberProblems('amount', amount));
  else if (amount !== undefined) problems.push('"amount" does not belong to the schema QT');
  if (schema !== 'TR') {
    if (tier !== undefined) problems.push(`"tier" does not belong to the schema ${schema}`);
  } else if (tier !== 0 && tier !== 1 && tier !== 2) {
    problems.push('"tier" must be 0, 1 or 2 in the schema TR');
  }
  return problems;
}

function categoryProblems({ category }: GivenRecord, declared: ReadonlySet<string>): string[] {
  if (category === undefined) return declared.size > 0 ? ['"category" is missing, although there are categories'] : [];
  if (typeof category !== 'string') return ['"category" is no text'];
  return declared.has(category) ? [] : [`category "${category.slice(0, 100)}" is not declared`];
}

/** @param decimals the most; undefined where any number of them will do */
function numberProblems(name: string, value: unknown, decimals?: number): string[] {
  if (typeof value !== 'string' || !/^-?\d+(\.\d+)?$/.test(value)) {
    return [`"${name}" is no decimal text such as "12.50"`];
  }
  if (value.startsWith('-')) return [`"${name}" is negative`];
  const [whole = '', fraction = ''] = value.split('.');
  const needed = fraction.replace(/0+$/, '');
  if (decimals !== undefined && needed.length > decimals) {
    return [`"${name}" has more decimals than the item's precision, ${decimals}`];
  }
  const digits = Math.max((whole + needed).replace(/^0+/, '').length, needed.length);
  return digits > MOST_DIGITS ? [`"${name}" has more than ${MOST_DIGITS} digits, which no spreadsheet holds`] : [];
}

function textProblems(name: string, value: unknown, longest = LONGEST_TEXT): string[] {
  if (typeof value !== 'string') return [`"${name}" is no text`];
  if (value.length > longest) return [`"${name}" has more than ${longest} characters`];
  return UNWRITABLE.test(value) ? [`"${name}" has a character that no workbook holds`] : [];
}

function timeProblems({ start, end }: UsageTimes, period: UsagePeriod): string[] {
  const problems: string[] = [];
  if (start === '') problems.push('"start" is no time');
  if (end === '') problems.push('"end" is no time');
  if (problems.length > 0) return problems;
  const month = timesOf({}, period);
  if (start < month.start || end > month.end) return [`its time is outside the period ${period.id}`];
  return start > end ? ['it ends before it starts'] : [];
}

function assetProblems(record: GivenRecord, asset: UsageAsset | undefined): string[] {
  if (!isReference(record.asset)) return ['"asset" is neither an id nor a parameter with a value'];
  if (!asset) return ['the product has no such subscription, or several'];
  const problems = USABLE.has(asset.status) ? [] : [`the subscription is ${asset.status}`];
  if (asset.contractId === '') problems.push('Connect names no contract of the subscription');
  if (asset.marketplaceId === '') problems.push('Connect names no marketplace of the subscription');
  return problems;
}

export function isReference(asset: unknown): asset is UsageRecord['asset'] {
  if (typeof asset === 'string') return asset !== '';
  const { parameter, value } = (asset ?? {}) as { parameter?: unknown; value?: unknown };
  return typeof parameter === 'string' && parameter !== '' && typeof value === 'string' && value !== '';
}

/** First and last second, as the workbook has them: `2026-10-01 00:00:00`, UTC. Empty for what is no time. */
export interface UsageTimes {
  start: string;
  end: string;
}

export function timesOf({ start, end }: GivenRecord, { from, to }: UsagePeriod): UsageTimes {
  return {
    start: start === undefined ? `${from} 00:00:00` : timeOf(start),
    end: end === undefined ? `${to} 23:59:59` : timeOf(end),
  };
}

/** A time without a zone is meant in UTC, as the workbook's are, whatever the clock of this machine. */
function timeOf(value: unknown): string {
  if (typeof value !== 'string' || !TIME.test(value)) return '';
  const day = value.slice(0, 10);
  if (new Date(day).getUTCDate() !== Number(day.slice(8))) return ''; // JavaScript takes the 30th of February for a day in March
  const isZoned = value === day || /(Z|[+-]\d\d:\d\d)$/.test(value);
  const date = new Date(`${value.replace(' ', 'T')}${isZoned ? '' : 'Z'}`);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19).replace('T', ' ');
}
