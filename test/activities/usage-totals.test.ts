import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addTo, createTally, sameTotals, type Sums, totalsOf } from '../../activities/usage-totals';
import type { UsageRow } from '../../src/connect/usage-workbook';
import type { UsageTotals } from '../../src/domain/usage';

interface Row {
  mpn: string;
  quantity: string;
  amount?: string | undefined;
}

function sumOf(rows: readonly Row[]): UsageTotals {
  const sums: Sums = new Map();
  for (const { mpn, quantity, amount } of rows) addTo(sums, mpn, quantity, amount);
  return totalsOf(sums);
}

/** A number of hundred-millionths, as decimal text. */
const text = (units: bigint) => {
  const digits = String(units).padStart(9, '0');
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`;
};
const units = fc.bigInt(0n, 999_999_999_999_999n);
const rows = fc.array(fc.record({ mpn: fc.constantFrom('A', 'B', '__proto__'), quantity: units, amount: units }));

test('decimals are summed exactly, of each item apart', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const totals = sumOf(
        given.map(({ mpn, quantity, amount }) => ({ mpn, quantity: text(quantity), amount: text(amount) })),
      );
      const mpns = [...new Set(given.map(({ mpn }) => mpn))];
      expect(Object.keys(totals)).toEqual(mpns.sort());
      for (const mpn of mpns) {
        const own = given.filter((row) => row.mpn === mpn);
        const sum = (numbers: bigint[]) => text(numbers.reduce((a, b) => a + b, 0n)).replace(/\.?0+$/, '') || '0';
        expect(totals[mpn]).toEqual({
          quantity: sum(own.map(({ quantity }) => quantity)),
          amount: sum(own.map(({ amount }) => amount)),
        });
      }
    }),
  );
});

test('the order of the records is no matter', () => {
  fc.assert(
    fc.property(rows, fc.infiniteStream(fc.nat()), (given, dice) => {
      const shuffled = given
        .map((row) => ({ row, at: dice.next().value }))
        .sort((a, b) => a.at - b.at)
        .map(({ row }) => row);
      const sum = (list: typeof given) =>
        sumOf(list.map((row) => ({ mpn: row.mpn, quantity: text(row.quantity), amount: text(row.amount) })));
      expect(JSON.stringify(sum(shuffled))).toBe(JSON.stringify(sum(given)));
    }),
  );
});

test('a tenth and two tenths are three tenths, and a sum of tiny parts stays plain', () => {
  expect(sumOf([...'12'].map((digit) => ({ mpn: 'A', quantity: `0.${digit}` })))).toEqual({ A: { quantity: '0.3' } });
  expect(sumOf([{ mpn: 'A', quantity: '0.00000001' }])).toEqual({ A: { quantity: '0.00000001' } });
  expect(sumOf(Array(2).fill({ mpn: 'A', quantity: '999999999999999' }))).toEqual({
    A: { quantity: '1999999999999998' },
  });
});

test('without records there are no totals, and without amounts none of them', () => {
  expect(sumOf([])).toEqual({});
  expect(sumOf([{ mpn: 'A', quantity: '0' }])).toEqual({ A: { quantity: '0' } });
});

test.each<[string, UsageTotals, UsageTotals, boolean]>([
  ['nothing and nothing', {}, {}, true],
  ['texts of one number', { A: { quantity: '1.50' } }, { A: { quantity: '1.5' } }, true],
  ['a number and its power of ten', { A: { quantity: '120' } }, { A: { quantity: '1.2E+2' } }, true],
  ['other quantities', { A: { quantity: '1' } }, { A: { quantity: '1.00000001' } }, false],
  ['an item that the other lacks', { A: { quantity: '1' } }, {}, false],
  ['an item that the other lacks, of which there is none', { A: { quantity: '0' } }, {}, true],
  ['the same amounts', { A: { quantity: '1', amount: '2' } }, { A: { quantity: '1', amount: '2.0' } }, true],
  ['other amounts', { A: { quantity: '1', amount: '2' } }, { A: { quantity: '1', amount: '3' } }, false],
  ['amounts of one side alone', { A: { quantity: '1', amount: '2' } }, { A: { quantity: '1' } }, true],
  ['an amount for nothing, of an item that the other lacks', { A: { quantity: '0', amount: '2' } }, {}, false],
  ['other items', { A: { quantity: '1' } }, { B: { quantity: '1' } }, false],
])('compares %s', (_, one, other, same) => {
  expect([sameTotals(one, other), sameTotals(other, one)]).toEqual([same, same]);
});

describe('the digests of records', () => {
  const row = (change: Partial<UsageRow> = {}): UsageRow => ({
    recordId: 'r-1',
    note: undefined,
    mpn: 'CALLS',
    quantity: '5',
    amount: '2.50',
    start: '2026-10-01 00:00:00',
    end: '2026-10-31 23:59:59',
    assetId: 'AS-1',
    category: undefined,
    tier: undefined,
    newItem: undefined,
    ...change,
  });
  const digestsOf = (...all: UsageRow[]) => {
    const tally = createTally();
    all.forEach((one) => tally.add(one));
    return tally.result().digests!;
  };
  const other = row({ assetId: 'AS-2', quantity: '7' });

  test('are the same in whatever order they come, and for the same number, id or note or not', () => {
    const same = row({ recordId: 'r-2', note: 'counted twice', quantity: '5.0', amount: '2.5' });
    expect(digestsOf(other, same)).toEqual(digestsOf(row(), other));
  });

  test.each<[string, Partial<UsageRow>, string[]]>([
    ['quantity', { quantity: '6' }, ['records', 'shares', 'prices']],
    ['item', { mpn: 'DATA' }, ['records', 'shares', 'prices']],
    ['subscription', { assetId: 'AS-3' }, ['records', 'shares', 'prices']],
    ['amount', { amount: '2.51' }, ['records', 'prices']],
    ['start', { start: '2026-10-02 00:00:00' }, ['records']],
    ['end', { end: '2026-10-30 23:59:59' }, ['records']],
    ['category', { category: 'voice' }, ['records']],
    ['tier', { tier: 1 }, ['records']],
    ['definition of its item', { newItem: { name: 'Calls', unit: 'Calls', precision: 'Integer' } }, ['records']],
  ])('differ where one has another %s', (_, change, differing) => {
    const [one, changed] = [digestsOf(row(), other), digestsOf(row(change), other)];
    const names = (['records', 'shares', 'prices'] as const).filter((name) => one[name] !== changed[name]);
    expect(names).toEqual(differing);
  });

  test('differ where two subscriptions have each other’s amount; without amounts there is none of prices', () => {
    const swapped = [row({ amount: '9' }), row({ assetId: 'AS-2', amount: '2.50' })];
    const [one, changed] = [digestsOf(row(), row({ assetId: 'AS-2', amount: '9' })), digestsOf(...swapped)];
    expect([one.shares === changed.shares, one.prices === changed.prices]).toEqual([true, false]);
    expect(digestsOf(row({ amount: undefined }))).not.toHaveProperty('prices');
  });

  test('differ where two subscriptions have each other’s quantity, and where a record stands twice', () => {
    const swapped = [row({ quantity: '7' }), row({ assetId: 'AS-2', quantity: '5' })];
    expect(digestsOf(...swapped).shares).not.toBe(digestsOf(row(), other).shares);
    expect(digestsOf(row(), row(), other).shares).not.toBe(digestsOf(other).shares);
    expect(digestsOf(row(), row()).shares).not.toBe(digestsOf(row()).shares);
  });
});
