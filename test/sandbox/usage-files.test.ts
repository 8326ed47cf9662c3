import { beforeEach, describe, expect, test } from '@jest/globals';
import { useSandbox } from './start';
import { EUROPE, form, OVERSEAS, PERIOD, rowFor, usageOf, workbook } from './usage';

const box = useSandbox();
const usage = usageOf(box);

beforeEach(() => box.control.set({ usageProcessingMs: 0 }));

const path = '/usage/files';
const act = (who: 'vendor' | 'distributor', id: string, action: string, body?: unknown) =>
  box[who](action === 'approve-all' ? 'PUT' : 'POST', `${path}/${id}/${action}`, body);

test('a file goes from its draft to its closing, and remembers when', async () => {
  const asset = await usage.asset();
  const created = await box.vendor('POST', path, {
    name: 'October',
    external_id: 'E-1',
    product: { id: box.sandbox.products.usage },
    contract: { id: EUROPE },
    period: PERIOD,
    currency: 'EUR',
  });
  const { id } = created.body;
  expect([created.status, id]).toEqual([201, expect.stringMatching(/^UF-\d{4}-\d\d-\d{4}-\d{4}$/)]);
  expect(created.body).toMatchObject({ product_id: box.sandbox.products.usage, distribution_contract: EUROPE });
  expect((await usage.file(id)).body).toMatchObject({
    status: 'draft',
    external_id: 'E-1',
    schema: 'qt',
    currency: 'EUR',
    period: PERIOD,
    environment: 'production',
    records: { valid: 0, invalid: 0, closed: 0 },
  });

  const uploaded = await usage.upload(id, await workbook([rowFor(asset), rowFor(asset, { record_id: 'record-2' })]));
  expect([uploaded.status, uploaded.body.status]).toEqual([201, 'uploading']);
  await box.control.usage.untilSettled(id, { statuses: ['ready'] });
  expect((await act('vendor', id, 'submit')).body.status).toBe('pending');
  expect((await act('distributor', id, 'accept', { acceptance_note: 'Thanks.' })).body).toMatchObject({
    status: 'accepted',
    acceptance_note: 'Thanks.',
    stats: { uploaded: 2, validated: 2, pending: 0, accepted: 2, closed: 0, billed: 0 },
  });
  expect((await act('distributor', id, 'close')).body).toMatchObject({
    status: 'closed',
    records: { valid: 2, invalid: 0, closed: 2 },
    events: Object.fromEntries(
      ['created', 'uploaded', 'submitted', 'accepted', 'closed'].map((name) => [name, { at: expect.any(String) }]),
    ),
  });

  const steps = ['draft', 'uploading', 'processing', 'ready', 'pending', 'accepted', 'closed'];
  expect((await box.control.timeline(id)).map(({ to }) => to)).toEqual(steps);
  const [file] = await box.control.usage.files();
  expect(file?.effects).toEqual({ create: 1, upload: 1, submit: 1, accept: 1, close: 1 });
});

/** Every action, the statuses in which it is taken, and the one that it leads to. */
const ACTIONS: Record<string, { by: 'vendor' | 'distributor'; from: string[]; to: string }> = {
  upload: { by: 'vendor', from: ['draft', 'invalid', 'ready', 'uploaded', 'rejected'], to: 'uploading' },
  reprocess: { by: 'vendor', from: ['invalid', 'ready', 'uploaded'], to: 'processing' },
  submit: { by: 'vendor', from: ['ready', 'uploaded'], to: 'pending' },
  delete: { by: 'vendor', from: ['draft', 'invalid', 'ready', 'uploaded'], to: 'deleted' },
  accept: { by: 'distributor', from: ['pending'], to: 'accepted' },
  reject: { by: 'distributor', from: ['pending'], to: 'rejected' },
  'approve-all': { by: 'distributor', from: ['pending'], to: 'pending' },
  close: { by: 'distributor', from: ['accepted'], to: 'closed' },
};

const WAYS: Record<string, () => Promise<string>> = {
  draft: () => usage.draft(),
  async uploading() {
    const id = await usage.draft();
    await box.control.set({ usageProcessingMs: 60_000 });
    await usage.upload(id, 'later');
    return id;
  },
  async processing() {
    const id = await usage.ready();
    await box.control.set({ usageProcessingMs: 60_000 });
    await act('vendor', id, 'reprocess');
    return id;
  },
  async invalid() {
    const id = await usage.draft();
    await usage.judged(id, 'no workbook');
    return id;
  },
  ready: () => usage.ready(),
  async uploaded() {
    await box.control.set({ usageReadyAs: 'uploaded' });
    const id = await usage.draft();
    await usage.judged(id, await workbook([rowFor(await usage.asset())]));
    return id;
  },
  async pending() {
    const id = await usage.ready();
    await act('vendor', id, 'submit');
    return id;
  },
  async rejected() {
    const id = await WAYS.pending!();
    await act('distributor', id, 'reject', { rejection_note: 'Too much.' });
    return id;
  },
  accepted: () => usage.accepted(),
  async closed() {
    const id = await usage.accepted();
    await act('distributor', id, 'close');
    return id;
  },
  async deleted() {
    const id = await usage.draft();
    await act('vendor', id, 'delete');
    return id;
  },
};

