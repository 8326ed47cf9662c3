import { setImmediate } from 'node:timers/promises';
import type { UsageRow } from '../src/connect/usage-workbook';
import type { Left } from '../src/domain/selection';
import type { BadUsage } from '../src/domain/usage';
import type { UsageRecord } from '../src/sdk/usage';
import { assetText, type createAssetFinder, type UsageAsset } from './usage-assets';
import { isReference, timesOf, usageRecordProblems, type UsageRules, type UsageTimes } from './usage-problems';

/** A record of the vendor's, read: a row for the workbook, or what is wrong with it, or why it is none of those that are reported. */
export type ReadUsage =
  | { kind: 'good'; contractId: string; marketplaceId: string; row: UsageRow }
  | { kind: 'bad'; contractId: string | undefined; bad: BadUsage }
  | { kind: 'notSelected'; contractId: string; assetId: string; left: Left };

/** So many records are held at once, so that their subscriptions are asked for together. */
const AT_ONCE = 1_000;

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
  const seen: Seen = { ids: new Set(), definitions: new Map() };
  let number = 0;
  for await (const batch of inBatches(records)) {
    await assets.prepare(batch.map(({ asset }) => asset).filter(isReference));
    for (const record of batch) {
      number += 1;
      yield read(record, number, rules, isReference(record.asset) ? assets.get(record.asset) : undefined, seen);
    }
  }
}

/** What the good records so far say, for those that follow. */
interface Seen {
  /** Their ids, each of which is given once. */
  ids: Set<string>;
  /** How they define the items that the product does not have yet, by contract and MPN: a file is checked alike alone and among others. */
  definitions: Map<string, string>;
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
  seen: Seen,
): ReadUsage {
  if (asset?.notSelected) {
    return { kind: 'notSelected', contractId: asset.contractId, assetId: asset.id, left: asset.notSelected };
  }
  const times = timesOf(record, rules.period);
  const problems = usageRecordProblems(record, times, rules, asset);
  if (asset && problems.length === 0) {
    const row = rowOf(record, times, rules, asset);
    problems.push(...conflicts(row, asset.contractId, seen));
    if (problems.length === 0) {
      return { kind: 'good', contractId: asset.contractId, marketplaceId: asset.marketplaceId, row };
    }
  }
  const bad: BadUsage = {
    row: number,
    asset: isReference(record.asset) ? short(assetText(record.asset)) : '',
    mpn: short(record.mpn),
    recordId: short(record.id),
    problem: problems.join('; '),
  };
  return { kind: 'bad', contractId: asset?.contractId || undefined, bad };
}

/** What does not fit the records before. Where all does, those that follow have to fit this one too. */
function conflicts({ recordId, mpn, newItem }: UsageRow, contractId: string, { ids, definitions }: Seen): string[] {
  const problems: string[] = [];
  if (ids.has(recordId)) {
    problems.push(
      'there is another record of this subscription, item and tier with the same id: give each an id of its own',
    );
  }
  const item = `${contractId} ${mpn}`;
  const definition = newItem && JSON.stringify([newItem.name, newItem.unit, newItem.precision]);
  if (definition !== undefined && (definitions.get(item) ?? definition) !== definition) {
    problems.push('another record of this contract defines the item with another name, unit or precision');
  }
  if (problems.length > 0) return problems;
  ids.add(recordId);
  if (definition !== undefined) definitions.set(item, definition);
  return [];
}

function rowOf(record: UsageRecord, times: UsageTimes, { period, items }: UsageRules, asset: UsageAsset): UsageRow {
  const { mpn, quantity, amount, tier, category, note, newItem, id = '' } = record;
  return {
    recordId: [period.id, asset.id, mpn, tier === undefined ? '' : `t${tier}`, id].map(encodeURIComponent).join(':'),
    note,
    mpn,
    quantity,
    amount,
    ...times,
    assetId: asset.id,
    category,
    tier,
    newItem: items.has(mpn) ? undefined : newItem,
  };
}

/** Enough to find the record by, since a report is kept. */
const short = (value: unknown) => (typeof value === 'string' ? value.slice(0, 100) : '');
