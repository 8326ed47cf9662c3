import { expect, test } from '@jest/globals';
import { PRODUCTS } from '../../sandbox/connect/catalogue';
import { SandboxRefusal } from '../../sandbox/control-client';
import { useSandbox } from './start';

const box = useSandbox();

test('counts calls by method and path template, and effects by object', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.clearCounters();
  await box.approve(id);
  await box.approve(id);

  const { calls, effects } = await box.control.counters();
  expect(calls).toContainEqual({
    api: 'connect',
    method: 'POST',
    path: '/requests/{id}/approve',
    count: 2,
    statuses: { 200: 1, 400: 1 },
  });
  expect(effects[id]).toEqual({ save: 1, approve: 1 });
  await box.control.clearCounters();
  expect((await box.control.counters()).calls).toEqual([]);
  expect(await box.control.effects(id, 'approve')).toBe(1);
});

test('tells when a request settles, without being asked again', async () => {
  const { id } = await box.control.placePurchase();
  const settled = box.control.untilSettled(id);
  const seen = box.control.untilSettled(id, { statuses: ['pending'] });
  expect(await seen).toBe('pending');
  await box.approve(id);
  expect(await settled).toBe('approved');
  expect((await box.control.timeline(id)).map(({ to }) => to)).toEqual(['pending', 'approved']);
});

test('says what happened where a request does not settle in time', async () => {
  const { id } = await box.control.placePurchase();
  await expect(box.control.untilSettled(id, { timeoutMs: 20 })).rejects.toThrow(`${id} is pending after 20 ms`);
  await expect(box.control.untilSettled('PR-0')).rejects.toThrow(SandboxRefusal);
});

test('places thousands of orders in one call, oldest first', async () => {
  const { faulty } = box.sandbox.products;
  const orders = await box.control.placeOrders({ product: faulty, count: 5000, admin_email: 'a{n}@b.example' });
  expect(new Set(orders.map(({ id }) => id)).size).toBe(5000);
  expect((await box.control.counts()).requests).toEqual({ pending: 5000 });
  expect(await box.ids('/requests?in(status,(pending))&limit=2&offset=4998')).toEqual(
    orders.slice(4998).map(({ id }) => id),
  );
});

test('seeds active and suspended subscriptions with their tenants and tier configurations', async () => {
  const { tiered } = box.sandbox.products;
  const seeded = await box.control.seedSubscriptions({ product: tiered, count: 2, status: 'suspended', quantity: 4 });
  for (const { asset, tenantId } of seeded) {
    expect((await box.vendor('GET', `/assets/${asset}`)).body.status).toBe('suspended');
    expect(await box.control.tenantsOf(asset)).toMatchObject([
      { tenantId, status: 'disabled', licences: { limit: 4 } },
    ]);
  }
  expect((await box.control.counts()).tierConfigRequests).toEqual({ approved: 2 });
});

test('forgets everything at a reset, and never gives an id twice', async () => {
  const before = await box.control.seedSubscription();
  await box.control.fault({ api: 'vendor', method: '*', path: '**', status: 500 });
  await box.control.reset();
  expect(await box.control.counts()).toEqual({
    requests: {},
    tierConfigRequests: {},
    usageFiles: {},
    assets: {},
    tenants: 0,
    doubledTenants: [],
    faults: 0,
  });
  expect((await box.vendor('GET', `/requests/${before.request}`)).status).toBe(404);
  expect((await box.control.seedSubscription()).asset).not.toBe(before.asset);
});

test('keeps old errors beside an answer where asked', async () => {
  const { id } = await box.control.placePurchase();
  const asset = { params: [{ id: 'admin_email', value_error: 'wrong' }] };
  await box.vendor('PUT', `/requests/${id}`, { asset });
  await box.vendor('POST', `/requests/${id}/inquire`, {});
  await box.control.answer(id, { admin_email: 'new@b.example' }, { keepErrors: true });
  const { body } = await box.vendor('GET', `/requests/${id}`);
  expect(body).toMatchObject({
    status: 'pending',
    asset: { params: [{ value: 'new@b.example', value_error: 'wrong' }, {}, {}] },
  });
});

