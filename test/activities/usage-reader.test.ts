import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import readWorkbook from 'read-excel-file/node';
import { buildWorkbook, countUsage, readReport, type UsageSource } from '../../activities/usage-reader';
import type { ReadUsage } from '../../activities/usage-records';
import { createRedactor } from '../../src/domain/redact';
import type { Selection } from '../../src/domain/selection';
import { describeNotSelected, MOST_ASSETS_NAMED, MOST_BAD_USAGE } from '../../src/domain/usage';
import { VendorUnavailable } from '../../src/sdk';
import type { UsageContext, UsageReporting } from '../../src/sdk/usage';
import { PRODUCTION } from '../support/selection';
import { waitFor } from '../support/wait-for';
import {
  collect,
  EUROPE,
  fakeConnect,
  type Fakes,
  given,
  item,
  OVERSEAS,
  PRODUCT,
  quiet,
  subscription,
} from './fake-usage';

const KEY = 'v-key/0123+456';
const REPORT = { productId: PRODUCT, period: '2026-10' };
const FILE = { ...REPORT, contractId: EUROPE };

const overseas = { contract: { id: OVERSEAS, name: '' }, marketplace: { id: 'MP-00002', name: '' } };
const SUBSCRIPTIONS = [subscription('AS-1'), subscription('AS-2'), subscription('AS-3', overseas)];

const record = (asset: string, quantity: string, change: object = {}) => ({ asset, mpn: 'CALLS', quantity, ...change });

/** A vendor with these records, and a Connect beside it. */
function source(
  records: Iterable<unknown> | UsageReporting['records'],
  fakes: Fakes = {},
  reporting: Partial<UsageReporting> = {},
  selection?: Selection,
): UsageSource {
  return {
    connect: fakeConnect({ subscriptions: SUBSCRIPTIONS, ...fakes }),
    reporting: { records: typeof records === 'function' ? records : () => given(records), ...reporting },
    selection,
    signal: new AbortController().signal,
    log: quiet,
    redact: createRedactor([KEY]),
  };
}

const count = (...from: Parameters<typeof source>) => countUsage(readReport(source(...from), REPORT), true);
const build = (...from: Parameters<typeof source>) => buildWorkbook(source(...from), FILE);

/** The columns of a sheet that a test looks at. */
async function columns(workbook: Uint8Array, names: string[], sheet = 'records') {
  const found = (await readWorkbook(Buffer.from(workbook))).find((one) => one.sheet === sheet);
  const [header = [], ...rows] = found?.data ?? [];
  return rows.map((row) => names.map((name) => row[header.indexOf(name)]));
}

async function failureOf(promise: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw new Error('it did not fail as it should', { cause: error });
}

const digests = { records: expect.any(String), shares: expect.any(String) };

describe('the count', () => {
  test('is of each contract apart: rows, bad ones, and the totals of each item', async () => {
    const items = [item('CALLS'), item('DATA', 'PPU', 'Decimal(8)')];
    const records = [
      record('AS-3', '1'),
      record('AS-1', '0.1'),
      record('AS-2', '0.2'),
      record('AS-2', '0.00000001', { mpn: 'DATA' }),
      record('AS-2', '-1', { id: '2' }),
    ];
    expect(await count(records, { items })).toEqual({
      contracts: [
        {
          contractId: EUROPE,
          rows: 3,
          bad: 1,
          heldBack: true,
          totals: { CALLS: { quantity: '0.3' }, DATA: { quantity: '0.00000001' } },
          digests,
          notSelected: 0,
        },
        { contractId: OVERSEAS, rows: 1, totals: { CALLS: { quantity: '1' } }, digests, bad: 0, notSelected: 0 },
      ],
      notSelected: [],
      lost: 0,
      bad: [{ row: 5, asset: 'AS-2', mpn: 'CALLS', recordId: '2', problem: '"quantity" is negative' }],
    });
  });

  test('has amounts where the schema has them', async () => {
    const ppu = { schema: 'TR' };
    const records = [
      record('AS-1', '1', { amount: '7.10', tier: 0 }),
      record('AS-1', '1', { amount: '5.20', tier: 1 }),
    ];
    expect((await count(records, { ppu })).contracts).toMatchObject([
      { rows: 2, totals: { CALLS: { quantity: '2', amount: '12.3' } } },
    ]);
  });

  test('of a month without records is empty', async () => {
    expect(await count([])).toEqual({ contracts: [], notSelected: [], lost: 0, bad: [] });
  });

  test('has the contract of which every record is bad', async () => {
    expect((await count([record('AS-3', '-1')])).contracts).toEqual([
      { contractId: OVERSEAS, rows: 0, totals: {}, digests, bad: 1, heldBack: true, notSelected: 0 },
    ]);
  });

  test('has the records of no subscription as lost, since they belong to no contract', async () => {
    const lost = [record('AS-404', '1'), record('', '1'), null];
    expect(await count([record('AS-1', '1'), ...lost])).toMatchObject({
      contracts: [{ contractId: EUROPE, rows: 1, bad: 0 }],
      lost: 3,
      bad: [{ row: 2, asset: 'AS-404' }, { row: 3 }, { row: 4 }],
    });
  });

  test('counts every bad record, and names so many as can be kept', async () => {
    const records = Array.from({ length: MOST_BAD_USAGE + 5 }, (_, n) => record(n % 2 ? 'AS-1' : 'AS-404', '-1'));
    const { contracts, lost, bad } = await count(records);
    expect([contracts[0]?.bad, lost, bad.length]).toEqual([252, 253, MOST_BAD_USAGE]);
  });
});

