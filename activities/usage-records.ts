import { setImmediate } from 'node:timers/promises';
import type { UsageRow } from '../src/connect/usage-workbook';
import type { BadUsage, UsagePeriod, UsageSchema } from '../src/domain/usage';
import type { ItemPrecision, UsageRecord } from '../src/sdk/usage';
import { assetKey, type createAssetFinder, type UsageAsset } from './usage-assets';

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

/** A record of the vendor's, read: a row for the workbook, or what is wrong with it. */
export type ReadUsage =
  | { kind: 'good'; contractId: string; marketplaceId: string; row: UsageRow }
  | { kind: 'bad'; contractId: string | undefined; bad: BadUsage };

/** So many records are held at once, so that their subscriptions are asked for together. */
const AT_ONCE = 1_000;

const DECIMALS: Record<ItemPrecision, number> = {
  Integer: 0,
  'Decimal(1)': 1,
  'Decimal(2)': 2,
  'Decimal(4)': 4,
  'Decimal(8)': 8,
};

/** A spreadsheet cell holds 15 digits; Connect's own limit of an amount is 1e16. */
const MOST_DIGITS = 15;

/** Subscriptions in these states have been used, or may have been. */
const USABLE = new Set(['active', 'suspended', 'terminating', 'terminated']);

/**
 * Reads the vendor's records one after another, and checks each.
 *
 * @param records as the hook gives them out: nothing about them is trusted
 * @throws what the hook or Connect throws
 */
export async function* readUsage(
  records: AsyncIterable<UsageRecord>,
  rules: UsageRules,
  assets: ReturnType<typeof createAssetFinder>,
): AsyncGenerator<ReadUsage> {
  const seen = new Set<string>();
  let number = 0;
  for await (const batch of inBatches(records)) {
    await assets.prepare(batch.map(({ asset }) => asset).filter(isReference));
    for (const record of batch) {
      number += 1;
      yield read(record, number, rules, isReference(record.asset) ? assets.get(record.asset) : undefined, seen);
    }
  }
}

async function* inBatches(records: AsyncIterable<UsageRecord>): AsyncGenerator<UsageRecord[]> {
  let batch: UsageRecord[] = [];
  for await (const record of records) {
    batch.push(record ?? {});
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
    await setImmediate(); // others have their turn: heartbeats, other steps
  }
  if (batch.length > 0) yield batch;
}

function read(
  record: UsageRecord,
  number: number,
  rules: UsageRules,
  asset: UsageAsset | undefined,
  seen: Set<string>,
): ReadUsage {
  const problems = [...problemsOf(record, rules), ...assetProblems(record, asset)];
  if (asset && problems.length === 0) {
    const row = rowOf(record, rules, asset);
    if (!seen.has(row.recordId)) {
      seen.add(row.recordId);
      return { kind: 'good', contractId: asset.contractId, marketplaceId: asset.marketplaceId, row };
    }
    problems.push(
      'there is another record of this subscription, item and tier with the same id: give each an id of its own',
    );
  }
  const bad: BadUsage = {
    row: number,
    asset: isReference(record.asset) ? assetKey(record.asset) : '',
    mpn: text(record.mpn),
    recordId: text(record.id),
    problem: problems.join('; '),
  };
  return { kind: 'bad', contractId: asset?.contractId, bad };
}

function problemsOf(record: UsageRecord, { schema, items, dynamicItems, categories, period }: UsageRules): string[] {
  const { mpn, quantity, amount, tier, category, newItem } = record;
  const problems: string[] = [];
  const item = typeof mpn === 'string' ? items.get(mpn) : undefined;
  const precision = item?.precision ?? (dynamicItems ? newItem?.precision : undefined);
  if (typeof mpn !== 'string' || mpn === '') problems.push('"mpn" is no text');
  else if (item && !item.payAsYouGo) problems.push('the item is not pay-as-you-go');
  else if (!item && !dynamicItems) problems.push('the product has no item with this MPN');
  else if (!item && !newItem) problems.push('the product has no item with this MPN, and "newItem" does not define one');
  if (precision !== undefined && !Object.hasOwn(DECIMALS, precision)) {
    problems.push(`"newItem.precision" must be one of ${Object.keys(DECIMALS).join(', ')}`);
  } else {
    problems.push(...numberProblems('quantity', quantity, precision && DECIMALS[precision]));
  }

  if (schema === 'QT') {
    if (amount !== undefined) problems.push('"amount" does not belong to the schema QT');
  } else {
    problems.push(...numberProblems('amount', amount));
  }
  if (schema === 'TR') {
    if (tier !== 0 && tier !== 1 && tier !== 2) problems.push('"tier" must be 0, 1 or 2 in the schema TR');
  } else if (tier !== undefined) {
    problems.push(`"tier" does not belong to the schema ${schema}`);
  }
  if (category !== undefined && !categories.has(category)) {
    problems.push(`category "${text(category)}" is not declared`);
  }
  if (record.id !== undefined && typeof record.id !== 'string') problems.push('"id" is no text');
  problems.push(...timeProblems(record, period));
  return problems;
}