describe.each(Object.entries(WAYS))('a file that is %s', (status, reach) => {
  const taken = Object.keys(ACTIONS).filter((action) => ACTIONS[action]?.from.includes(status));

  test('refuses what does not belong there, and stays as it is', async () => {
    const id = await reach();
    for (const [action, { by }] of Object.entries(ACTIONS)) {
      if (taken.includes(action)) continue;
      const { status: answer, body } = await act(by, id, action, action === 'upload' ? form('x') : undefined);
      expect([action, answer, body.error_code]).toEqual([action, 400, 'USG_001']);
      expect(body.errors[0]).toContain(`while ${status}`);
    }
    expect(await usage.status(id)).toBe(status);
  });

  if (taken.length > 0) {
    test.each(taken)('takes %s', async (action) => {
      const id = await reach();
      const { by, to } = ACTIONS[action]!;
      const answer = await act(by, id, action, action === 'upload' ? form('x') : undefined);
      expect([answer.status, answer.body.status]).toEqual([action === 'upload' ? 201 : 200, to]);
    });
  }
});

test.each(Object.entries(ACTIONS))('%s is for one account alone', async (action, { by }) => {
  const id = await usage.draft();
  const other = by === 'vendor' ? 'distributor' : 'vendor';
  const { status, body } = await act(other, id, action, action === 'upload' ? form('x') : undefined);
  expect([status, body.error_code]).toEqual([403, 'AUTH_003']);
});

test('files are made and changed by the vendor alone', async () => {
  const id = await usage.draft();
  expect((await box.distributor('POST', path, {})).status).toBe(403);
  expect((await box.distributor('PUT', `${path}/${id}`, {})).status).toBe(403);
  expect((await box.distributor('GET', `${path}/${id}`)).status).toBe(200);
});

test.each([
  [{ name: undefined }, 'name: This field is required.'],
  [{ name: 'x'.repeat(101) }, 'name: Ensure this field has no more than 100 characters.'],
  [{ product: undefined }, 'product.id: This field is required.'],
  [{ product: { id: 'PRD-0' } }, 'product.id: There is no such product.'],
  [{ contract: {} }, 'contract.id: This field is required.'],
  [{ contract: { id: 'CRD-1' } }, 'contract.id: There is no such contract.'],
  [{ product: { id: 'PRD-100-000-001' }, contract: { id: OVERSEAS } }, expect.stringMatching(/no Listing/)],
  [{ period: { from: '2026-10-32', to: '2026-10-31' } }, expect.stringMatching(/^period.from: Date has wrong format/)],
  [{ period: { from: '2026-11-01', to: '2026-10-31' } }, 'period: The first day is after the last one.'],
  [{ currency: 'USD' }, 'currency: The marketplace MP-10001 sells in EUR, not in "USD".'],
  [{ description: 'x'.repeat(201) }, 'description: Ensure this field has no more than 200 characters.'],
])('a draft with %j is refused', async (changes, error) => {
  const body = { name: 'October', product: { id: box.sandbox.products.usage }, contract: { id: EUROPE } };
  const answer = await box.vendor('POST', path, { ...body, ...changes });
  expect([answer.status, answer.body.errors]).toEqual([400, [error]]);
  expect(await box.control.usage.files()).toEqual([]);
});

test('a file is in the currency of its contract, and a preview one in any', async () => {
  const overseas = await usage.draft({ contract: { id: OVERSEAS } });
  expect((await usage.file(overseas)).body).toMatchObject({ currency: 'USD', marketplace: { id: 'MP-10002' } });
  const preview = await usage.draft({ contract: { id: 'CRD-00000-00000-00000' }, currency: 'CHF' });
  expect((await usage.file(preview)).body).toMatchObject({ currency: 'CHF', environment: 'preview' });
});

test('a product without pay-as-you-go has no files', async () => {
  const { usage: product } = box.sandbox.products;
  await box.control.usage.setPayAsYouGo(product, null);
  const body = { name: 'October', product: { id: product }, contract: { id: EUROPE } };
  expect((await box.vendor('POST', path, body)).body.errors[0]).toMatch(/does not support pay-as-you-go/);
});

test('a file is changed while it is with the vendor; its period only until rows are judged by it', async () => {
  const id = await usage.ready();
  const change = (body: object) => box.vendor('PUT', `${path}/${id}`, body);
  expect((await change({ note: 'Late.', external_id: 'E-2' })).body).toMatchObject({
    note: 'Late.',
    external_id: 'E-2',
  });
  expect((await change({ period: PERIOD })).status).toBe(400);
  await act('vendor', id, 'submit');
  expect((await change({ note: 'Too late.' })).status).toBe(400);
  await act('distributor', id, 'reject');
  expect((await change({ period: { from: '2026-09-01', to: '2026-09-30' } })).status).toBe(200);
  expect((await usage.file(id)).body).toMatchObject({ note: 'Late.', period: { to: '2026-09-30' } });
});

test('lists by what Connect declares', async () => {
  const first = await usage.draft({ name: 'October of E', external_id: 'E-1' });
  const second = await usage.draft({ name: 'October of O', external_id: 'O-1', contract: { id: OVERSEAS } });
  await act('vendor', first, 'delete');
  const { usage: product } = box.sandbox.products;
  const since = new Date(Date.now() - 60_000).toISOString();
  for (const [filter, ids] of [
    [`eq(id,${first})`, [first]],
    ['like(name,*of%20O)', [second]],
    ['in(status,(draft,ready))', [second]],
    ['eq(schema,qt)', [first, second]],
    [`and(eq(product.id,${product}),eq(contract.id,${EUROPE}))`, [first]],
    [`product_id=${product}&marketplace.id=MP-10002`, [second]],
    ['in(external_id,(E-1,O-1))', [first, second]],
    [`ge(created.at,${since})&ordering(-created.at)`, [second, first]],
    [`lt(created.at,${since})`, []],
    ['eq(environment,preview)', []],
  ] as const) {
    expect([filter, await box.ids(`${path}?${filter}`)]).toEqual([filter, ids]);
  }
  expect((await box.vendor('GET', `${path}?eq(status,unheard)`)).status).toBe(400);
  expect((await box.vendor('GET', `${path}?eq(created.at,${since})`)).status).toBe(400);
});
