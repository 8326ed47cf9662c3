import { expect, test } from '@jest/globals';
import { useSandbox } from './start';

const box = useSandbox();

test('answers a bare array with Content-Range, a Date and the bare content type', async () => {
  const orders = await box.control.placeOrders({ product: box.sandbox.products.plain, count: 3 });

  const { body, range, headers } = await box.vendor('GET', '/requests?limit=2&offset=1');

  expect(body.map(({ id }: { id: string }) => id)).toEqual(orders.slice(1).map(({ id }) => id));
  expect(range).toBe('items 1-2/3');
  expect(headers.get('content-type')).toBe('application/json');
  expect(Date.parse(headers.get('date') ?? '')).not.toBeNaN();
});

test.each([
  ['limit=0', 0, 'items 0-0/3'],
  ['offset=3', 0, 'items 3-3/3'],
  ['offset=50', 0, 'items 50-50/3'],
  ['limit=-1', 3, 'items 0-2/3'],
  ['limit=many&offset=some', 3, 'items 0-2/3'],
  ['limit=5000', 3, 'items 0-2/3'],
  ['eq(limit,1)', 1, 'items 0-0/3'],
])('pages by %s', async (query, length, range) => {
  await box.control.placeOrders({ product: box.sandbox.products.plain, count: 3 });
  const answer = await box.vendor('GET', `/requests?${query}`);
  expect([answer.body.length, answer.range]).toEqual([length, range]);
});

test('gives 100 unless asked, and 1000 at most', async () => {
  await box.control.placeOrders({ product: box.sandbox.products.plain, count: 1001 });
  expect((await box.vendor('GET', '/requests')).range).toBe('items 0-99/1001');
  expect((await box.vendor('GET', '/requests?limit=2000')).range).toBe('items 0-999/1001');
});

test.each(['limit=1&limit=2', 'gt(limit,1)', 'in(offset,(1,2))', 'eq(status', 'ge(created,soon)', 'ordering(note)'])(
  'refuses %s with 400 and the standard body',
  async (query) => {
    const { status, body } = await box.vendor('GET', `/requests?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error_code: 'VAL_001', errors: [expect.stringMatching(/^Bad /)] });
  },
);

test('filters by product, status, connection and time together', async () => {
  const { plain, faulty } = box.sandbox.products;
  const wanted = await box.control.placePurchase({ product: plain });
  await box.control.placePurchase({ product: faulty });
  await box.control.placePurchase({ product: plain, connection: 'test' });

  const filter = (since: string) =>
    `/requests?and(in(asset.product.id,(${plain})),in(asset.connection.type,(production)),in(status,(pending)),` +
    `ge(updated,${since}))&ordering(created)&limit=100&offset=0`;

  expect(await box.ids(filter('2020-01-01T00:00:00+00:00'))).toEqual([wanted.id]);
  expect(await box.ids(filter('2100-01-01T00:00:00+00:00'))).toEqual([]);
  expect(await box.ids('/requests?asset__connection__type=test&in(status,(pending))')).toHaveLength(1);
});

test('lists oldest first, or as ordered', async () => {
  const first = await box.control.placePurchase();
  const second = await box.control.placePurchase();
  await box.vendor('PUT', `/requests/${first.id}`, { note: 'touched' });

  expect(await box.ids('/requests?in(status,(pending))')).toEqual([first.id, second.id]);
  expect(await box.ids('/requests?ordering(-created)')).toEqual([second.id, first.id]);
});

test('finds the pending requests of one asset, and nothing for an asset that is not there', async () => {
  const { asset } = await box.control.seedSubscription();
  const change = await box.control.placeOrder({ type: 'change', asset });
  expect(await box.ids(`/requests?and(eq(asset.id,${asset}),in(status,(pending)))`)).toEqual([change.id]);
  expect(await box.ids('/requests?and(eq(asset.id,AS-0000-0000-0000),in(status,(pending)))')).toEqual([]);
});

test('leaves out what select excludes, and shows what it asks for', async () => {
  const { id, asset } = await box.control.placePurchase();
  const { body } = await box.vendor('GET', '/requests?select(-activation_key,-asset.params,-asset.items.mpn)');
  expect(body[0]).not.toHaveProperty('activation_key');
  expect(body[0].asset).not.toHaveProperty('params');
  expect(body[0].asset.items[0]).not.toHaveProperty('mpn');
  expect((await box.vendor('GET', `/requests/${id}`)).body.asset.items[0]).toHaveProperty('mpn', 'SEAT');

  expect(body[0].asset.product).not.toHaveProperty('capabilities');
  const shown = await box.vendor('GET', '/requests?select(asset.product.capabilities)');
  expect(shown.body[0].asset.product.capabilities.subscription.hold).toBe(true);
  const assets = await box.vendor('GET', `/assets?id=${asset.id}&select(pending_request)`);
  expect(assets.body[0].pending_request).toMatchObject({ id, type: 'purchase', status: 'pending' });
});

test('searches texts, ignoring case', async () => {
  const order = await box.control.placePurchase();
  await box.control.placePurchase();
  expect(await box.ids(`/requests?search=${order.id.toLowerCase()}`)).toEqual([order.id]);
});

test('ignores a name filter on templates, as declared, unless the switch is on', async () => {
  const path = `/products/${box.sandbox.products.plain}/templates?and(eq(name,Change%20Template),eq(scope,asset))`;
  expect((await box.vendor('GET', path)).body).toHaveLength(3);
  await box.control.set({ templatesHonourName: true });
  expect((await box.vendor('GET', path)).body).toHaveLength(1);
});

test('keeps the default template name in three scopes', async () => {
  const { body } = await box.vendor('GET', `/products/${box.sandbox.products.tiered}/templates`);
  const named = body.filter(({ name }: { name: string }) => name === 'Default Activation Template');
  expect(named.map(({ scope, type }: { scope: string; type: string | null }) => [scope, type])).toEqual([
    ['asset', 'fulfillment'],
    ['tier1', null],
    ['tier2', null],
  ]);
});

test.each(['parameters', 'items', 'configurations', 'templates'])('lists the %s of a product', async (part) => {
  const { status, body } = await box.vendor('GET', `/products/${box.sandbox.products.plain}/${part}`);
  expect([status, body.length > 0]).toEqual([200, true]);
});

test('takes a trailing slash like none', async () => {
  const { id } = await box.control.placePurchase();
  expect((await box.vendor('GET', `/requests/${id}/`)).body.id).toBe(id);
  expect((await box.vendor('GET', '/requests/?limit=1')).range).toBe('items 0-0/1');
});

test('answers 404 with the standard body for ids and paths that do not exist', async () => {
  for (const path of ['/requests/PR-1', '/assets/AS-1', '/tier/config-requests/TCR-1', '/products/PRD-1', '/nothing']) {
    const { status, body } = await box.vendor('GET', path);
    expect([path, status, Array.isArray(body.errors)]).toEqual([path, 404, true]);
  }
});
