import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createAssetFinder } from '../../activities/usage-assets';
import type { UsageRules } from '../../activities/usage-problems';
import { type ReadUsage, readUsage } from '../../activities/usage-records';
import { usagePeriod } from '../../src/domain/usage-period';
import { collect, EUROPE, fakeConnect, type Fakes, given, OVERSEAS, PRODUCT, subscription } from './fake-usage';

const { signal } = new AbortController();

const RULES: UsageRules = {
  period: usagePeriod('2026-10'),
  schema: 'QT',
  items: new Map([
    ['CALLS', { payAsYouGo: true, precision: 'Decimal(2)' }],
    ['SEAT', { payAsYouGo: false, precision: 'Integer' }],
  ]),
  dynamicItems: false,
  categories: new Set(),
};
const SUBSCRIPTIONS = [
  subscription('AS-1'),
  subscription('AS-2', { contract: { id: OVERSEAS }, marketplace: { id: 'MP-00002' } }),
  subscription('AS-8', { status: 'processing' }),
  subscription('AS-9', { status: 'terminated' }),
  subscription('AS-5', { contract: undefined, marketplace: undefined }),
];
const GOOD = { asset: 'AS-1', mpn: 'CALLS', quantity: '12.50' };

async function read(
  records: Iterable<unknown>,
  rules: Partial<UsageRules> = {},
  fakes: Fakes = { subscriptions: SUBSCRIPTIONS },
): Promise<ReadUsage[]> {
  const assets = createAssetFinder(fakeConnect(fakes), PRODUCT, signal);
  return collect(readUsage(given(records), { ...RULES, ...rules }, assets));
}

const problemIn = (one: ReadUsage | undefined) => (one?.kind === 'bad' ? one.bad.problem : undefined);

/** What is wrong with a record, beside what is said of a good one: nothing. */
async function problemOf(record: unknown, rules?: Partial<UsageRules>): Promise<string | undefined> {
  const [one] = await read([record], rules);
  return problemIn(one);
}

/** @throws where the record is bad */
async function rowOf(record: unknown, rules?: Partial<UsageRules>) {
  const [one] = await read([record], rules);
  if (one?.kind !== 'good') throw new Error(problemIn(one));
  return one.row;
}

test('a good record becomes a row of its contract, for the whole month where it names no time', async () => {
  expect(
    await read([
      { ...GOOD, note: 'in October' },
      { ...GOOD, asset: 'AS-2', id: 'r-1' },
    ]),
  ).toEqual([
    {
      kind: 'good',
      contractId: EUROPE,
      marketplaceId: 'MP-00001',
      row: {
        recordId: '2026-10:AS-1:CALLS::',
        note: 'in October',
        mpn: 'CALLS',
        quantity: '12.50',
        amount: undefined,
        tier: undefined,
        category: undefined,
        newItem: undefined,
        assetId: 'AS-1',
        start: '2026-10-01 00:00:00',
        end: '2026-10-31 23:59:59',
      },
    },
    {
      kind: 'good',
      contractId: OVERSEAS,
      marketplaceId: 'MP-00002',
      row: expect.objectContaining({ recordId: '2026-10:AS-2:CALLS::r-1', assetId: 'AS-2' }),
    },
  ]);
});

test('a subscription that has ended was used before', async () => {
  expect(await problemOf({ ...GOOD, asset: 'AS-9' })).toBeUndefined();
});

const DECIMAL = 'is no decimal text such as "12.50"';
const NO_ITEM = 'the product has no item with this MPN';
const NOBODY = 'the product has no such subscription, or several';

