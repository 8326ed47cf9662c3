import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '../support/wait-for';
import { useSandbox } from './start';

const box = useSandbox();
const SECRET = 'a-secret-of-the-webhooks';

/** Whom Connect calls: keeps what it heard, and answers as told. */
let server: Server;
let heard: { path: string; headers: IncomingMessage['headers']; body: any }[] = []; // eslint-disable-line @typescript-eslint/no-explicit-any
let answer: (body: any) => { status?: number; body?: unknown }; // eslint-disable-line @typescript-eslint/no-explicit-any
beforeEach(async () => {
  heard = [];
  answer = () => ({});
  server = createServer((request, response) => {
    void json(request).then((body) => {
      heard.push({ path: request.url ?? '', headers: request.headers, body });
      const { status = 200, body: said } = answer(body);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(said === undefined ? '' : JSON.stringify(said));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => void server.close());

const path = '/notifications/webhooks';
const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const webhook = (more: object = {}) => ({
  type: 'event',
  object_class: 'fulfillment_request',
  label: 'mine',
  description: '',
  active: true,
  product_id: box.sandbox.products.plain,
  external_url: `${base()}/hook`,
  jwt_secret: SECRET,
  http_method: 'POST',
  data: { a: 1 },
  headers: { 'x-own': 'yes' },
  ...more,
});
const create = async (more?: object) => (await box.vendor('POST', path, webhook(more))).body.id as string;
const delivered = (count: number) =>
  waitFor(
    `${count} calls`,
    async () => heard.length,
    (length) => length === count,
  );

test('is created, listed, changed and deleted', async () => {
  const created = await box.vendor('POST', path, webhook());
  expect([created.status, created.body.id]).toEqual([201, expect.stringMatching(/^WH-\d{3}-\d{3}-\d{3}$/)]);
  const { id } = created.body;
  await create({ product_id: box.sandbox.products.tiered, label: 'other' });

  const { plain } = box.sandbox.products;
  expect(await box.ids(`${path}?in(product.id,(${plain}))`)).toEqual([id]);
  expect(await box.ids(`${path}?eq(label,other)`)).toHaveLength(1);
  const changed = await box.vendor('PUT', `${path}/${id}`, { active: false, external_url: `${base()}/else` });
  expect(changed.body).toMatchObject({
    active: false,
    external_url: `${base()}/else`,
    label: 'mine',
    product: { id: plain },
  });
  expect((await box.vendor('DELETE', `${path}/${id}`)).status).toBe(204);
  expect((await box.vendor('GET', `${path}/${id}`)).status).toBe(404);
});

test.each([
  ['label', undefined],
  ['label', 'x'.repeat(101)],
  ['jwt_secret', undefined],
  ['external_url', 'ftp://vendor.example'],
  ['product_id', 'PRD-0'],
  ['object_class', 'order'],
  ['type', 'listener'],
  ['active', undefined],
  ['http_method', 'GET'],
])('%s may not be %p', async (name, value) => {
  const { status, body } = await box.vendor('POST', path, webhook({ [name]: value }));
  expect([status, body.errors[0]]).toEqual([400, expect.stringContaining(name)]);
});

test('is the vendor alone who makes one', async () => {
  expect((await box.distributor('POST', path, webhook())).status).toBe(403);
});

test('an event is sent when a request becomes pending, signed, in both headers, and counted', async () => {
  const id = await create();
  await create({ label: 'silent', active: false });
  await create({ label: 'of another class', object_class: 'tier_config_request' });
  await box.control.placePurchase();
  await delivered(1);

  const { headers, body } = heard[0]!;
  expect(body).toMatchObject({ webhook_id: id, object_class: 'fulfillment_request', data: { a: 1 } });
  expect(JSON.stringify(body)).not.toContain('PR-');
  expect(headers).toMatchObject({ authorization: headers['authentication'], 'x-own': 'yes' });
  const [header, claims, signature] = headers.authorization!.replace('Bearer ', '').split('.');
  expect(createHmac('sha256', SECRET).update(`${header}.${claims}`).digest('base64url')).toBe(signature);
  const signed = JSON.parse(Buffer.from(claims!, 'base64url').toString());
  expect(signed).toEqual({ webhook_id: id, iat: expect.any(Number), exp: signed.iat + 300 });
  const counted = await waitFor(
    'the count',
    async () => (await box.vendor('GET', `${path}/${id}`)).body,
    ({ stats }) => stats.success_triggers === 1,
  );
  expect(counted.stats).toMatchObject({ events: 1, triggers: 1, failure_triggers: 0 });
  expect(counted.last_success).toMatchObject({ status_code: 200 });
});

test('an event of a tier config request goes to its own webhooks', async () => {
  await create({ product_id: box.sandbox.products.tiered, object_class: 'tier_config_request' });
  await box.control.placePurchase({ product: box.sandbox.products.tiered, reseller: 'new' });
  await delivered(1);
  expect(heard[0]!.body.object_class).toBe('tier_config_request');
});

test('what fails is counted and not tried again; a trigger by hand is one more call', async () => {
  const id = await create();
  answer = () => ({ status: 503, body: { error: 'busy' } });
  await box.control.placePurchase();
  await delivered(1);
  const { body } = await box.vendor('POST', `${path}/${id}/trigger`);
  expect(body.stats).toMatchObject({ events: 1, triggers: 2, failure_triggers: 2, failure_since_last_success: 2 });
  expect(body.last_failure).toMatchObject({ status_code: 503, response: '{"error":"busy"}' });
  answer = () => ({});
  expect((await box.vendor('POST', `${path}/${id}/trigger`)).body.stats.failure_since_last_success).toBe(0);
  expect(heard).toHaveLength(3);
});

test('a draft is validated when it is made and when asked; errors and values are taken over', async () => {
  await create({ type: 'validator', external_url: `${base()}/validate` });
  answer = (draft) => {
    const [email] = draft.asset.params.filter(({ id }: { id: string }) => id === 'admin_email');
    email.value_error = email.value.includes('@') ? '' : 'No e-mail address.';
    return { body: draft };
  };
  const { id } = await box.control.placePurchase({ draft: true, admin_email: 'ada' });
  const errorOf = (body: { asset: { params: { id: string; value_error: string }[] } }) =>
    body.asset.params.find((param) => param.id === 'admin_email')?.value_error;
  expect(heard[0]!.body).toMatchObject({ id, status: 'draft', asset: { status: 'draft' } });
  expect(errorOf((await box.vendor('GET', `/requests/${id}`)).body)).toBe('No e-mail address.');

  const params = [{ id: 'admin_email', value: 'ada@customer.example' }];
  const validated = await box.distributor('POST', `/requests/${id}/validate`, { asset: { params } });
  expect([validated.status, errorOf(validated.body), heard.length]).toEqual([200, '', 2]);
});

test('a validator that fails, or answers nonsense, does not keep an order back', async () => {
  await create({ type: 'validator' });
  for (const said of [{ status: 500 }, { body: [] }, { body: { asset: { params: [{ id: 'nobody' }] } } }]) {
    answer = () => said;
    const { id } = await box.control.placePurchase({ draft: true });
    expect((await box.distributor('POST', `/requests/${id}/purchase`, {})).body.status).toBe('pending');
  }
  expect(heard).toHaveLength(3);
});

/** The vendor's word on the drafts of resellers: what is no tax number has an error, what is one loses its spaces. */
const checkTaxNumber = (draft: { params: { id: string; value: string; value_error: string }[] }) => {
  const tax = draft.params.find(({ id }) => id === 'tax_number')!;
  tax.value_error = /^DE[\d ]+$/.test(tax.value) ? '' : 'No tax number.';
  tax.value = tax.value.replaceAll(' ', '');
  return { body: draft };
};
const TIERS = '/tier/config-requests';
const taxOf = (request: { params: { id: string; value: string; value_error: string }[] }) => {
  const { value, value_error: error } = request.params.find(({ id }) => id === 'tax_number')!;
  return { value, error };
};
const tierWebhook = (type: string) => {
  const of = { product_id: box.sandbox.products.tiered, object_class: 'tier_config_request' };
  return create({ ...of, type, external_url: `${base()}/${type}` });
};

describe('the draft of a purchase with resellers', () => {
  beforeEach(async () => {
    for (const type of ['draft_tcr_t1_val', 'draft_tcr_t2_val']) await tierWebhook(type);
    answer = checkTaxNumber;
  });

  const draft = () => box.control.placePurchase({ product: box.sandbox.products.tiered, reseller: 'new', draft: true });
  const setups = async () => {
    const { body } = await box.vendor('GET', TIERS);
    return { two: body[0], one: body[1], statuses: body.map(({ status }: { status: string }) => status) };
  };

  test('has a draft for each of them, tier 2 first, which is validated; errors are kept until it is corrected', async () => {
    await draft();
    expect(heard.map((call) => [call.path, call.body.status, call.body.configuration.tier_level])).toEqual([
      ['/draft_tcr_t2_val', 'draft', 2],
      ['/draft_tcr_t1_val', 'draft', 1],
    ]);
    const { one, two } = await setups();
    for (const [request, entered] of [
      [one, 'DE 1 2'],
      [two, 'DE 3'],
    ]) {
      expect(request).toMatchObject({ type: 'setup', status: 'draft' });
      expect(taxOf(request)).toEqual({ value: '', error: 'No tax number.' });
      const params = [{ id: 'tax_number', value: entered }];
      const { status, body } = await box.distributor('POST', `${TIERS}/${request.id}/validate`, { params });
      expect([status, taxOf(body)]).toEqual([200, { value: entered.replaceAll(' ', ''), error: '' }]);
    }
    expect((await box.control.counts()).tierConfigRequests).toEqual({ draft: 2 });
  });

  test('is placed together with them: tier 2 is pending, tier 1 waits for it', async () => {
    const { id } = await draft();
    expect((await box.distributor('POST', `/requests/${id}/purchase`, {})).body.status).toBe('tiers_setup');
    expect((await setups()).statuses).toEqual(['pending', 'tiers_setup']);
    expect(heard).toHaveLength(2);
    const { two } = await setups();
    expect((await box.control.timeline(two.id)).map(({ action, to, by }) => [action, to, by])).toEqual([
      ['create', 'draft', 'system'],
      ['submit', 'pending', 'system'],
    ]);
  });

  test('leaves them to whoever orders for these resellers first, and makes no others', async () => {
    await draft();
    await draft();
    expect((await setups()).statuses).toEqual(['draft', 'draft']);
    await box.control.placePurchase({ product: box.sandbox.products.tiered, reseller: 'new' });
    expect((await setups()).statuses).toEqual(['pending', 'tiers_setup']);
  });

  test('does not have to be placed for them to be: the distributor submits either, once', async () => {
    await draft();
    const { one, two } = await setups();
    const submit = (id: string) => box.distributor('POST', `${TIERS}/${id}/submit`);
    expect((await box.vendor('POST', `${TIERS}/${one.id}/submit`)).status).toBe(403);
    expect((await submit(one.id)).body.status).toBe('tiers_setup');
    expect((await submit(two.id)).body).toMatchObject({ id: two.id, status: 'pending' });
    expect(await submit(two.id)).toMatchObject({ status: 400, body: { error_code: 'TC_006' } });
  });

  test('is nothing to work on: a draft is neither saved, approved nor failed', async () => {
    await draft();
    const { two } = await setups();
    const template = { id: await box.activationTemplate(box.sandbox.products.tiered, 'tier2') };
    const tries = [
      await box.vendor('PUT', `${TIERS}/${two.id}`, { params: [{ id: 'reseller_id', value: 'R' }] }),
      await box.vendor('POST', `${TIERS}/${two.id}/approve`, { template }),
      await box.vendor('POST', `${TIERS}/${two.id}/fail`, { reason: 'no' }),
    ];
    expect(tries.map(({ status, body }) => [status, body.error_code])).toEqual(Array(3).fill([400, 'TC_006']));
  });
});

test.each([1, 2] as const)('an update of tier %d is validated while it is a draft, and submitted', async (level) => {
  await tierWebhook(`tcr_update_t${level}_validator`);
  answer = checkTaxNumber;
  await box.control.seedSubscription({ product: box.sandbox.products.tiered, reseller: 'known' });
  const { body: configs } = await box.vendor('GET', `/tier/configs?eq(tier_level,${level})`);
  const { body: placed } = await box.distributor('POST', TIERS, {
    type: 'update',
    status: 'draft',
    configuration: { id: configs[0].id },
    params: [{ id: 'tax_number', value: 'none' }],
  });
  expect([placed.status, taxOf(placed)]).toEqual(['draft', { value: 'none', error: 'No tax number.' }]);
  expect(heard.map((call) => call.path)).toEqual([`/tcr_update_t${level}_validator`]);
  const params = [{ id: 'tax_number', value: 'DE1' }];
  const { body: corrected } = await box.distributor('POST', `${TIERS}/${placed.id}/validate`, { params });
  expect([corrected.status, taxOf(corrected)]).toEqual(['draft', { value: 'DE1', error: '' }]);
  expect((await box.distributor('POST', `${TIERS}/${placed.id}/submit`)).body.status).toBe('pending');
});

test('an inquiry, a change and a tier config request have validators of their own', async () => {
  const { plain, tiered } = box.sandbox.products;
  await create({ type: 'inquiring_validator', external_url: `${base()}/inquiring_validator` });
  await create({ type: 'change_validator', external_url: `${base()}/change_validator` });
  const tier = { product_id: tiered, object_class: 'tier_config_request' };
  await create({ ...tier, type: 'draft_tcr_t2_val', external_url: `${base()}/draft_tcr_t2_val` });

  const inquiring = await box.control.placePurchase({ product: plain, admin_email: '' });
  await box.distributor('POST', `/requests/${inquiring.id}/validate`, {});
  const { asset } = await box.control.seedSubscription({ product: plain });
  await box.control.placeOrder({ type: 'change', asset, draft: true });
  await box.control.placePurchase({ product: tiered, reseller: 'new' });
  const [setup] = (await box.control.state()).tierConfigRequests;
  await box.distributor('POST', `/tier/config-requests/${setup!.id}/validate`, {});
  expect(heard.map((call) => call.path)).toEqual(['/inquiring_validator', '/change_validator', '/draft_tcr_t2_val']);
});