describe('what is not selected', () => {
  const connection = { type: 'test' };
  const subscriptions = [
    ...['AS-1', 'AS-2'].map((id) => subscription(id, { connection: { type: 'production' } })),
    subscription('AS-3', { ...overseas, connection: { type: 'production' } }),
    ...Array.from({ length: MOST_ASSETS_NAMED + 1 }, (_, n) => subscription(`AS-T${n}`, { connection })),
    subscription('AS-UNSAID'),
  ];
  const select = (selection: Partial<Selection>, ...records: unknown[]) =>
    [records, { subscriptions }, {}, { ...PRODUCTION, ...selection }] as const;
  const denied = (...ids: string[]) => ({ allowed: undefined, denied: ids });
  const text = 'the connection type test is not processed';

  test('is left out of count and workbook alike, and holds nothing back, bad or not', async () => {
    const records = [record('AS-T0', '7'), record('AS-T0', '-1'), record('AS-1', '0.1'), record('AS-1', '-1')];
    const counted = await count(...select({}, ...records));
    expect(counted).toMatchObject({
      contracts: [{ contractId: EUROPE, rows: 1, totals: { CALLS: { quantity: '0.1' } }, bad: 1, notSelected: 2 }],
      notSelected: [{ contractId: EUROPE, reason: 'connection', text, records: 2, assets: ['AS-T0'] }],
      lost: 0,
      bad: [{ row: 4, asset: 'AS-1' }],
    });
    const { workbook, ...built } = await build(...select({}, ...records));
    const [{ rows, totals, bad, notSelected }] = counted.contracts as [(typeof counted.contracts)[number]];
    expect(built).toMatchObject({ rows, totals, badCount: bad, notSelected });
    expect(await columns(workbook, ['asset_search_value'])).toEqual([['AS-1']]);
  });

  test('leaves a contract out of which every record is so', async () => {
    const records = [record('AS-3', '1'), record('AS-1', '1')];
    const text = `the contract ${OVERSEAS} is denied`;
    expect(await count(...select({ contracts: denied(OVERSEAS) }, ...records))).toMatchObject({
      contracts: [{ contractId: EUROPE, rows: 1 }],
      notSelected: [{ contractId: OVERSEAS, reason: 'contract', text, records: 1, assets: ['AS-3'] }],
    });
    expect(await build(...select({ contracts: denied(EUROPE) }, ...records))).toMatchObject({
      rows: 0,
      notSelected: 1,
    });
  });

  test('is counted by contract and reason: what Connect does not say, a marketplace, a product that is off', async () => {
    const records = ['AS-UNSAID', 'AS-3', 'AS-T0', 'AS-T1', 'AS-1'].map((asset) => record(asset, '1'));
    const reasons = async (selection: Partial<Selection>) => {
      const { contracts, notSelected } = await count(...select(selection, ...records));
      return [contracts.map(({ rows }) => rows), notSelected.map((one) => [one.contractId, one.reason, one.records])];
    };
    expect(await reasons({ marketplaces: denied('MP-00002') })).toEqual([
      [1],
      [
        [EUROPE, 'connection', 1],
        [EUROPE, 'connection', 2],
        [OVERSEAS, 'marketplace', 1],
      ],
    ]);
    expect(await reasons({ process: false, connectionTypes: ['test'] })).toEqual([
      [],
      [
        [EUROPE, 'product', 4],
        [OVERSEAS, 'product', 1],
      ],
    ]);
  });

  test('names some of the subscriptions, each once', async () => {
    const of = (...assets: string[]) =>
      count(...select({}, ...assets.map((asset, id) => record(asset, '1', { id: `${id}` }))));
    const lineOf = async (...assets: string[]) => (await of(...assets)).notSelected.map(describeNotSelected);
    expect(await lineOf('AS-T1', 'AS-T0', 'AS-T1')).toEqual([
      `3 records of ${EUROPE} are not selected: ${text} (AS-T1, AS-T0)`,
    ]);
    const many = subscriptions.map(({ id }) => id).filter((id) => id.startsWith('AS-T'));
    expect(await lineOf(...many)).toEqual([expect.stringMatching(/^11 records .*AS-T8, AS-T9, …\)$/)]);
    expect(await lineOf(...many.slice(0, MOST_ASSETS_NAMED), many[0]!)).toEqual([
      expect.stringMatching(/^11 records .*AS-T8, AS-T9\)$/),
    ]);
  });
});