test('an address is taken wherever the order names it, in a change too', async () => {
  const addressIn = async ({ id }: { id: string }) => {
    const { params } = (await box.vendor('GET', `/requests/${id}`)).body.asset;
    return params.find((param: { id: string }) => param.id === 'admin_email').value;
  };
  const inParams = { params: { admin_email: 'soon@{n}.example' } };
  expect(await addressIn(await box.control.placePurchase(inParams))).toBe('soon@1.example');
  const { asset } = await box.control.seedSubscription();
  const change = { type: 'change', asset, admin_email: 'new@b.example' };
  expect(await addressIn(await box.control.placeOrder(change))).toBe('new@b.example');
});

test('forces a request into what Connect does not have yet, or out of existence', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.force(id, { type: 'upgrade', status: 'pondering' });
  expect((await box.vendor('GET', `/requests/${id}`)).body).toMatchObject({ type: 'upgrade', status: 'pondering' });
  await box.control.remove(id);
  expect((await box.vendor('GET', `/requests/${id}`)).status).toBe(404);
});

test('makes a template vanish until the reset', async () => {
  const { plain } = box.sandbox.products;
  const id = await box.activationTemplate(plain);
  await box.control.removeTemplate(plain, id);
  expect(await box.activationTemplate(plain)).not.toBe(id);
  await box.control.reset();
  expect(await box.activationTemplate(plain)).toBe(id);
});

test('an order that names a zone has a service level, in lists too, and so have the requests that it waits for', async () => {
  const { tiered } = box.sandbox.products;
  const late = await box.control.placePurchase({ product: tiered, reseller: 'late', sliZone: 2 });
  const other = await box.control.placePurchase({ product: tiered, reseller: 'other' });
  const sli = { zone: 2, days: 0 };
  expect((await box.vendor('GET', `/requests/${late.id}`)).body.sli).toEqual(sli);
  expect((await box.vendor('GET', `/requests/${other.id}`)).body.sli).toBeNull();
  const { body: tiers } = await box.vendor('GET', '/tier/config-requests');
  expect(tiers.map((one: { sli: object | null }) => one.sli)).toEqual([sli, sli, null, null]);
  expect((await box.vendor('GET', `/tier/config-requests/${tiers[0].id}`)).body.sli).toEqual(sli);

  expect(await box.ids('/requests?ge(sli.zone,1)')).toEqual([late.id]);
  expect(await box.ids('/requests?eq(sli.zone,null())')).toEqual([other.id]);
  expect(await box.ids('/requests?lt(sli.days,1)&ordering(-sli.zone)')).toEqual([late.id]);
  expect(await box.ids('/requests?ordering(-sli.zone)')).toEqual([late.id, other.id]);
  expect(await box.ids('/tier/config-requests?in(sli.zone,(2,3))')).toHaveLength(2);
});

const product = PRODUCTS.plain;

