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