test.each<[string, object, string]>([
  ['an item that nobody knows', { mpn: 'CALL' }, NO_ITEM],
  ['an item that is ordered, not metered', { mpn: 'SEAT', quantity: '1' }, 'the item is not pay-as-you-go'],
  ['no item', { mpn: undefined }, '"mpn" is no text'],
  ['an item without a name', { mpn: '' }, '"mpn" is no text'],
  ['an item that is a number', { mpn: 7 }, '"mpn" is no text'],
  ['an item named like a method', { mpn: 'toString' }, NO_ITEM],

  ['a subscription that nobody knows', { asset: 'AS-404' }, NOBODY],
  ['a parameter that nobody has', { asset: { parameter: 'subscription_id', value: 'S-404' } }, NOBODY],
  [
    'a subscription that was sold nowhere',
    { asset: 'AS-5' },
    'Connect names no contract of the subscription; Connect names no marketplace of the subscription',
  ],
  ['a subscription that has not begun', { asset: 'AS-8' }, 'the subscription is processing'],
  ...[undefined, null, '', 7, {}, { parameter: 'a' }, { parameter: '', value: 'b' }, { parameter: 'a', value: 7 }].map(
    (asset): [string, object, string] => [
      `a subscription given as ${JSON.stringify(asset)}`,
      { asset },
      '"asset" is neither an id nor a parameter with a value',
    ],
  ),

  ['less than nothing', { quantity: '-1' }, '"quantity" is negative'],
  ...['', ' 1', '1 ', '.5', '5.', '+1', '1e3', '1E3', 'NaN', 'Infinity', '0x10', '1,5', '1.2.3', '١٢'].map(
    (quantity): [string, object, string] => [`a quantity of "${quantity}"`, { quantity }, `"quantity" ${DECIMAL}`],
  ),
  ...[12.5, 0, Number.NaN, Number.POSITIVE_INFINITY, 12n, null, undefined, true, ['1'], { toString: () => '1' }].map(
    (quantity): [string, object, string] => [
      `a quantity that is ${String(quantity)} and no text`,
      { quantity },
      `"quantity" ${DECIMAL}`,
    ],
  ),
  [
    'more digits than a cell holds',
    { quantity: '12345678901234.56' },
    '"quantity" has more than 15 digits, which no spreadsheet holds',
  ],

  ['a price where the distributor sets it', { amount: '1' }, '"amount" does not belong to the schema QT'],
  ['a tier where there are none', { tier: 0 }, '"tier" does not belong to the schema QT'],
  ['a category that nobody declared', { category: 'voice' }, 'category "voice" is not declared'],
  ['a category that is no text', { category: 7 }, '"category" is no text'],
  ['an id that is no text', { id: 7 }, '"id" is no text'],
  ['an id that is too long', { id: 'x'.repeat(256) }, '"id" has more than 255 characters'],
  ['an id with half a character', { id: 'x\ud800' }, '"id" has a character that no workbook holds'],
  ['a note that is no text', { note: { of: 'mine' } }, '"note" is no text'],
  ['a note with a control character', { note: 'a\u0007b' }, '"note" has a character that no workbook holds'],
  ['a note that no cell holds', { note: 'x'.repeat(32_768) }, '"note" has more than 32767 characters'],
])('refuses %s', async (_, change, problem) => {
  expect(await problemOf({ ...GOOD, ...change })).toBe(problem);
});

test.each<[string, object, string]>([
  ['a second before the month', { start: '2026-09-30T23:59:59Z' }, 'its time is outside the period 2026-10'],
  ['the first second after it', { end: '2026-11-01T00:00:00Z' }, 'its time is outside the period 2026-10'],
  ['the year before', { start: '2025-10-01', end: '2025-10-31' }, 'its time is outside the period 2026-10'],
  ['an hour before it, by a zone', { start: '2026-10-01T00:00:00+01:00' }, 'its time is outside the period 2026-10'],
  ['an hour after it, by a zone', { end: '2026-10-31T23:30:00-01:00' }, 'its time is outside the period 2026-10'],
  ['an end before the start', { start: '2026-10-02', end: '2026-10-01' }, 'it ends before it starts'],
  ['two broken times', { start: 'soon', end: 'later' }, '"start" is no time; "end" is no time'],
  ...[
    ...['', '2026', '2026-10', '2026-10-32', '2026-13-01', '2026-02-30', '2026-10-1', '1/10/2026', 'Oct 1 2026'],
    ...['2026-10-01T25:00:00Z', '2026-10-01T00:00:60Z', '2026-10-01T00', '2026-10-01T00:00:00 Z', '1790812800000'],
    ...[0, 1790812800000, null, new Date('2026-10-01'), {}],
  ].map((start): [string, object, string] => [`${JSON.stringify(start)}`, { start }, '"start" is no time']),
])('refuses a time that is %s', async (_, change, problem) => {
  expect(await problemOf({ ...GOOD, ...change })).toBe(problem);
});

