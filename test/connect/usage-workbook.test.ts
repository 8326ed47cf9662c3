import { expect, test } from '@jest/globals';
import readWorkbook, { type Row } from 'read-excel-file/node';
import { type UsageRow, usageWorkbook } from '../../src/connect/usage-workbook';

const CATEGORIES = [{ id: 'voice', name: 'Voice', description: 'Calls of every kind' }];
/** The two ways in which a workbook is written. */
const WAYS = [
  ['alone', []],
  ['beside categories', CATEGORIES],
] as const;

const ROW: UsageRow = {
  recordId: '2026-10:AS-1:CALLS::',
  note: undefined,
  mpn: 'CALLS',
  quantity: '12.5',
  amount: undefined,
  start: '2026-10-01 00:00:00',
  end: '2026-10-31 23:59:59',
  assetId: 'AS-1',
  category: undefined,
  tier: undefined,
  newItem: undefined,
};

async function* given(rows: Iterable<UsageRow>): AsyncGenerator<UsageRow> {
  yield* rows;
}

/** Written, and read back by another library, with nothing cut off. */
async function sheets(rows: Iterable<UsageRow>, categories: readonly (typeof CATEGORIES)[number][] = []) {
  return await readWorkbook(Buffer.from(await usageWorkbook(given(rows), categories)), { trim: false });
}

/** The cells of a row by the names of their columns; without the empty ones. */
async function cells(change: Partial<UsageRow>, categories?: typeof CATEGORIES) {
  const [records] = await sheets([{ ...ROW, ...change }], categories);
  const [header = [], row = []] = records?.data ?? ([] as Row[]);
  return Object.fromEntries(header.map((name, n) => [name, row[n]]).filter(([, cell]) => cell !== null));
}

const HEADER = [
  ...['record_id', 'record_note', 'item_search_criteria', 'item_search_value', 'amount', 'quantity'],
  ...['start_time_utc', 'end_time_utc', 'asset_search_criteria', 'asset_search_value'],
  ...['item_name', 'item_mpn', 'item_unit', 'item_precision', 'category_id', 'tier'],
];

test('has one sheet, whose first row names the columns', async () => {
  const all = await sheets([ROW]);
  expect(all.map(({ sheet, data }) => [sheet, data[0], data.length])).toEqual([['records', HEADER, 2]]);
});

test('has the categories on a sheet of their own, where there are any', async () => {
  const [records, categories, ...others] = await sheets([{ ...ROW, category: 'voice' }], CATEGORIES);
  expect(records).toMatchObject({ sheet: 'records', data: [HEADER, expect.arrayContaining(['voice'])] });
  expect(categories).toEqual({
    sheet: 'categories',
    data: [
      ['category_id', 'category_name', 'category_description'],
      ['voice', 'Voice', 'Calls of every kind'],
    ],
  });
  expect(others).toEqual([]);
});

test.each(WAYS)('without records there are the names of the columns, %s', async (_, categories) => {
  const [records] = await sheets([], categories);
  expect(records).toEqual({ sheet: 'records', data: [HEADER] });
});

test.each(WAYS)('numbers are numbers, times and ids are texts, %s', async (_, categories) => {
  expect(await cells({}, [...categories])).toEqual({
    record_id: '2026-10:AS-1:CALLS::',
    item_search_criteria: 'item.mpn',
    item_search_value: 'CALLS',
    quantity: 12.5,
    start_time_utc: '2026-10-01 00:00:00',
    end_time_utc: '2026-10-31 23:59:59',
    asset_search_criteria: 'asset.id',
    asset_search_value: 'AS-1',
  });
});

test.each(WAYS)('a row may have everything, %s', async (_, categories) => {
  const newItem = { name: 'Messages', unit: 'message', precision: 'Integer' };
  const row = { ...ROW, note: 'in October', amount: '7.25', tier: 0, category: 'voice', mpn: 'MESSAGES', newItem };
  expect(await cells(row, [...categories])).toMatchObject({
    record_note: 'in October',
    amount: 7.25,
    tier: 0,
    category_id: 'voice',
    item_search_value: 'MESSAGES',
    item_name: 'Messages',
    item_mpn: 'MESSAGES',
    item_unit: 'message',
    item_precision: 'Integer',
  });
});

test.each(WAYS)('numbers keep every digit, %s', async (_, categories) => {
  const numbers = ['0', '0.00', '0.1', '0.00000001', '1234567.12345678', '123456789012345', '0.123456789012345', '007'];
  const [records] = await sheets(
    numbers.map((number) => ({ ...ROW, quantity: number, amount: number })),
    categories,
  );
  const column = (name: string) => records?.data.slice(1).map((row) => row[HEADER.indexOf(name)]);
  expect(column('quantity')).toEqual([0, 0, 0.1, 1e-8, 1234567.12345678, 123456789012345, 0.123456789012345, 7]);
  expect(column('amount')).toEqual(column('quantity'));
});

test.each([
  ...['=1+1', '=HYPERLINK("https://example.com")', '+1', '-1', '@SUM(A1)', "'=1+1", '\t=1+1'],
  ...['007', '12.50', '1e5', 'TRUE', 'null', '2026-10-01', '45000', '10%'],
  ...['<b>&amp;</b>', `"quoted" and 'quoted'`, ']]>', ' on both sides ', 'two\nlines', 'Grüße, 東京 und 😀', 'e\u0301'],
])('a text stays the text that it is: %j', async (text) => {
  for (const [, categories] of WAYS) {
    const row = { recordId: text, mpn: text, note: text, category: text };
    expect(await cells(row, [...categories])).toMatchObject({
      record_id: text,
      item_search_value: text,
      record_note: text,
      category_id: text,
    });
  }
});

test.each(WAYS)('a note may be as long as a cell, %s', async (_, categories) => {
  const note = 'é'.repeat(32_767);
  expect((await cells({ note }, [...categories]))['record_note']).toBe(note);
});

test.each(WAYS)('a thousand rows keep their order, %s', async (_, categories) => {
  const rows = Array.from({ length: 1_000 }, (_row, n) => ({ ...ROW, recordId: `r-${n}`, quantity: `${n}` }));
  const [records] = await sheets(rows, categories);
  const found = records?.data.slice(1).map((row) => [row[0], row[HEADER.indexOf('quantity')]]);
  expect(found).toEqual(rows.map(({ recordId }, n) => [recordId, n]));
});

test.each(WAYS)('rows that cannot be had are no workbook, and their own error says why, %s', async (_, categories) => {
  const error = new Error('the vendor is away');
  const rows = async function* () {
    yield ROW;
    throw error;
  };
  await expect(usageWorkbook(rows(), categories)).rejects.toBe(error);
});
