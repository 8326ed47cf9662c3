import { beforeEach, describe, expect, test } from '@jest/globals';
import { useSandbox } from './start';
import { form, rowFor, usageOf, workbook, type Row } from './usage';

const box = useSandbox();
const usage = usageOf(box);

beforeEach(() => box.control.set({ usageProcessingMs: 0 }));

const records = '/usage/records';
const ofFile = (id: string, more = '') => box.vendor('GET', `${records}?eq(usagefile.id,${id})${more}`);
const close = (id: string, body: object = {}) => box.distributor('POST', `${records}/${id}/close`, body);

test('a record shows its file, its subscription and its item', async () => {
  const asset = await usage.asset();
  const id = await usage.draft();
  await usage.judged(id, await workbook([rowFor(asset, { item_search_value: 'TRANSFER', quantity: 12.25 })]));
  const { body } = await ofFile(id);
  expect(body).toMatchObject([
    {
      id: `UR-${id.slice(3)}-0000-0001`,
      status: 'valid',
      usage: 12.25,
      start_date: '2026-10-01T00:00:00+00:00',
      end_date: '2026-10-31T23:59:59+00:00',
      asset: { id: asset },
      item: { mpn: 'TRANSFER', precision: 'Decimal(2)', type: 'PPU', unit: 'Gb' },
      usagefile: { id, schema: 'qt', currency: 'EUR' },
      external_billing_id: '',
      closed_at: null,
    },
  ]);
  expect((await box.vendor('GET', `${records}/${body[0].id}`)).body).toEqual(body[0]);
  expect((await box.vendor('GET', `${records}/UR-${id.slice(3)}-0000-0002`)).status).toBe(404);
  expect((await box.vendor('GET', `${records}/UR-1`)).status).toBe(404);
});

test('thousands of records come in pages, in the order of the workbook, beside those of other files', async () => {
  await usage.ready(3);
  const id = await usage.ready(2_500);
  const seen: string[] = [];
  for (let offset = 0; offset < 2_500; offset += 1_000) {
    const { body, range } = await ofFile(id, `&limit=1000&offset=${offset}`);
    expect(range).toBe(`items ${offset}-${Math.min(offset + 999, 2_499)}/2500`);
    seen.push(...body.map((record: { id: string }) => record.id));
  }
  const number = (index: number) => String(index + 1).padStart(4, '0');
  expect(seen).toEqual(Array.from({ length: 2_500 }, (_, index) => `UR-${id.slice(3)}-0000-${number(index)}`));
  expect((await box.vendor('GET', `${records}?limit=0`)).range).toBe('items 0-0/2503');
});

test.each([
  ['', 3, 'items 0-2/3'],
  ['&limit=0', 0, 'items 0-0/3'],
  ['&limit=2&offset=2', 1, 'items 2-2/3'],
  ['&offset=3', 0, 'items 3-3/3'],
  ['&limit=5000&offset=many', 3, 'items 0-2/3'],
  ['&in(status,(valid))', 3, 'items 0-2/3'],
  ['&ordering(-usage_start_time)&limit=1', 1, 'items 0-0/3'],
  ['&select(-item)', 3, 'items 0-2/3'],
])('a page of one file by "%s"', async (more, length, range) => {
  const id = await usage.ready(3);
  const answer = await ofFile(id, more);
  expect([answer.body.length, answer.range]).toEqual([length, range]);
});

test('no file has no records, and a filter said twice is an error', async () => {
  expect((await ofFile('UF-1')).range).toBe('items 0-0/0');
  expect((await ofFile('UF-1', '&limit=1&limit=2')).status).toBe(400);
  expect((await ofFile('UF-1', '&eq(status,unheard)')).status).toBe(400);
});

test('records are found by what Connect declares', async () => {
  const [first, second] = [await usage.asset(), await usage.asset()];
  const id = await usage.draft();
  const rows = [rowFor(first), rowFor(second, { record_id: 'record-2', item_search_value: 'TRANSFER', quantity: 1 })];
  await usage.judged(id, await workbook([...rows, rowFor('AS-0', { record_id: 'record-3' })]));
  const [one, two, three] = await box.ids(`${records}?in(usagefile.id,(${id},UF-1))`);
  for (const [filter, ids] of [
    [`eq(asset.id,${first})`, [one]],
    [`asset_id=${second}`, [two]],
    ['eq(item.id,PRD-100-000-004-0003)', [two]],
    [`and(eq(usagefile.id,${id}),ne(status,invalid))`, [one, two]],
    ['eq(status,invalid)', [three]],
    ['eq(asset.id,null())', [three]],
    [`usage_file=${id}&limit=1`, [one]],
    ['ge(start_date,2026-10-02T00:00:00)', []],
    [`usagefile__id=${id}&eq(product.id,PRD-1)`, []],
  ] as const) {
    expect([filter, await box.ids(`${records}?${filter}`)]).toEqual([filter, ids]);
  }
});

