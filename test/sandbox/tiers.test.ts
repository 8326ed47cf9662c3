import { expect, test } from '@jest/globals';
import { DISTRIBUTOR, DISTRIBUTOR_KEY, VENDOR, VENDOR_KEY } from '../../sandbox/connect/accounts';
import { placeOrder } from '../../sandbox/connect/order-intake';
import { connectRoutes } from '../../sandbox/connect/routes';
import { Store } from '../../sandbox/connect/store';
import * as lifecycle from '../../sandbox/connect/tier-config-lifecycle';
import { createServer } from '../../sandbox/http-server';
import { useSandbox } from './start';

const box = useSandbox();

const path = '/tier/config-requests';
const reseller = [{ id: 'reseller_id', value: 'R-1' }];

/** A purchase of the tiered product, and the two requests that it waits for. */
async function order(resellerName = 'north') {
  const purchase = await box.control.placePurchase({ product: box.sandbox.products.tiered, reseller: resellerName });
  const { body } = await box.vendor('GET', `${path}?like(configuration.account.external_id,${resellerName}*)`);
  const level = (wanted: number) =>
    body.findLast(
      ({ configuration }: { configuration: { tier_level: number } }) => configuration.tier_level === wanted,
    );
  return { purchase, tier1: level(1), tier2: level(2) };
}

async function approve(id: string, scope: string) {
  await box.vendor('PUT', `${path}/${id}`, { params: reseller });
  const template = { id: await box.activationTemplate(box.sandbox.products.tiered, scope) };
  return box.vendor('POST', `${path}/${id}/approve`, { template });
}

const statusOf = async (id: string) =>
  (await box.vendor('GET', id.startsWith('TCR') ? `${path}/${id}` : `/requests/${id}`)).body.status;

test('a purchase waits for tier 1, which waits for tier 2; each step bumps updated', async () => {
  const { purchase, tier1, tier2 } = await order();
  expect([purchase.status, tier1.status, tier2.status]).toEqual(['tiers_setup', 'tiers_setup', 'pending']);
  expect(await box.ids(`/requests?in(status,(pending))`)).toEqual([]);
  expect(tier1.parent_configuration.id).toBe(tier2.configuration.id);

  expect((await approve(tier2.id, 'tier2')).body.template.representation).toContain('R-1');
  expect([await statusOf(tier1.id), await statusOf(purchase.id)]).toEqual(['pending', 'tiers_setup']);

  const released = new Date().toISOString();
  await approve(tier1.id, 'tier1');
  expect(await statusOf(purchase.id)).toBe('pending');
  expect(await box.ids(`/requests?and(in(status,(pending)),ge(updated,${released}))`)).toEqual([purchase.id]);
  const configs = await box.vendor('GET', '/tier/configs?and(eq(status,active),eq(params.value,R-1))');
  expect(configs.body).toHaveLength(2);
});

test('an order of the same reseller later does not wait again', async () => {
  const { tier1, tier2 } = await order();
  const beside = await order();
  expect(beside.tier1.id).toBe(tier1.id);
  await approve(tier2.id, 'tier2');
  await approve(tier1.id, 'tier1');
  expect(await statusOf(beside.purchase.id)).toBe('pending');
  expect((await order()).purchase.status).toBe('pending');
  expect((await order('south')).purchase.status).toBe('tiers_setup');
});

test('failing tier 2 ends tier 1 and the purchase with its asset', async () => {
  const { purchase, tier1, tier2 } = await order();
  expect((await box.vendor('POST', `${path}/${tier2.id}/fail`, { reason: '' })).body.errors).toEqual([
    'reason: This field may not be blank.',
  ]);
  expect((await box.vendor('POST', `${path}/${tier2.id}/fail`, { reason: 'unknown reseller' })).status).toBe(204);
  expect([await statusOf(tier1.id), await statusOf(purchase.id)]).toEqual(['failed', 'failed']);
  const { body } = await box.vendor('GET', `/requests/${purchase.id}`);
  expect([body.asset.status, body.reason]).toEqual(['terminated', expect.stringContaining('unknown reseller')]);
  expect((await order()).tier2.id).not.toBe(tier2.id);
});

