import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ConnectClient, createConnectClient } from '../../src/connect/client';
import { useSandbox } from '../sandbox/start';

const box = useSandbox();
let connect: ConnectClient;
beforeEach(() => {
  connect = createConnectClient({ url: box.sandbox.connectUrl, apiKey: box.sandbox.vendorKey });
});
afterEach(() => connect.close());

test('reads a subscription, and the chain of requests that made it', async () => {
  const { asset, request } = await box.control.seedSubscription({ quantity: 4 });
  const change = await box.control.placeOrder({ type: 'change', asset });
  const { items, ...rest } = await connect.assets.get(asset);
  expect(rest).toMatchObject({ id: asset, status: 'active', product: { id: box.sandbox.products.plain } });
  expect(items).toContainEqual(expect.objectContaining({ mpn: 'SEAT', quantity: '4' }));
  expect(await connect.assets.requests(asset)).toEqual([
    { id: request, type: 'purchase', status: 'approved' },
    { id: change.id, type: 'change', status: 'pending' },
  ]);
});

test('reads the conversation about a request, the oldest message first', async () => {
  const { id } = await box.control.placePurchase();
  const [conversation] = await connect.conversations.list(id);
  await connect.conversations.say(conversation!.id, 'one');
  await box.distributor('POST', `/conversations/${conversation!.id}/messages`, { text: 'two', type: 'message' });
  const messages = await connect.conversations.messages(conversation!.id);
  expect(messages.map(({ text, type }) => [text, type])).toEqual([
    ['one', 'message'],
    ['two', 'message'],
  ]);
  expect(await connect.conversations.list('PR-0')).toEqual([]);
});

test('says a thing once, however often it is told to, until somebody has answered', async () => {
  const { id } = await box.control.placePurchase();
  const conversation = (await connect.conversations.list(id))[0]!.id;
  expect(await connect.conversations.say(conversation, 'The region is missing.')).toBe(true);
  expect(await connect.conversations.say(conversation, 'The region is missing.')).toBe(false);
  await box.distributor('POST', `/conversations/${conversation}/messages`, { text: 'Which?', type: 'message' });
  expect(await connect.conversations.say(conversation, 'The region is missing.')).toBe(true);
  expect(await connect.conversations.messages(conversation)).toHaveLength(3);
});

test('cuts a message to 540 characters, and knows the cut one again', async () => {
  const { id } = await box.control.placePurchase();
  const conversation = (await connect.conversations.list(id))[0]!.id;
  const long = 'x'.repeat(600);
  expect(await connect.conversations.say(conversation, long)).toBe(true);
  expect(await connect.conversations.say(conversation, long)).toBe(false);
  expect((await connect.conversations.messages(conversation))[0]?.text).toBe(`${'x'.repeat(539)}…`);
});

test("reads a reseller's parameters, and none where there is no configuration", async () => {
  const { tiered: product } = box.sandbox.products;
  await box.control.seedSubscription({ product });
  const { body } = await box.vendor('GET', '/tier/configs');
  const { account } = (body as { account: { id: string }; tier_level: number }[]).find((one) => one.tier_level === 1)!;
  const of = { account: account.id, product, level: 1 as const };
  expect((await connect.tierConfigs.paramsOf(of)).map((param) => param.id)).toEqual(['reseller_id', 'tax_number']);
  expect(await connect.tierConfigs.paramsOf({ ...of, account: 'TA-0' })).toEqual([]);
  const [{ id }] = body as [{ id: string }];
  expect(await connect.tierConfigs.get(id)).toMatchObject({ id, product: { id: product } });
});

test('keeps to the templates of the scope and type that was asked for, although Connect may ignore a filter', async () => {
  const { plain } = box.sandbox.products;
  const { body: json } = await box.vendor('GET', `/products/${plain}/templates`);
  await box.control.fault({ api: 'connect', method: 'GET', path: '/products/*/templates', json });
  const names = async (kind: { scope: string; type?: string }) =>
    (await connect.templates.list(plain, kind)).map(({ name }) => name);
  expect(await names({ scope: 'asset', type: 'fulfillment' })).toEqual([
    'Default Activation Template',
    'Change Template',
  ]);
  expect(await names({ scope: 'tier2' })).toEqual(['Default Activation Template']);
});
