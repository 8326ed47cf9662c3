import { beforeEach, describe, expect, test } from '@jest/globals';
import { readSheet } from 'read-excel-file/node';
import { useSandbox } from './start';
import { form, rowFor, usageOf, workbook } from './usage';

const box = useSandbox();
const usage = usageOf(box);

beforeEach(() => box.control.set({ usageProcessingMs: 0 }));

const path = '/usage/files';
const act = (who: 'vendor' | 'distributor', id: string, action: string, body?: unknown) =>
  box[who]('POST', `${path}/${id}/${action}`, body);

describe('an upload', () => {
  test('needs a form with its part', async () => {
    const id = await usage.draft();
    const content = await workbook([]);
    for (const body of [undefined, { usage_file: 'x' }, form(content, 'file')]) {
      const { status, body: answer } = await act('vendor', id, 'upload', body);
      expect([status, answer.errors]).toEqual([400, ['usage_file: No file was submitted.']]);
    }
    const nonsense = await fetch(`${box.sandbox.connectUrl}${path}/${id}/upload`, {
      method: 'POST',
      headers: { authorization: box.sandbox.vendorKey, 'content-type': 'multipart/form-data; boundary=x' },
      body: 'nonsense',
    });
    expect([nonsense.status, await nonsense.json()]).toEqual([
      400,
      { error_code: 'VAL_001', errors: ['Multipart form parse error.'] },
    ]);
    expect(await usage.status(id)).toBe('draft');
  });

  test('is taken from a client that names no type of its part', async () => {
    const id = await usage.draft();
    const content = await workbook([rowFor(await usage.asset())]);
    const head = '--b1\r\nContent-Disposition: form-data; name="usage_file"; filename="f.xlsx"\r\n\r\n';
    const answer = await fetch(`${box.sandbox.connectUrl}${path}/${id}/upload/`, {
      method: 'POST',
      headers: { authorization: box.sandbox.vendorKey, 'content-type': 'multipart/form-data; boundary=b1' },
      body: Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--b1--\r\n')]),
    });
    expect(answer.status).toBe(201);
    expect(await box.control.usage.untilSettled(id, { statuses: ['ready', 'invalid'] })).toBe('ready');
  });

  test('answers 200 and ends as "uploaded" where switched', async () => {
    await box.control.set({ usageUploadAnswer: 200, usageReadyAs: 'uploaded' });
    const id = await usage.draft();
    expect((await usage.upload(id, await workbook([rowFor(await usage.asset())]))).status).toBe(200);
    await box.control.usage.untilSettled(id, { statuses: ['uploaded'] });
    expect((await act('vendor', id, 'submit')).body.status).toBe('pending');
  });

  test('takes its time, and cannot be submitted before', async () => {
    await box.control.set({ usageProcessingMs: 300 });
    const id = await usage.draft();
    const content = await workbook([rowFor(await usage.asset())]);
    const start = performance.now();
    expect((await usage.judged(id, content)).body.status).toBe('ready');
    expect(performance.now() - start).toBeGreaterThan(290);
    const statuses = (await box.control.timeline(id)).map(({ to }) => to);
    expect(statuses).toEqual(['draft', 'uploading', 'processing', 'ready']);

    await box.control.set({ usageProcessingMs: 600_000 }); // which the test does not outlast
    const uploading = await usage.draft();
    await usage.upload(uploading, content);
    await act('vendor', id, 'reprocess');
    for (const [file, status] of [
      [uploading, 'uploading'],
      [id, 'processing'],
    ] as const) {
      expect((await usage.file(file)).body).toMatchObject({ status, sub_status: 'processing' });
      expect((await act('vendor', file, 'submit')).status).toBe(400);
    }
  });

  test('after a rejection replaces the rows, and gives no record id twice', async () => {
    const id = await usage.ready(2);
    const before = await box.ids(`/usage/records?eq(usagefile.id,${id})`);
    await act('vendor', id, 'submit');
    await act('distributor', id, 'reject', { rejection_note: 'Count again.' });
    expect((await usage.file(id)).body).toMatchObject({ status: 'rejected', rejection_note: 'Count again.' });
    await usage.judged(id, await workbook([rowFor(await usage.asset())]));
    const after = await box.ids(`/usage/records?eq(usagefile.id,${id})`);
    expect([before, after]).toEqual([
      [`UR-${id.slice(3)}-0000-0001`, `UR-${id.slice(3)}-0000-0002`],
      [`UR-${id.slice(3)}-0000-0003`],
    ]);
    expect((await act('vendor', id, 'submit')).body.status).toBe('pending');
    expect(await box.control.effects(id, 'submit')).toBe(2);
  });

  test('that is invalid can be judged again when the reason is gone', async () => {
    const { usage: product } = box.sandbox.products;
    const row = rowFor(await usage.asset(), { item_name: 'Text messages', item_unit: 'Texts' });
    const content = await workbook([{ ...row, item_search_value: 'SMS', item_mpn: 'SMS', item_precision: 'Integer' }]);
    const id = await usage.draft();
    expect((await usage.judged(id, content)).body.status).toBe('invalid');
    await box.control.usage.setPayAsYouGo(product, { dynamic: true });
    await act('vendor', id, 'reprocess');
    expect(await box.control.usage.untilSettled(id, { statuses: ['ready', 'invalid'] })).toBe('ready');
  });
});

describe('links', () => {
  const rowsBehind = async (url: string) => {
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringMatching(/spreadsheetml/)]);
    return readSheet(Buffer.from(await answer.arrayBuffer()));
  };

  test('lead to the workbook, and to what became of each of its rows, without a key', async () => {
    const id = await usage.draft();
    const content = await workbook([rowFor(await usage.asset()), rowFor('AS-0', { record_id: 'record-2' })]);
    const { body } = await usage.judged(id, content);
    const uploaded = await fetch(body.usage_file_uri);
    expect(Buffer.from(await uploaded.arrayBuffer())).toEqual(Buffer.from(content));
    expect(await rowsBehind(body.processed_file_uri)).toEqual([
      ['row', 'record_id', 'usage_record_id', 'status', 'error_code', 'error'],
      [2, 'record-1', `UR-${id.slice(3)}-0000-0001`, 'valid', null, null],
      [3, 'record-2', `UR-${id.slice(3)}-0000-0002`, 'invalid', 'USG_021', 'USG_021 Unknown asset "AS-0"'],
    ]);
    expect((await fetch(`${body.usage_file_uri}0`)).status).toBe(403);
    expect((await fetch(body.usage_file_uri.replace(/expires=\d+/, 'expires=1'))).status).toBe(403);
  });

  test('lead nowhere before there is something', async () => {
    const { body } = await usage.file(await usage.draft());
    expect([body.usage_file_uri, body.processed_file_uri, body.reconciliation_file_uri]).toEqual([null, null, null]);
  });

  test.each([
    ['QT', false, ['quantity'], ['amount', 'tier', 'item_mpn']],
    ['CR', false, ['quantity', 'amount'], ['tier', 'item_mpn']],
    ['TR', true, ['quantity', 'amount', 'tier', 'item_mpn'], []],
  ] as const)('lead to an empty workbook of schema %s, dynamic %s', async (schema, dynamic, there, absent) => {
    const { usage: product } = box.sandbox.products;
    await box.control.usage.setPayAsYouGo(product, { schema, dynamic });
    const { body } = await box.vendor('GET', `/usage/products/${product}/template`);
    const [columns, ...rows] = await rowsBehind(body.template_link);
    expect([columns, rows]).toEqual([expect.arrayContaining([...there]), []]);
    for (const column of absent) expect(columns).not.toContain(column);
  });
});