test('the customer is asked for what is missing once the tiers are set up', async () => {
  const { tiered } = box.sandbox.products;
  const purchase = await box.control.placePurchase({ product: tiered, reseller: 'north', admin_email: '' });
  const { tier1, tier2 } = await order();
  await approve(tier2.id, 'tier2');
  await approve(tier1.id, 'tier1');
  expect(await statusOf(purchase.id)).toBe('inquiring');
});

test.each(['vendor', 'distributor'] as const)(
  'is failed by the %s: while pending, inquiring, or waiting',
  async (who) => {
    const fail = (id: string) => box[who]('POST', `${path}/${id}/fail`, { reason: 'no' });
    const pending = await order('east');
    expect((await fail(pending.tier2.id)).status).toBe(204);
    const inquiring = await order('south');
    await box.vendor('POST', `${path}/${inquiring.tier2.id}/inquire`);
    expect((await fail(inquiring.tier2.id)).status).toBe(204);
    const waiting = await order('west');
    expect((await fail(waiting.tier1.id)).status).toBe(204);
    const ended = [pending.tier2, inquiring.tier2, waiting.tier1];
    expect(await Promise.all(ended.map(({ id }) => statusOf(id)))).toEqual(['failed', 'failed', 'failed']);
  },
);

/** A store of which one product asks its resellers of either tier for something: no product of the sandbox does. */
function storeThatAsks() {
  const store = new Store();
  const product = store.product(box.sandbox.products.tiered);
  const asked = product.parameters.find(({ scope }) => scope === 'tier1')!;
  for (const scope of ['tier1', 'tier2'] as const) {
    product.parameters.push({ ...asked, id: `PRM-${scope}`, name: `code_${scope}`, phase: 'ordering', scope });
  }
  const tier = (name: string) => ({ external_uid: name, name });
  const tiers = { tier1: tier('north'), tier2: tier('north-parent') };
  const items = [{ mpn: 'SEAT', quantity: 1 }];
  const purchase = { type: 'purchase', asset: { product: { id: product.id }, items, tiers } };
  const of = (level: number) => [...store.tierConfigRequests.all()].find((one) => one.configuration.level === level)!;
  return { store, purchase, of, statuses: () => [of(2).status, of(1).status] };
}

test('the reseller is asked at once for what is missing, or when tier 2 is set up', () => {
  const { store, purchase, of, statuses } = storeThatAsks();
  placeOrder(store, purchase, DISTRIBUTOR);
  expect(statuses()).toEqual(['inquiring', 'tiers_setup']);

  const values = of(2).params.map(({ id }) => ({ id, value: 'R-1' }));
  lifecycle.pend(store, of(2), values, 'customer');
  lifecycle.approve(store, of(2), { template: { representation: 'Done.' } }, VENDOR);
  expect(statuses()).toEqual(['approved', 'inquiring']);
  expect(store.journal.timeline(of(1).id).map(({ by }) => by)).toEqual(['system', 'system']);
});

test('a draft that lacks something is asked about when it is placed, by its purchase or by the distributor', () => {
  const { store, purchase, of, statuses } = storeThatAsks();
  placeOrder(store, { ...purchase, status: 'draft' }, DISTRIBUTOR);
  expect(statuses()).toEqual(['draft', 'draft']);
  lifecycle.submit(store, of(2), DISTRIBUTOR);
  placeOrder(store, purchase, DISTRIBUTOR);
  expect(statuses()).toEqual(['inquiring', 'tiers_setup']);
  expect(store.journal.timeline(of(2).id).map(({ to }) => to)).toEqual(['draft', 'inquiring']);

  const other = storeThatAsks();
  placeOrder(other.store, { ...other.purchase, status: 'draft' }, DISTRIBUTOR);
  placeOrder(other.store, other.purchase, DISTRIBUTOR);
  expect(other.statuses()).toEqual(['inquiring', 'tiers_setup']);
});