test.each([
  ['2026-10-02', '2026-10-02 00:00:00'],
  ['2026-10-02T03:04', '2026-10-02 03:04:00'],
  ['2026-10-02T03:04:05', '2026-10-02 03:04:05'],
  ['2026-10-02 03:04:05', '2026-10-02 03:04:05'],
  ['2026-10-02T03:04:05Z', '2026-10-02 03:04:05'],
  ['2026-10-02T03:04:05.999Z', '2026-10-02 03:04:05'],
  ['2026-10-02T03:04:05.123456789Z', '2026-10-02 03:04:05'],
  ['2026-10-02T03:04:05+02:00', '2026-10-02 01:04:05'],
  ['2026-09-30T22:00:00-02:00', '2026-10-01 00:00:00'],
])('reads the time %s as %s', async (start, expected) => {
  expect((await rowOf({ ...GOOD, start })).start).toBe(expected);
});

test('the last part of the last second still belongs to the month', async () => {
  expect((await rowOf({ ...GOOD, end: '2026-10-31T23:59:59.999Z' })).end).toBe('2026-10-31 23:59:59');
});

test.each(['America/New_York', 'Pacific/Kiritimati'])(
  'a time without a zone is meant in UTC on a machine in %s',
  (TZ) => {
    const starts = ['2026-10-01', '2026-10-01T00:00', '2026-10-01T00:00:00', '2026-10-01 00:00:00'];
    const script = `
    const { timesOf } = require('./activities/usage-problems.ts');
    if (new Date(0).getTimezoneOffset() === 0) throw new Error('this machine does not know the zone');
    console.log(JSON.stringify(${JSON.stringify(starts)}.map((start) => timesOf({ start }, { to: '' }).start)));
  `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--require', 'tsx/cjs', '--eval', script], {
      cwd: path.join(__dirname, '../..'),
      env: { ...process.env, TZ },
      encoding: 'utf8',
    });
    expect([stderr, stdout.trim()]).toEqual(['', JSON.stringify(starts.map(() => '2026-10-01 00:00:00'))]);
  },
);

describe('precision', () => {
  test.each([
    ['Integer', ['0', '7', '007', '12.00'], ['0.5', '12.01']],
    ['Decimal(1)', ['0.5', '12.50'], ['0.55']],
    ['Decimal(2)', ['0.55', '1'], ['0.555']],
    ['Decimal(4)', ['0.5555'], ['0.55555']],
    ['Decimal(8)', ['0.00000001', '1234567.12345678'], ['0.000000001']],
  ] as const)('%s takes as many decimals as it says', async (precision, fitting, unfitting) => {
    const items = new Map([['CALLS', { payAsYouGo: true, precision }]]);
    for (const quantity of fitting) expect((await rowOf({ ...GOOD, quantity }, { items })).quantity).toBe(quantity);
    for (const quantity of unfitting) {
      expect(await problemOf({ ...GOOD, quantity }, { items })).toMatch(
        /^"quantity" has more decimals than the item's precision, \d$/,
      );
    }
  });
});