describe('the distributor', () => {
  test('rejects one record, approves the rest with the file, and closes it with the last of them', async () => {
    const id = await usage.ready(3);
    const [one, two, three] = await box.ids(`${records}?eq(usagefile.id,${id})`);
    const judge = (status: string) => box.distributor('PUT', `${records}/${one}`, { status });
    expect((await judge('rejected')).status).toBe(400);
    await box.vendor('POST', `/usage/files/${id}/submit`);
    expect((await judge('closed')).body.errors).toEqual(['status: "closed" is not a valid choice.']);
    expect((await judge('rejected')).body.status).toBe('rejected');
    await box.control.usage.accept(id);
    expect((await close(one ?? '')).status).toBe(400);

    expect(
      (await close(two ?? '', { external_billing_id: 'B-2', external_billing_note: 'billed' })).body,
    ).toMatchObject({
      status: 'closed',
      external_billing_id: 'B-2',
      external_billing_note: 'billed',
      closed_at: expect.any(String),
      closed_by: 'PA-000-001',
    });
    expect(await usage.status(id)).toBe('accepted');
    await close(three ?? '');
    expect((await usage.file(id)).body).toMatchObject({
      status: 'closed',
      records: { valid: 3, invalid: 0, closed: 2 },
      stats: { uploaded: 3, accepted: 2, closed: 2, billed: 1 },
    });
  });

  test('approves all at once, and may still think better of one', async () => {
    const id = await usage.ready(2);
    await box.vendor('POST', `/usage/files/${id}/submit`);
    await box.distributor('PUT', `/usage/files/${id}/approve-all`);
    const { body } = await ofFile(id);
    expect(body.map(({ status }: { status: string }) => status)).toEqual(['approved', 'approved']);
    for (const [record, status] of [
      [0, 'rejected'],
      [1, 'rejected'],
      [1, 'approved'],
    ] as const) {
      await box.distributor('PUT', `${records}/${body[record].id}`, { status });
    }
    await box.control.usage.accept(id);
    expect((await box.control.usage.rows(id)).map(({ status }) => status)).toEqual(['rejected', 'approved']);
  });

  test('closes many records in one call, and hears of each that cannot be', async () => {
    const id = await usage.accepted(3);
    const [one, two] = await box.ids(`${records}?eq(usagefile.id,${id})`);
    const { status, body } = await box.distributor('POST', `${records}/close-records`, [
      { id: one, external_billing_id: 'B-1' },
      { id: one, external_billing_id: 'B-1' },
      { id: two, external_billing_id: 7 },
      { id: 'UR-1' },
    ]);
    expect([status, body]).toEqual([
      206,
      [
        { id: one, status: 'closed', error_codes: '', error_details: '' },
        {
          id: one,
          status: 'closed',
          error_codes: 'USG_002',
          error_details: expect.stringMatching(/this one is closed/),
        },
        { id: two, status: 'approved', error_codes: 'VAL_001', error_details: expect.stringMatching(/valid string/) },
        { id: 'UR-1', status: null, error_codes: 'RES_001', error_details: expect.stringContaining('UR-1') },
      ],
    ]);
    expect((await box.distributor('POST', `${records}/close-records`, {})).status).toBe(400);
    expect((await usage.file(id)).body.records.closed).toBe(1);
  });

  test('is the only one who may', async () => {
    const id = await usage.accepted();
    const [one] = await box.ids(`${records}?eq(usagefile.id,${id})`);
    for (const [method, path, body] of [
      ['POST', `${records}/${one}/close`, {}],
      ['POST', `${records}/close-records`, []],
      ['PUT', `${records}/${one}`, { status: 'approved' }],
      ['POST', `/usage/files/${id}/reconciliation`, form('x', 'recon_file')],
    ] as const) {
      expect((await box.vendor(method, path, body)).status).toBe(403);
    }
  });
});