test('is approved from pending alone, with a template of its tier and its parameters filled', async () => {
  const { tier1, tier2 } = await order();
  const template = { id: await box.activationTemplate(box.sandbox.products.tiered, 'tier2') };
  const act = (id: string, body: object) => box.vendor('POST', `${path}/${id}/approve`, body);

  expect((await act(tier2.id, { template })).body.errors).toEqual(['params.reseller_id: This field may not be blank.']);
  await box.vendor('PUT', `${path}/${tier2.id}`, { params: reseller, notes: 'ok' });
  const tier1Template = { id: await box.activationTemplate(box.sandbox.products.tiered, 'tier1') };
  expect((await act(tier2.id, { template: tier1Template })).body).toEqual({
    error_code: 'TC_012',
    errors: ['There is no tier configuration request template with such id.'],
  });
  expect((await act(tier2.id, {})).status).toBe(400);
  expect((await act(tier1.id, { template: tier1Template })).body.error_code).toBe('TC_006');
  expect((await box.vendor('PUT', `${path}/${tier1.id}`, { params: reseller })).status).toBe(400);

  expect((await act(tier2.id, { template })).status).toBe(200);
  expect((await act(tier2.id, { template })).body).toEqual({
    error_code: 'TC_006',
    errors: ['Tier configuration request status transition is not allowed.'],
  });
  expect(await box.control.effects(tier2.id, 'approve')).toBe(1);
});

test('is inquired, answered, and not approved in between', async () => {
  const { tier2 } = await order();
  await box.vendor('PUT', `${path}/${tier2.id}`, { params: [{ id: 'reseller_id', value_error: 'Which?' }] });
  expect((await box.vendor('POST', `${path}/${tier2.id}/inquire`)).status).toBe(204);
  expect((await approve(tier2.id, 'tier2')).status).toBe(400);
  await box.control.answer(tier2.id, {});
  const { body } = await box.vendor('GET', `${path}/${tier2.id}`);
  expect([body.status, body.params[0].value_error]).toEqual(['pending', '']);
  expect((await approve(tier2.id, 'tier2')).status).toBe(200);
});

test.each(['vendor', 'distributor'] as const)('goes on when the %s answers in place of the reseller', async (who) => {
  const { tier2 } = await order();
  await box.vendor('PUT', `${path}/${tier2.id}`, { params: [{ id: 'reseller_id', value_error: 'Which?' }] });
  await box.vendor('POST', `${path}/${tier2.id}/inquire`);
  expect((await box[who]('POST', `${path}/${tier2.id}/pend`, { params: reseller })).status).toBe(204);
  const { body } = await box.vendor('GET', `${path}/${tier2.id}`);
  expect(body).toMatchObject({ status: 'pending', params: [{ value: 'R-1', value_error: '' }, {}] });
  expect((await box[who]('POST', `${path}/${tier2.id}/pend`)).status).toBe(400);
});