test.each([
  ['POST /orders', { product, sliZone: -1 }, 'sliZone: A whole number, 0 or more.'],
  ['POST /orders', { product, sliZone: 1.5 }, 'sliZone: A whole number, 0 or more.'],
  ['POST /orders', { product, sliZone: '2' }, 'sliZone: A whole number, 0 or more.'],
  ['POST /orders', { product, count: 'x' }, 'count: A whole number, 1 to 10000.'],
  ['POST /orders', { product, count: 2.5 }, 'count: A whole number, 1 to 10000.'],
  ['POST /orders', { product, count: 0 }, 'count: A whole number, 1 to 10000.'],
  ['POST /orders', { product, count: 10_001 }, 'count: A whole number, 1 to 10000.'],
  ['POST /orders', { product, quantity: true }, 'quantity: A number, or a text of one.'],
  ['POST /orders', { product, quantity: 'many' }, 'asset.items.quantity: A valid number is required.'],
  ['POST /orders', { product, params: { admin_password: 1 } }, 'params: An object of texts.'],
  ['POST /orders', { product, draft: 'yes' }, 'draft: true or false.'],
  ['POST /orders', { product, seats: 5 }, /^seats: No such field. There are product, count, admin_email, /],
  ['POST /orders', { product, constructor: 5 }, /^constructor: No such field/],
  ['POST /orders', [{ product }], 'body: An object.'],
  ['POST /subscriptions', { product, count: 'x' }, 'count: A whole number, 1 to 10000.'],
  ['POST /subscriptions', { product, count: 10_001 }, 'count: A whole number, 1 to 10000.'],
  ['POST /subscriptions', { product, status: 'ended' }, 'status: One of "active", "suspended".'],
  ['POST /subscriptions', { product, asset: 'AS-1' }, /^asset: No such field/],
  ['POST /answers', { params: {} }, 'request: This field is required. A text.'],
  ['POST /answers', { request: 'PR-1', params: { admin_email: null } }, 'params: An object of texts.'],
  [
    'POST /answers',
    { request: 'PR-1', keepErrors: true },
    'keepErrors: No such field. There are request, params, keep_errors.',
  ],
  ['PUT /latency', { ms: '50' }, 'ms: A number of milliseconds, 0 to 3600000.'],
  ['PUT /latency', { ms: 3_600_001 }, 'ms: A number of milliseconds, 0 to 3600000.'],
  ['PUT /latency', null, 'ms: This field is required. A number of milliseconds, 0 to 3600000.'],
  ['PUT /settings', { vendorReadyAfterMS: 1 }, /^vendorReadyAfterMS: No such field. There are vendorReadyAfterMs, /],
  ['PUT /settings', { vendorReadyAfterMs: 'soon' }, 'vendorReadyAfterMs: A number of milliseconds, 0 to 3600000.'],
  ['PUT /settings', { vendorUsageRecordsPerItem: 0.5 }, 'vendorUsageRecordsPerItem: A whole number, 0 or more.'],
  ['PUT /settings', { templatesHonourName: 1 }, 'templatesHonourName: true or false.'],
  ['PUT /settings', { usageProcessingMs: -1 }, 'usageProcessingMs: A number of milliseconds, 0 to 3600000.'],
  ['PUT /settings', { usageReadyAs: 'done' }, 'usageReadyAs: One of "ready", "uploaded".'],
  ['PUT /settings', { usageUploadAnswer: 202 }, 'usageUploadAnswer: One of 200, 201.'],
  [`PUT /products/${product}/ppu`, { schema: 'XX' }, 'schema: One of "QT", "TR", "CR", "PR".'],
  [`PUT /products/${product}/ppu`, { dynamic: 1 }, 'dynamic: true or false.'],
  ['POST /usage/UF-1/accept', { note: 5 }, 'note: A text.'],
  ['PUT /tenant-usage', { records: [] }, 'external_id: This field is required. A text.'],
  ['PUT /tenant-usage', { external_id: 'AS-1' }, 'records: This field is required. A list of records, or null.'],
  ['PUT /tenant-usage', { external_id: 'AS-1', records: 'many' }, 'records: A list of records, or null.'],
] as const)('%s refuses %j and does nothing', async (call, body, message) => {
  const [method, path] = call.split(' ');
  const answer = await fetch(`${box.sandbox.controlUrl}${path}`, { method, body: JSON.stringify(body) });
  const text = typeof message === 'string' ? message : expect.stringMatching(message);
  expect([answer.status, await answer.json()]).toEqual([400, { error_code: 'VAL_001', errors: [text] }]);
  expect((await box.control.counts()).requests).toEqual({});
});

test('a request is not forced into what is no status', async () => {
  const { id } = await box.control.placePurchase();
  await expect(box.control.force(id, { status: 7 as never })).rejects.toThrow('status: A text.');
  await expect(box.control.force(id, { state: 'failed' } as never)).rejects.toThrow('state: No such field.');
  expect((await box.control.timeline(id)).map(({ to }) => to)).toEqual(['pending']);
});

test('shows the whole state in short', async () => {
  const order = await box.control.placePurchase();
  const { requests, counts, tenants } = await box.control.state();
  expect([requests, counts.requests, tenants]).toEqual([[order], { pending: 1 }, []]);
});
