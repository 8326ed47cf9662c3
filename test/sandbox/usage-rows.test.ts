import { beforeEach, describe, expect, test } from '@jest/globals';
import { useSandbox } from './start';
import { OVERSEAS, rowFor, usageOf, workbook, type Row } from './usage';

const box = useSandbox();
const usage = usageOf(box);

beforeEach(() => box.control.set({ usageProcessingMs: 0 }));

/** What is wrong with the rows of a workbook; of each row its errors. */
async function errorsOf(rows: Row[], categories?: Row[], sheet?: string): Promise<string[][]> {
  const id = await usage.draft();
  await usage.judged(id, await workbook(rows, categories, sheet));
  return (await box.control.usage.rows(id)).map(({ errors }) => errors);
}

const ROWS: [what: string, changes: Row, errors: string[]][] = [
  ['nothing', {}, []],
  ['no record id', { record_id: null }, ['USG_003 record_id is empty']],
  ['a record id that is a number', { record_id: 7 }, []],
  ['an MPN that is not there', { item_search_value: 'NONE' }, ['USG_011 Unknown MPN "NONE"']],
  ['an item that is bought', { item_search_value: 'SEAT' }, ['USG_012 Item "SEAT" is not pay-as-you-go']],
  ['an unknown item criteria', { item_search_criteria: 'mpn' }, ['USG_004 Unknown search criteria "mpn"']],
  ['a local id', { item_search_criteria: 'item.local_id', item_search_value: 'PRD_100_000_004_0002' }, []],
  ['a subscription that is not there', { asset_search_value: 'AS-0' }, ['USG_021 Unknown asset "AS-0"']],
  ['an unknown asset criteria', { asset_search_criteria: 'id' }, ['USG_004 Unknown search criteria "id"']],
  [
    'a parameter that does not reconcile',
    { asset_search_criteria: 'parameter.admin_email' },
    ['USG_004 Unknown search criteria "parameter.admin_email"'],
  ],
  [
    'a day alone',
    { start_time_utc: '2026-10-01' },
    ['USG_031 start_time_utc must be a text YYYY-MM-DD HH:MM:SS, is "2026-10-01"'],
  ],
  [
    'a day that is none',
    { start_time_utc: '2026-10-32 00:00:00' },
    ['USG_031 start_time_utc must be a text YYYY-MM-DD HH:MM:SS, is "2026-10-32 00:00:00"'],
  ],
  [
    'a cell with a date',
    { end_time_utc: new Date('2026-10-31') },
    ['USG_031 end_time_utc must be a text YYYY-MM-DD HH:MM:SS, is "2026-10-31T00:00:00.000Z"'],
  ],
  [
    'a start before the period',
    { start_time_utc: '2026-09-30 23:59:59' },
    ['USG_032 start_time_utc 2026-09-30 23:59:59 is outside of the period 2026-10-01 to 2026-10-31'],
  ],
  [
    'an end after the period',
    { end_time_utc: '2026-11-01 00:00:00' },
    ['USG_032 end_time_utc 2026-11-01 00:00:00 is outside of the period 2026-10-01 to 2026-10-31'],
  ],
  [
    'an end before the start',
    { start_time_utc: '2026-10-03 00:00:00', end_time_utc: '2026-10-02 00:00:00' },
    ['USG_033 start_time_utc is after end_time_utc'],
  ],
  ['no quantity', { quantity: null }, ['USG_041 quantity must be a number, is ""']],
  ['words for a quantity', { quantity: 'many' }, ['USG_041 quantity must be a number, is "many"']],
  ['a quantity in text', { quantity: '12' }, []],
  ['a quantity of nothing', { quantity: 0 }, []],
  ['a negative quantity', { quantity: -1 }, ['USG_042 quantity must not be negative, is -1']],
  [
    'half a call',
    { quantity: 0.5 },
    ['USG_043 quantity 0.5 has more decimals than Integer, the precision of the item'],
  ],
  ['cents of a gigabyte', { item_search_value: 'TRANSFER', quantity: 12.25 }, []],
  [
    'less than cents of a gigabyte',
    { item_search_value: 'TRANSFER', quantity: 12.255 },
    ['USG_043 quantity 12.255 has more decimals than Decimal(2), the precision of the item'],
  ],
  [
    'hardly anything',
    { item_search_value: 'TRANSFER', quantity: 1e-7 },
    ['USG_043 quantity 1e-7 has more decimals than Decimal(2), the precision of the item'],
  ],
  ['an amount, which QT does not look at', { amount: 'much' }, []],
  ['a category without the sheet', { category_id: 'C-1' }, ['USG_052 Unknown category "C-1"']],
  [
    'a new item of a product that has none',
    { item_name: 'Texts' },
    ['USG_013 The product has no dynamic items: item_name must be empty'],
  ],
  ['empty columns of new items', { item_name: null, item_mpn: '' }, []],
  [
    'two things',
    { item_search_value: 'NONE', quantity: -1 },
    ['USG_011 Unknown MPN "NONE"', 'USG_042 quantity must not be negative, is -1'],
  ],
];