test('an update replaces the parameters when approved, and changes nothing when failed, by the vendor or the distributor', async () => {
  const { tier1, tier2 } = await order();
  await approve(tier2.id, 'tier2');
  await approve(tier1.id, 'tier1');
  const configuration = { id: tier1.configuration.id };
  const config = async () => (await box.vendor('GET', `/tier/configs/${configuration.id}`)).body;
  const update = (value: string) =>
    box.distributor('POST', path, { type: 'update', configuration, params: [{ id: 'reseller_id', value }] });

  const failed = await update('R-2');
  expect(failed).toMatchObject({ status: 201, body: { type: 'update', status: 'pending' } });
  expect(await config()).toMatchObject({ status: 'processing', open_request: { id: failed.body.id } });
  expect((await order()).purchase.status).toBe('pending'); // an update holds up nobody
  expect((await update('R-3')).status).toBe(409);
  const unchanged = { status: 'active', open_request: null, params: [{ value: 'R-1' }, { value: '' }] };
  await box.vendor('POST', `${path}/${failed.body.id}/fail`, { reason: 'no' });
  expect(await config()).toMatchObject(unchanged);
  const other = await update('R-3');
  expect(await config()).toMatchObject({ status: 'processing' });
  await box.distributor('POST', `${path}/${other.body.id}/fail`, { reason: 'no' });
  expect(await config()).toMatchObject(unchanged);

  const { body } = await update('R-4');
  const template = { id: await box.activationTemplate(box.sandbox.products.tiered, 'tier1') };
  await box.vendor('POST', `${path}/${body.id}/approve`, { template });
  expect((await config()).params[0].value).toBe('R-4');
  expect(body.previous_approved_request.id).toBe(tier1.id);
  expect((await box.vendor('POST', path, { type: 'update', configuration })).status).toBe(403);
  expect((await box.vendor('POST', path, { type: 'adjustment', configuration })).status).toBe(201);
});

test.each([
  [{ params: [{ id: 'nope', value: 'x' }] }, 'params: Parameter nope does not exist.'],
  [{ status: 'draft' }, 'status: An adjustment is never a draft.'],
])('an adjustment with %j is refused, and leaves no request behind', async (wrong, text) => {
  await box.control.seedSubscription({ product: box.sandbox.products.tiered });
  const { body: configs } = await box.vendor('GET', '/tier/configs?eq(tier_level,1)');
  const adjustment = { type: 'adjustment', configuration: { id: configs[0].id } };
  expect(await box.vendor('POST', path, { ...adjustment, ...wrong })).toMatchObject({
    status: 400,
    body: { errors: [text] },
  });
  expect((await box.control.counts()).tierConfigRequests).toEqual({ approved: 2 });
  expect((await box.vendor('POST', path, adjustment)).body).toMatchObject({ status: 'pending' });
});

test.each([
  ['adjustment', 'vendor', VENDOR_KEY],
  ['update', 'distributor', DISTRIBUTOR_KEY],
])(
  'an %s by the %s that empties what the reseller has to fill in asks the reseller at once',
  async (type, _who, key) => {
    const { store, purchase, of } = storeThatAsks();
    placeOrder(store, purchase, DISTRIBUTOR);
    const values = of(2).params.map(({ id }) => ({ id, value: 'R-1' }));
    lifecycle.pend(store, of(2), values, 'customer');
    lifecycle.approve(store, of(2), { template: { representation: 'Done.' } }, VENDOR);

    const app = createServer();
    connectRoutes(app, store);
    const answer = await app.inject({
      method: 'POST',
      url: path,
      headers: { authorization: key },
      payload: {
        type,
        configuration: { id: of(2).configuration.id },
        params: [{ id: 'code_tier2', value: '' }],
      },
    });
    expect([answer.statusCode, answer.json().status]).toEqual([201, 'inquiring']);
  },
);

test('filters as the processor does', async () => {
  const { tier2 } = await order();
  const { tiered, plain } = box.sandbox.products;
  const list = (product: string) =>
    box.ids(
      `${path}?and(in(configuration.product.id,(${product})),in(configuration.connection.type,(production)),` +
        `in(status,(pending)),ge(updated,2020-01-01T00:00:00+00:00))&ordering(created)&limit=1000&offset=0`,
    );
  expect(await list(tiered)).toEqual([tier2.id]);
  expect(await list(plain)).toEqual([]);
  expect((await box.vendor('GET', `${path}?like(status,pen*)`)).status).toBe(400);
});

test('knows the tier accounts of its orders', async () => {
  await order('east');
  const { body } = await box.vendor('GET', '/tier/accounts?and(eq(type,reseller),ilike(external_id,EAST*))');
  expect(body.map(({ external_id }: { external_id: string }) => external_id).sort()).toEqual(['east', 'east-parent']);
  expect((await box.vendor('GET', `/tier/accounts/${body[0].id}`)).status).toBe(200);
});