describe('the hook', () => {
  /** What a hook is told, once for the whole month and once for a file. */
  async function contexts(fakes?: Fakes): Promise<UsageContext[]> {
    const seen: UsageContext[] = [];
    const hook = (context: UsageContext) => (seen.push(context), given([]));
    await count(hook, fakes);
    await build(hook, fakes);
    return seen;
  }

  test('is told the month, the product, the schema, and of which contract a file is built', async () => {
    const told = { period: { id: '2026-10', from: '2026-10-01', to: '2026-10-31' }, productId: PRODUCT, schema: 'QT' };
    expect(await contexts()).toMatchObject([
      { ...told, contractId: undefined },
      { ...told, contractId: EUROPE },
    ]);
  });

  test.each(['qt', 'tr', 'CR', 'pr'])('knows the schema, which Connect writes as %s', async (schema) => {
    const [context] = await contexts({ ppu: { schema } });
    expect(context?.schema).toBe(schema.toUpperCase());
  });

  test.each<[string, Fakes['ppu'], string]>([
    ['no pay-as-you-go', null, `${PRODUCT} has no pay-as-you-go in Connect: its capability is switched off.`],
    [
      'an unknown schema',
      { schema: 'XY' },
      `The pay-as-you-go schema of ${PRODUCT} is "XY"; known are QT, TR, CR and PR.`,
    ],
    ['an empty schema', { schema: '' }, `The pay-as-you-go schema of ${PRODUCT} is ""; known are QT, TR, CR and PR.`],
  ])('is not asked about a product with %s', async (_, ppu, message) => {
    let asked = false;
    const hook = () => ((asked = true), given([]));
    const error = await failureOf(count(hook, { ppu }));
    expect([error.type, error.nonRetryable, error.message, asked]).toEqual(['UsageNotSetUp', true, message, false]);
  });

  test('that fails, fails the count and the workbook with its own type', async () => {
    const hook = async function* () {
      yield record('AS-1', '1');
      throw new VendorUnavailable('GET /usage answered 503');
    };
    for (const promise of [count(hook), build(hook), build(hook, {}, { categories: [CATEGORY] })]) {
      expect((await failureOf(promise)).type).toBe('VendorUnavailable');
    }
  });

  test('is ended where Connect fails in the middle', async () => {
    let ended = false;
    const hook = async function* () {
      try {
        for (let n = 0; ; n++) yield { asset: 'AS-1', mpn: 'CALLS', quantity: `${n}` };
      } finally {
        ended = true;
      }
    };
    const from = source(hook);
    const error = new Error('ECONNRESET');
    from.connect.assets.withIds = () => Promise.reject(error);
    await expect(buildWorkbook(from, FILE)).rejects.toBe(error);
    await waitFor('the hook to end', () => ended);
  });
});