test('each row is judged by itself', async () => {
  const asset = await usage.asset();
  const rows = ROWS.map(([, changes], at) => rowFor(asset, { record_id: `record-${at}`, ...changes }));
  const judged = await errorsOf(rows);
  expect(judged.map((errors, at) => [ROWS[at]?.[0], errors])).toEqual(ROWS.map(([what, , errors]) => [what, errors]));
});

test('a row of a subscription of another product, or of another contract', async () => {
  const { asset: ofPlain } = await box.control.seedSubscription();
  const overseas = await usage.asset({ marketplace: 'MP-10002' });
  const errors = await errorsOf([rowFor(ofPlain), rowFor(overseas, { record_id: 'record-2' })]);
  expect(errors).toEqual([
    [`USG_022 Asset "${ofPlain}" is of another product`],
    [`USG_023 Asset "${overseas}" is of another contract`],
  ]);
  const id = await usage.draft({ contract: { id: OVERSEAS } });
  expect((await usage.judged(id, await workbook([rowFor(overseas)]))).body.status).toBe('ready');
});

test('a record id that was there before', async () => {
  const asset = await usage.asset();
  expect(await errorsOf([rowFor(asset), rowFor(asset)])).toEqual([[], ['USG_005 Duplicate record_id "record-1"']]);
});

test('a subscription by what the vendor calls it, unless two are called so', async () => {
  const { product } = { product: box.sandbox.products.usage };
  const [first, second] = await box.control.seedSubscriptions({ product, count: 2 });
  const by = (value: string) =>
    rowFor('', { asset_search_criteria: 'parameter.subscription_id', asset_search_value: value });
  expect(await errorsOf([by(first!.tenantId), { ...by('none'), record_id: 'record-2' }])).toEqual([
    [],
    ['USG_021 Unknown asset "none"'],
  ]);

  const { id } = await box.control.placeOrder({
    type: 'adjustment',
    asset: second!.asset,
    params: { subscription_id: first!.tenantId },
  });
  const template_id = await box.activationTemplate(product);
  await box.vendor('POST', `/requests/${id}/approve`, { template_id });
  expect(await errorsOf([by(first!.tenantId)])).toEqual([[`USG_024 More than one asset is "${first!.tenantId}"`]]);
});

test.each(['records', 'usage_records', 'Records'])('rows stand in a sheet %s', async (sheet) => {
  expect(await errorsOf([rowFor(await usage.asset())], undefined, sheet)).toEqual([[]]);
});

test('columns go by their names, in any order, and those of the vendor are kept', async () => {
  const row = rowFor(await usage.asset(), { 'v.region': 'north', unheard: 'x', record_note: 'as counted' });
  const id = await usage.draft();
  await usage.judged(id, await workbook([Object.fromEntries(Object.entries(row).reverse())]));
  const { body } = await box.vendor('GET', `/usage/records?usagefile.id=${id}`);
  expect(body).toMatchObject([{ status: 'valid', params: [{ parameter_name: 'v.region', parameter_value: 'north' }] }]);
  expect(await box.control.usage.rows(id)).toMatchObject([{ record_id: 'record-1', note: 'as counted' }]);
});

test.each([
  ['no workbook at all', 'words', expect.stringContaining('.xlsx')],
  ['another sheet', () => workbook([{ a: 1 }], undefined, 'Sheet1'), 'The workbook has no sheet "records".'],
  ['no rows', () => workbook([rowFor('AS-0'), {}].slice(1), [], 'records'), expect.stringMatching(/lacks columns/)],
  [
    'columns missing',
    async () => {
      const { quantity: _, end_time_utc: _end, ...row } = rowFor('AS-0');
      return workbook([row]);
    },
    'The sheet "records" lacks columns: quantity, end_time_utc.',
  ],
  [
    'nothing under its header',
    () => workbook([Object.fromEntries(Object.keys(rowFor('AS-0')).map((name) => [name, null]))]),
    'The sheet "records" has no rows.',
  ],
])('a file with %s is invalid as a whole', async (_what, content, detail) => {
  const id = await usage.draft();
  const { body } = await usage.judged(id, typeof content === 'string' ? content : await content());
  expect(body).toMatchObject({ status: 'invalid', error_detail: detail, records: { valid: 0, invalid: 0 } });
  expect(body.processed_file_uri).toBeNull();
});

