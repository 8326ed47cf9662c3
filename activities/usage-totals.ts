import { hash } from 'node:crypto';
import Big from 'big.js';
import type { StoredUsageRecord } from '../src/connect/usage-records';
import type { UsageRow } from '../src/connect/usage-workbook';
import type { CountedUsage, UsageTotals } from '../src/domain/usage';

/** Sums that grow row by row. */
export type Sums = Map<string, { quantity: Big; amount: Big | undefined }>;

/** @param amount undefined where the schema has none */
export function addTo(sums: Sums, mpn: string, quantity: string, amount: string | undefined): void {
  const sum = sums.get(mpn) ?? { quantity: new Big(0), amount: undefined };
  sums.set(mpn, {
    quantity: sum.quantity.plus(quantity),
    amount: amount === undefined ? sum.amount : (sum.amount ?? new Big(0)).plus(amount),
  });
}

export function totalsOf(sums: Sums): UsageTotals {
  const sorted = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([mpn, { quantity, amount }]) => [
      mpn,
      { quantity: quantity.toFixed(), ...(amount && { amount: amount.toFixed() }) },
    ]),
  );
}

/** An item that only one of the two has counts as none of it. Amounts that only one of the two has are not compared. */
export function sameTotals(one: UsageTotals, other: UsageTotals): boolean {
  const none = { quantity: '0', amount: '0' };
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((mpn) => {
    const [a, b] = [one[mpn] ?? none, other[mpn] ?? none];
    const samePrice = a.amount === undefined || b.amount === undefined || new Big(a.amount).eq(b.amount);
    return samePrice && new Big(a.quantity).eq(b.quantity);
  });
}

/** Counts rows one by one, and holds none of them. */
export function createTally() {
  const sums: Sums = new Map();
  const records = createDigest();
  const shares = createDigest();
  const prices = createDigest();
  let [rows, hasAmounts] = [0, false];
  return {
    add({ assetId, mpn, quantity, amount, start, end, category, tier, newItem }: UsageRow): void {
      rows += 1;
      addTo(sums, mpn, quantity, amount);
      shares.add(shareOf(assetId, mpn, quantity));
      if (amount !== undefined) {
        hasAmounts = true;
        prices.add(shareOf(assetId, mpn, quantity, amount));
      }
      const price = amount && decimal(amount);
      records.add(JSON.stringify([assetId, mpn, decimal(quantity), price, start, end, category, tier, newItem]));
    },
    result: (): CountedUsage => ({
      rows,
      totals: totalsOf(sums),
      digests: { records: records.value(), shares: shares.value(), ...(hasAmounts && { prices: prices.value() }) },
    }),
  };
}

/** The same of what Connect has read. */
export function createStoredTally() {
  const sums: Sums = new Map();
  const shares = createDigest();
  const prices = createDigest();
  let [rows, isTelling, hasOwners, hasAmounts] = [0, true, true, true];
  return {
    add({ status, item, asset, usage, amount, multiplier }: StoredUsageRecord): void {
      if (status === 'rejected') return; // by the distributor, who may accept all others
      rows += 1;
      const mpn = item?.mpn ?? '';
      const quantity = usage || '0';
      isTelling &&= mpn !== '' && usage !== '' && ['', '1'].includes(multiplier);
      hasOwners &&= asset !== undefined && asset.id !== '';
      addTo(sums, mpn, quantity, amount || undefined);
      shares.add(shareOf(asset?.id ?? '', mpn, quantity));
      if (amount === '') hasAmounts = false;
      else prices.add(shareOf(asset?.id ?? '', mpn, quantity, amount));
    },
    result: () => ({
      rows,
      totals: totalsOf(sums),
      /** False where what Connect says of a record does not tell how much was used of what. */
      isTelling,
      /** Digest of what is charged to whom; undefined where Connect does not say to whom. */
      shares: hasOwners ? shares.value() : undefined,
      /** The same with the amounts; undefined where Connect does not say these either. */
      prices: hasOwners && hasAmounts ? prices.value() : undefined,
    }),
  };
}

/** A text for what a row charges, its quantity, and its amount or not: the digest of all of them tells whether each subscription has its own. */
const shareOf = (assetId: string, mpn: string, ...numbers: string[]) =>
  JSON.stringify([assetId, mpn, ...numbers.map(decimal)]);

/** The same for the same number, however it is written. */
const decimal = (text: string) => new Big(text).toFixed();

/** A short text for many, the same in whatever order they come. */
function createDigest() {
  let sum = 0n;
  return {
    add(text: string): void {
      sum = BigInt.asUintN(128, sum + BigInt(`0x${hash('sha256', text).slice(0, 32)}`));
    },
    value: (): string => sum.toString(16),
  };
}