describe('schemas', () => {
  test.each([
    ['CR', { amount: '0.5' }],
    ['PR', { amount: '123456789012345' }],
    ['TR', { amount: '7.25', tier: 0 }],
    ['TR', { amount: '7.25', tier: 2 }],
  ] as const)('%s takes %j', async (schema, price) => {
    expect(await rowOf({ ...GOOD, ...price }, { schema })).toMatchObject(price);
  });

  const amount = '1';
  test.each<[UsageRules['schema'], object, string]>([
    ['CR', {}, `"amount" ${DECIMAL}`],
    ['PR', { amount: 5 }, `"amount" ${DECIMAL}`],
    ['PR', { amount: '1e3' }, `"amount" ${DECIMAL}`],
    ['CR', { amount: '-0.01' }, '"amount" is negative'],
    ['CR', { amount: '1234567890123456' }, '"amount" has more than 15 digits, which no spreadsheet holds'],
    ['CR', { amount: `0.${'0'.repeat(400)}1` }, '"amount" has more than 15 digits, which no spreadsheet holds'],
    ['CR', { amount, tier: 1 }, '"tier" does not belong to the schema CR'],
    ['PR', { amount, tier: 0 }, '"tier" does not belong to the schema PR'],
    ['TR', { amount }, '"tier" must be 0, 1 or 2 in the schema TR'],
    ['TR', { tier: 1 }, `"amount" ${DECIMAL}`],
    ['TR', { amount, tier: 3 }, '"tier" must be 0, 1 or 2 in the schema TR'],
    ['TR', { amount, tier: '1' }, '"tier" must be 0, 1 or 2 in the schema TR'],
    ['TR', { amount, tier: null }, '"tier" must be 0, 1 or 2 in the schema TR'],
  ])('%s refuses %j', async (schema, price, problem) => {
    expect(await problemOf({ ...GOOD, ...price }, { schema })).toBe(problem);
  });
});

describe('categories', () => {
  const categories = new Set(['voice']);

  test('one that is declared is kept', async () => {
    expect((await rowOf({ ...GOOD, category: 'voice' }, { categories })).category).toBe('voice');
  });

  test.each([
    [{ category: 'data' }, 'category "data" is not declared'],
    [{ category: 'x'.repeat(1_000) }, `category "${'x'.repeat(100)}" is not declared`],
    [{}, '"category" is missing, although there are categories'],
  ])('%j is refused where there are some', async (change, problem) => {
    expect(await problemOf({ ...GOOD, ...change }, { categories })).toBe(problem);
  });
});