test('one bad row makes the file invalid, and its detail short', async () => {
  const asset = await usage.asset();
  const id = await usage.draft();
  const bad = rowFor(asset, { record_id: 'record-2', item_search_value: 'N'.repeat(300) });
  const { body } = await usage.judged(id, await workbook([rowFor(asset), bad]));
  expect(body).toMatchObject({
    status: 'invalid',
    records: { valid: 1, invalid: 1 },
    stats: { uploaded: 2, validated: 1 },
  });
  expect(body.error_detail).toMatch(/^Row 3: USG_011 Unknown MPN "N+$/);
  expect(body.error_detail).toHaveLength(200);
  expect(await box.ids(`/usage/records?and(eq(usagefile.id,${id}),eq(status,invalid))`)).toHaveLength(1);
});

describe('categories', () => {
  const sheet = [{ category_id: 'C-1', category_name: 'Europe', category_description: 'West of the Urals' }];

  test('are named by every row once there are any', async () => {
    const asset = await usage.asset();
    const row = (nth: number, category_id: string | null) => rowFor(asset, { record_id: `record-${nth}`, category_id });
    expect(await errorsOf([row(1, 'C-1'), row(2, 'C-2'), row(3, null)], sheet)).toEqual([
      [],
      ['USG_052 Unknown category "C-2"'],
      ['USG_051 category_id is empty'],
    ]);
  });

  test('can be listed, and stand beside the records', async () => {
    const id = await usage.draft();
    await usage.judged(id, await workbook([rowFor(await usage.asset(), { category_id: 'C-1' })], sheet));
    const { body, range } = await box.vendor('GET', `/usage/files/${id}/categories?eq(name,Europe)`);
    expect([body, range]).toEqual([[{ id: 'C-1', name: 'Europe', description: 'West of the Urals' }], 'items 0-0/1']);
    expect((await box.vendor('GET', `/usage/records?eq(usagefile.id,${id})`)).body[0].category).toBe('C-1');
  });
});

describe('a product of schema', () => {
  const PRICED: ['CR' | 'PR' | 'TR', Row, string[]][] = [
    ['CR', { amount: 9.99 }, []],
    ['PR', { amount: '9.99' }, []],
    ['PR', { amount: null }, ['USG_044 amount must be a number, is ""']],
    ['CR', { amount: -1 }, ['USG_045 amount must be 0 to 1e16, is -1']],
    ['TR', { amount: 1, tier: 0 }, []],
    ['TR', { amount: 1, tier: '1' }, []],
    ['TR', { amount: 1, tier: 3 }, ['USG_046 tier must be 0 to 2, is "3"']],
    ['TR', { amount: 1, tier: null }, ['USG_046 tier must be 0 to 2, is ""']],
  ];
  test.each(PRICED)('%s with %j', async (schema, changes, errors) => {
    await box.control.usage.setPayAsYouGo(box.sandbox.products.usage, { schema });
    expect(await errorsOf([rowFor(await usage.asset(), changes)])).toEqual([errors]);
  });

  test('TR needs the columns of both', async () => {
    await box.control.usage.setPayAsYouGo(box.sandbox.products.usage, { schema: 'TR' });
    const id = await usage.draft();
    const { body } = await usage.judged(id, await workbook([rowFor(await usage.asset())]));
    expect([body.schema, body.error_detail]).toEqual(['tr', 'The sheet "records" lacks columns: amount, tier.']);
  });
});

describe('a product with dynamic items', () => {
  const brings = (changes: Row = {}) => ({
    item_search_value: 'SMS',
    item_name: 'Text messages',
    item_mpn: 'SMS',
    item_unit: 'Texts',
    item_precision: 'Decimal(1)',
    quantity: 2.5,
    ...changes,
  });
  beforeEach(() => box.control.usage.setPayAsYouGo(box.sandbox.products.usage, { dynamic: true }));
  const items = async () => (await box.vendor('GET', `/products/${box.sandbox.products.usage}/items`)).body;

  test('gets them with the first row that names them, once the file is in order', async () => {
    const asset = await usage.asset();
    const rows = [rowFor(asset, brings()), rowFor(asset, { record_id: 'record-2', item_search_value: 'SMS' })];
    expect(await errorsOf([...rows, rowFor('AS-0', { record_id: 'record-3' })])).toEqual([
      [],
      [],
      [expect.stringContaining('"AS-0"')],
    ]);
    expect(await items()).toHaveLength(3);
    expect(await errorsOf(rows)).toEqual([[], []]);
    expect((await items())[3]).toMatchObject({ mpn: 'SMS', type: 'PPU', precision: 'Decimal(1)', dynamic: true });
  });

  test.each<Row>([{ item_name: null }, { item_unit: '' }, { item_precision: 'Decimal(3)' }, { item_mpn: 'OTHER' }])(
    'refuses one with %j',
    async (changes) => {
      const [errors] = await errorsOf([rowFor(await usage.asset(), brings(changes))]);
      expect(errors).toEqual([expect.stringMatching(/^USG_014 A new item needs/)]);
    },
  );
});

test('reads a large workbook, and answers meanwhile', async () => {
  const asset = await usage.asset();
  const id = await usage.draft();
  const rows = Array.from({ length: 6_000 }, (_, index) => rowFor(asset, { record_id: `record-${index}` }));
  await usage.upload(id, await workbook(rows));
  await box.control.usage.untilSettled(id, { statuses: ['processing'] });
  expect(await usage.status(id)).toBe('processing');
  expect(await box.control.usage.untilSettled(id, { statuses: ['ready', 'invalid'] })).toBe('ready');
});
