import Big from 'big.js';
import type { UsageTotals } from '../src/domain/usage';

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
  const totals: UsageTotals = {};
  for (const [mpn, { quantity, amount }] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) {
    totals[mpn] = { quantity: quantity.toFixed(), ...(amount && { amount: amount.toFixed() }) };
  }
  return totals;
}

/** An item that only one of the two has counts as none of it. */
export function sameTotals(one: UsageTotals, other: UsageTotals): boolean {
  const same = (a = '0', b = '0') => new Big(a).eq(b);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every(
    (mpn) =>
      same(one[mpn]?.quantity, other[mpn]?.quantity) &&
      (one[mpn]?.amount === undefined || other[mpn]?.amount === undefined || same(one[mpn].amount, other[mpn].amount)),
  );
}