describe('a reconciliation', () => {
  const reconcile = async (id: string, rows: Row[] | string) => {
    const content = typeof rows === 'string' ? rows : await workbook(rows);
    const body = form(content, 'recon_file', { upload_note: 'of November' });
    return box.distributor('POST', `/usage/files/${id}/reconciliation`, body);
  };

  test('closes records by the vendor’s id or by Connect’s, each with its billing id', async () => {
    const id = await usage.accepted(3);
    const [, second] = await box.ids(`${records}?eq(usagefile.id,${id})`);
    const { status, body } = await reconcile(id, [
      { record_id: 'record-1', external_billing_id: 'B-1', external_billing_note: null },
      { record_id: second ?? '', external_billing_id: 'B-2', external_billing_note: 'late' },
    ]);
    expect([status, body.status, body.records.closed]).toEqual([200, 'accepted', 2]);
    expect(body.reconciliation_file_uri).toEqual(expect.any(String));
    expect((await box.control.usage.rows(id)).map((row) => row.external_billing_id)).toEqual(['B-1', 'B-2', '']);

    await reconcile(id, [{ record_id: 'record-3', external_billing_id: 'B-3' }]);
    expect(await usage.status(id)).toBe('closed');
    const list = await box.distributor('GET', `/usage/reconciliations?eq(usagefile.id,${id})`);
    expect(list.body).toMatchObject([
      { status: 'processed', usagefile: { id }, notes: { uploaded: 'of November' } },
      { status: 'processed' },
    ]);
    expect((await box.distributor('GET', `/usage/reconciliations/${list.body[0].id}`)).body).toEqual(list.body[0]);
    expect((await box.distributor('GET', '/usage/reconciliations/RCF-1')).status).toBe(404);
  });

  test.each<[Row[] | string, string | RegExp]>([
    ['words', /./],
    [[{ record_id: null }], /no rows/],
    [[{ record_id: 'record-1' }], /lacks columns: external_billing_id/],
    [[{ record_id: 'record-9', external_billing_id: 'B-9' }], /Row 2: the file has no record "record-9"/],
    [[{ record_id: 'record-1', external_billing_id: '' }], /Row 2: external_billing_id is empty/],
    [
      [
        { record_id: 'record-1', external_billing_id: 'B-1' },
        { record_id: 'record-1', external_billing_id: 'B-2' },
      ],
      /Row 3: record "record-1" is named twice/,
    ],
  ])('of %j closes nothing', async (rows, error) => {
    const id = await usage.accepted();
    const { status, body } = await reconcile(id, rows);
    expect([status, body.errors]).toEqual([400, [expect.stringMatching(error)]]);
    expect((await usage.file(id)).body).toMatchObject({ status: 'accepted', records: { closed: 0 } });
    const { body: list } = await box.vendor('GET', '/usage/reconciliations');
    expect(list).toMatchObject([{ status: 'failed', error: { detail: expect.stringMatching(error) } }]);
  });

  test('needs an accepted file, and a part with the workbook', async () => {
    const id = await usage.ready();
    expect((await reconcile(id, [{ record_id: 'record-1', external_billing_id: 'B-1' }])).body.error_code).toBe(
      'USG_001',
    );
    const empty = await box.distributor('POST', `/usage/files/${id}/reconciliation`, {});
    expect(empty.body.errors).toEqual(['recon_file: No file was submitted.']);
  });
});

test('aggregates sum what was submitted, by subscription and item', async () => {
  const asset = await usage.asset();
  const transfer = { item_search_value: 'TRANSFER', quantity: 0.1 };
  const report = async (verdict: 'accept' | 'reject' | undefined) => {
    const id = await usage.draft();
    const rows = [rowFor(asset, transfer), rowFor(asset, { ...transfer, record_id: 'record-2', quantity: 0.2 })];
    await usage.judged(id, await workbook([...rows, rowFor(asset, { record_id: 'record-3' })]));
    await box.vendor('POST', `/usage/files/${id}/submit`);
    if (verdict !== undefined) await box.control.usage[verdict](id);
  };
  await report('accept');
  await report(undefined);
  await report('reject');
  await usage.ready();

  const { body, range } = await box.vendor('GET', `/usage/aggregates?eq(asset.id,${asset})`);
  expect(range).toBe('items 0-1/2');
  expect(body).toMatchObject([
    { item: { mpn: 'TRANSFER' }, asset: { id: asset }, consumed: 60, accepted: 30, amount: null, currency: 'EUR' },
    { item: { mpn: 'CALLS' }, consumed: 24, accepted: 12, events: { last_reported: { at: expect.any(String) } } },
  ]);
  expect((await box.vendor('GET', '/usage/aggregates?eq(item.type,Reservation)')).body).toEqual([]);
});