describe('an item that the product does not have yet', () => {
  const newItem = { name: 'Messages', unit: 'message', precision: 'Integer' };
  const record = { ...GOOD, mpn: 'MESSAGES', quantity: '3', newItem };

  test('comes with its definition, where items are dynamic', async () => {
    expect(await rowOf(record, { dynamicItems: true })).toMatchObject({ mpn: 'MESSAGES', newItem });
  });

  test('is refused where they are not', async () => {
    expect(await problemOf(record)).toBe(NO_ITEM);
  });

  test.each<[object, unknown]>([
    [{ newItem: undefined }, `${NO_ITEM}, and "newItem" does not define one`],
    [{ quantity: '3.5' }, '"quantity" has more decimals than the item\'s precision, 0'],
    [{ newItem: { ...newItem, name: '' } }, '"newItem.name" is empty'],
    [{ newItem: { ...newItem, unit: '' } }, '"newItem.unit" is empty'],
    [{ newItem: { ...newItem, name: 7 } }, '"newItem.name" is no text'],
    [
      { newItem: { ...newItem, precision: 'Decimal(3)' } },
      '"newItem.precision" must be one of Integer, Decimal(1), Decimal(2), Decimal(4), Decimal(8)',
    ],
    [{ newItem: { ...newItem, precision: undefined } }, expect.stringContaining('"newItem.precision" must be one of')],
    [{ newItem: null }, expect.stringMatching(/^"newItem.name" is no text; "newItem.unit" is no text; "newItem.prec/)],
    [{ newItem: true }, expect.stringContaining('"newItem.unit" is no text')],
    [{ mpn: 'x'.repeat(256) }, '"mpn" has more than 255 characters'],
  ])('is refused with %j', async (change, problem) => {
    expect(await problemOf({ ...record, ...change }, { dynamicItems: true })).toEqual(problem);
  });

  test.each([{ name: 'Texts' }, { unit: 'text' }, { precision: 'Decimal(1)' }])(
    'is refused where the file defines it with another %j before',
    async (other) => {
      const again = [
        { ...record, id: 'other', newItem: { ...newItem, ...other } },
        { ...record, id: 'same' },
        { ...record, asset: 'AS-2', newItem: { ...newItem, ...other } },
      ];
      const all = await read([record, ...again], { dynamicItems: true });
      expect(all.map((one) => (one.kind === 'bad' ? one.bad.problem : 'good'))).toEqual([
        'good',
        'another record of this contract defines the item with another name, unit or precision',
        'good',
        'good', // of another contract, and so in another file
      ]);
    },
  );

  test('is not defined a second time where the product has it meanwhile', async () => {
    expect((await rowOf({ ...GOOD, newItem }, { dynamicItems: true })).newItem).toBeUndefined();
  });
});

test('everything that is wrong with a record is said at once, with what it can be found by', async () => {
  const record = { asset: 'AS-404', mpn: 'FAX', id: '7', quantity: '-1', start: 'soon' };
  expect(await read([GOOD, record])).toContainEqual({
    kind: 'bad',
    contractId: undefined,
    bad: {
      row: 2,
      asset: 'AS-404',
      mpn: 'FAX',
      recordId: '7',
      problem: `${NO_ITEM}; "quantity" is negative; "start" is no time; ${NOBODY}`,
    },
  });
});

test('a bad record of a subscription that is known belongs to its contract', async () => {
  expect(await read([{ ...GOOD, asset: 'AS-2', mpn: 'FAX' }])).toMatchObject([{ kind: 'bad', contractId: OVERSEAS }]);
});

test('what a bad record says of itself is cut, since the report is kept', async () => {
  const long = 'x'.repeat(10_000);
  const [one] = await read([
    { asset: { parameter: 'a', value: long }, mpn: long, id: long, category: long, note: long },
  ]);
  expect(JSON.stringify(one).length).toBeLessThan(1_000);
});

test.each([null, undefined, 0, 7, '', 'a record', true, [], [GOOD], () => GOOD, Symbol('record'), {}])(
  'something else than a record is a bad one: %p',
  async (record) => {
    expect(await read([record, GOOD])).toMatchObject([
      { kind: 'bad', contractId: undefined, bad: { row: 1, asset: '', mpn: '', recordId: '' } },
      { kind: 'good' },
    ]);
  },
);

describe('duplicates', () => {
  const twice =
    'there is another record of this subscription, item and tier with the same id: give each an id of its own';
  const read2 = async (one: object, other: object, rules?: Partial<UsageRules>) =>
    (
      await read(
        [
          { ...GOOD, ...one },
          { ...GOOD, ...other },
        ],
        rules,
      )
    ).map((each) => (each.kind === 'bad' ? [each.bad.row, each.contractId, each.bad.problem] : 'good'));

  test.each<[string, object, object]>([
    ['without ids', {}, {}],
    ['without an id, and with an empty one', {}, { id: '' }],
    ['with one id', { id: '1' }, { id: '1', quantity: '5', note: 'other' }],
    ['by id and by parameter', {}, { asset: { parameter: 'subscription_id', value: 'S-AS-1' } }],
  ])('of two records %s the second is bad', async (_, one, other) => {
    expect(await read2(one, other)).toEqual(['good', [2, EUROPE, twice]]);
  });

  test.each<[string, object, object, Partial<UsageRules>]>([
    ['ids', { id: '1' }, { id: '2' }, {}],
    ['subscriptions', { asset: 'AS-1' }, { asset: 'AS-2' }, {}],
    ['tiers', { tier: 0, amount: '1' }, { tier: 1, amount: '1' }, { schema: 'TR' }],
  ])('records of other %s are no duplicates', async (_, one, other, rules) => {
    expect(await read2(one, other, rules)).toEqual(['good', 'good']);
  });

  test('a bad record does not make a good one a duplicate', async () => {
    expect(await read2({ quantity: '-1' }, {})).toEqual([[1, EUROPE, '"quantity" is negative'], 'good']);
  });
});

describe('record ids', () => {
  /** Such characters as a separator, or its code, could be mistaken for. */
  const name = fc.string({
    unit: fc.constantFrom(':', '%', '3', 'A', 't', '0', '1', '-', '_', ' ', 'é', '😀'),
    maxLength: 4,
  });
  const key = fc.record({
    asset: fc.constantFrom('AS-1', 'AS-2', 'AS-9'),
    mpn: name.filter((mpn) => mpn !== ''),
    tier: fc.constantFrom(0, 1, 2),
    id: name,
  });
  const keys = fc.uniqueArray(key, { selector: (each) => JSON.stringify(Object.values(each)), maxLength: 30 });
  const idsOf = async (records: object[], mpns: string[]) => {
    const items = new Map(mpns.map((mpn) => [mpn, { payAsYouGo: true, precision: 'Integer' as const }]));
    const all = await read(records, { schema: 'TR', items });
    return all.map((one) => (one.kind === 'good' ? one.row.recordId : problemIn(one)));
  };

  test('no two records share one, and each has the same whenever it is read', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.nat(), async (given, quantity) => {
        const mpns = given.map(({ mpn }) => mpn);
        const ids = await idsOf(
          given.map((each) => ({ ...each, quantity: '1', amount: '1' })),
          mpns,
        );
        for (const id of ids) expect(id).toMatch(/^2026-10:AS-/);
        expect(new Set(ids).size).toBe(given.length);
        const later = given.map((each) => ({ ...each, quantity: `${quantity}`, amount: '2', note: 'corrected' }));
        expect((await idsOf(later.reverse(), mpns)).reverse()).toEqual(ids);
      }),
    );
  });

  test('a subscription named by a parameter has the same as one named by its id', async () => {
    const byParameter = { ...GOOD, asset: { parameter: 'subscription_id', value: 'S-AS-1' } };
    expect(await rowOf(byParameter)).toEqual(await rowOf(GOOD));
  });

  test('they are of the month', async () => {
    const period = usagePeriod('2026-11');
    expect((await rowOf(GOOD, { period })).recordId).toBe('2026-11:AS-1:CALLS::');
  });
});

test('subscriptions are asked for together, a thousand records at a time', async () => {
  const calls: string[] = [];
  const subscriptions = Array.from({ length: 10 }, (_, n) => subscription(`AS-${n}`));
  const records = Array.from({ length: 2_500 }, (_, n) => ({ ...GOOD, asset: `AS-${n % 10}`, id: `${n}` }));
  const all = await read(records, {}, { subscriptions, onCall: (call) => calls.push(call) });
  expect(all.map((one) => (one.kind === 'good' ? one.row.recordId : problemIn(one)))).toEqual(
    records.map(({ asset, id }) => `2026-10:${asset}:CALLS::${id}`),
  );
  expect(calls).toEqual(['withIds']);
});

test('others have their turn while records are read', async () => {
  let turns = 0;
  let immediate = setImmediate(function turn() {
    turns++;
    immediate = setImmediate(turn);
  });
  const records = Array.from({ length: 20_000 }, (_, n) => ({ ...GOOD, id: `${n}` }));
  const good = (await read(records)).filter(({ kind }) => kind === 'good');
  clearImmediate(immediate);
  expect([good.length, turns >= 20]).toEqual([20_000, true]);
});