describe('items', () => {
  const problems = (reads: ReadUsage[]) => reads.map((one) => (one.kind === 'bad' ? one.bad.problem : 'good'));
  const read = async (quantity: string, mpn: string, fakes: Fakes, change: object = {}) =>
    problems(await collect(readReport(source([record('AS-1', quantity, { mpn, ...change })], fakes), REPORT)));

  test.each<[string, Fakes, string]>([
    ['PPU', { items: [item('CALLS', 'PPU')] }, 'good'],
    ['ppu', { items: [item('CALLS', 'ppu')] }, 'good'],
    ['Reservation', { items: [item('CALLS', 'Reservation')] }, 'the item is not pay-as-you-go'],
  ])('of type %s', async (_, fakes, expected) => {
    expect(await read('1', 'CALLS', fakes)).toEqual([expected]);
  });

  test('of which Connect does not say the precision may have eight decimals', async () => {
    for (const precision of [undefined, null] as const) {
      const items = [{ ...item('CALLS'), precision }];
      expect(await read('0.00000001', 'CALLS', { items })).toEqual(['good']);
      expect(await read('0.000000001', 'CALLS', { items })).toEqual([expect.stringContaining('more decimals')]);
    }
  });

  test('may be new where Connect says that they are dynamic', async () => {
    const newItem = { name: 'Messages', unit: 'message', precision: 'Integer' };
    const found = [true, false, undefined].map((dynamic) =>
      read('1', 'NEW', { ppu: { schema: 'QT', ...(dynamic !== undefined && { dynamic }) } }, { newItem }),
    );
    expect((await Promise.all(found)).flat()).toEqual(['good', ...Array(2).fill(expect.stringContaining('no item'))]);
  });
});

const CATEGORY = { id: 'voice', name: 'Voice', description: '' };

describe('the workbook', () => {
  const records = [
    record('AS-1', '12.50'),
    record('AS-3', '99'),
    record('AS-404', '7'),
    record('AS-2', '-1'),
    record('AS-3', '-1'),
    record('AS-2', '0.5'),
  ];

  test('has the good records of its contract, and says what it has', async () => {
    const { workbook, ...built } = await build(records);
    expect(await columns(workbook, ['asset_search_value', 'quantity'])).toEqual([
      ['AS-1', 12.5],
      ['AS-2', 0.5],
    ]);
    expect(built).toEqual({
      rows: 2,
      totals: { CALLS: { quantity: '13' } },
      digests,
      marketplaceId: 'MP-00001',
      badCount: 1,
      notSelected: 0,
      bad: [expect.objectContaining({ row: 4, asset: 'AS-2', problem: '"quantity" is negative' })],
    });
  });

  test('has the notes of its records, without a key of ours', async () => {
    const { workbook } = await build([record('AS-1', '1', { note: `by key ${KEY}` }), record('AS-2', '1')]);
    expect(await columns(workbook, ['record_note'])).toEqual([['by key [redacted]'], [null]]);
  });

  test('has what was counted of its contract, whatever the order in which the records come', async () => {
    const counted = await count(records);
    const built = await build([...records].reverse());
    const { rows, totals, digests, bad } = counted.contracts.find(({ contractId }) => contractId === EUROPE)!;
    expect(built).toMatchObject({ rows, totals, digests, badCount: bad });
  });

  test('of a contract without records has none', async () => {
    const { workbook, ...built } = await build([record('AS-3', '1')]);
    expect(built).toEqual({ rows: 0, totals: {}, digests, badCount: 0, bad: [], notSelected: 0, marketplaceId: '' });
    expect(await columns(workbook, ['quantity'])).toEqual([]);
  });

  test('has the categories that the vendor declares', async () => {
    const categories = [CATEGORY];
    const { workbook, badCount } = await build(
      [record('AS-1', '1', { category: 'voice' }), record('AS-2', '1')],
      {},
      { categories },
    );
    expect([await columns(workbook, ['category_id']), badCount]).toEqual([[['voice']], 1]);
    expect(await columns(workbook, ['category_id', 'category_name'], 'categories')).toEqual([['voice', 'Voice']]);
  });

  test('is the same whenever it is built, but for the time in it', async () => {
    const [one, other] = [await build(records), await build(records)];
    const all = ['record_id', 'quantity', 'start_time_utc', 'end_time_utc'];
    expect(await columns(one.workbook, all)).toEqual(await columns(other.workbook, all));
    expect({ ...one, workbook: undefined }).toEqual({ ...other, workbook: undefined });
  });

  test('counts every bad record, and names so many as can be kept', async () => {
    const { badCount, bad } = await build(Array.from({ length: MOST_BAD_USAGE + 5 }, () => record('AS-1', '-1')));
    expect([badCount, bad.length]).toEqual([MOST_BAD_USAGE + 5, MOST_BAD_USAGE]);
  });
});