/** @param decimals the most; undefined where any number of them will do */
function numberProblems(name: string, value: unknown, decimals?: number): string[] {
  if (typeof value !== 'string') return [`"${name}" is no decimal text`];
  if (!/^\d+(\.\d+)?$/.test(value)) {
    return [/^-\d/.test(value) ? `"${name}" is negative` : `"${name}" is no decimal text such as "12.50"`];
  }
  const [whole = '', fraction = ''] = value.split('.');
  const needed = fraction.replace(/0+$/, '');
  if (decimals !== undefined && needed.length > decimals) {
    return [`"${name}" has more decimals than the item's precision, ${decimals}`];
  }
  if ((whole + needed).replace(/^0+/, '').length > MOST_DIGITS) {
    return [`"${name}" has more than ${MOST_DIGITS} digits, which no spreadsheet holds`];
  }
  return [];
}

function timeProblems({ start, end }: UsageRecord, period: UsagePeriod): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries({ start, end })) {
    if (value !== undefined && Number.isNaN(instant(value).getTime())) problems.push(`"${name}" is no time`);
  }
  if (problems.length > 0) return problems;
  const [from, to] = [timeOf(start, firstSecond(period)), timeOf(end, lastSecond(period))];
  if (from < firstSecond(period) || to > lastSecond(period)) return [`its time is outside the period ${period.id}`];
  return from > to ? ['it ends before it starts'] : [];
}

function assetProblems(record: UsageRecord, asset: UsageAsset | undefined): string[] {
  if (!isReference(record.asset)) return ['"asset" is neither an id nor a parameter with a value'];
  if (!asset) return ['the product has no such subscription, or several'];
  return USABLE.has(asset.status) ? [] : [`the subscription is ${asset.status}`];
}

function rowOf(record: UsageRecord, { period, items }: UsageRules, asset: UsageAsset): UsageRow {
  const { mpn, quantity, amount, tier, category, note, newItem, id = '' } = record;
  return {
    recordId: [period.id, asset.id, mpn, tier === undefined ? '' : `t${tier}`, id].map(encodeURIComponent).join(':'),
    note,
    mpn,
    quantity,
    amount,
    start: timeOf(record.start, firstSecond(period)),
    end: timeOf(record.end, lastSecond(period)),
    assetId: asset.id,
    category,
    tier,
    newItem: items.has(mpn) ? undefined : newItem,
  };
}

const firstSecond = ({ from }: UsagePeriod) => `${from} 00:00:00`;
const lastSecond = ({ to }: UsagePeriod) => `${to} 23:59:59`;

/** As the workbook has it: `2026-10-01 00:00:00`, UTC. */
function timeOf(value: string | undefined, fallback: string): string {
  return value === undefined ? fallback : instant(value).toISOString().slice(0, 19).replace('T', ' ');
}

/** A time without a zone is meant in UTC, as the workbook's are, whatever the clock of this machine. */
function instant(value: string): Date {
  return new Date(/T.*(Z|[+-]\d\d:?\d\d)$|^[^T]*$/i.test(value) ? value : `${value}Z`);
}

function isReference(asset: unknown): asset is UsageRecord['asset'] {
  if (typeof asset === 'string') return asset !== '';
  const { parameter, value } = (asset ?? {}) as { parameter?: unknown; value?: unknown };
  return typeof parameter === 'string' && parameter !== '' && typeof value === 'string' && value !== '';
}

const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 100) : '');
