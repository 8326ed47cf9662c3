import { afterEach, expect, test } from '@jest/globals';
import type { Finding } from '../../../src/commands/doctor/finding';
import { checkListening } from '../../../src/commands/doctor/listen';
import { planOf, wantedWebhooks } from '../../../src/commands/webhook-plan';
import { loadConfig } from '../../../src/config';
import { createConnectClient } from '../../../src/connect/client';
import type { NewWebhook } from '../../../src/connect/webhooks';
import type { Vendor } from '../../../src/sdk';
import { serve, stopServers } from '../../connect/server';
import { useSandbox } from '../../sandbox/start';

const box = useSandbox();
afterEach(stopServers);
const URL = 'https://connect.vendor.example';
const SECRET = 'a-secret-of-the-webhooks';
const SETTINGS = { WEBHOOK_URL: URL, WEBHOOK_SECRET: SECRET };
const VALIDATING: Vendor = { validate: { fulfillment: async () => undefined, validators: ['validator'] } };
const ACTING: Vendor = { action: async () => undefined };

const configOf = (settings: Record<string, string>) =>
  loadConfig({
    CONNECT_API_URL: box.sandbox.connectUrl,
    CONNECT_API_KEY: box.sandbox.vendorKey,
    CONNECT_PRODUCTS: box.sandbox.products.plain,
    ...settings,
  });

async function findings(settings: Record<string, string>, vendor: Vendor = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of checkListening(configOf(settings), new Map([[product(), vendor]]))) found.push(finding);
  return found;
}

/** Has Connect what `webhooks apply` would make, each as the change has it. */
async function make(change: Partial<NewWebhook> = {}, vendor: Vendor = {}): Promise<void> {
  const config = configOf(SETTINGS);
  const connect = createConnectClient(config.connect);
  const served = { vendors: new Map([[product(), vendor]]), selections: config.selections };
  const wanted = wantedWebhooks(served, { url: URL, secret: SECRET });
  for (const webhook of wanted) await connect.webhooks.create({ ...webhook, ...change });
  await connect.close();
}

const product = () => box.sandbox.products.plain;

test('nothing is said where nobody listens, and no hook waits for it', async () => {
  expect(await findings({})).toEqual([]);
});

test('webhooks that are there and as they have to be are good', async () => {
  await make({}, VALIDATING);
  const names = ['event fulfillment_request', 'event tier_config_request', 'validator fulfillment_request'];
  expect(await findings(SETTINGS, VALIDATING)).toEqual(
    names.map((name) => ({ ok: true, text: `webhook ${product()} ${name}` })),
  );
});

test('webhooks that are missing are to be made; those of others do not count', async () => {
  await make({ label: 'somebody else' });
  const missing = (name: string) => ({
    ok: false,
    text: `webhook ${product()} ${name} is not in Connect`,
    todo: 'An operator runs `connect-processor webhooks apply`.',
  });
  expect(await findings(SETTINGS)).toEqual([
    missing('event fulfillment_request'),
    missing('event tier_config_request'),
  ]);
});

test.each([
  [{ active: false }, 'is switched off', 'which switches it on'],
  [{ external_url: `${URL}/validate` }, 'has another external_url', 'which corrects it'],
  [{ jwt_secret: 'another-secret-of-ours' }, 'signs with another secret than WEBHOOK_SECRET', 'which corrects it'],
  [{ type: 'validator' }, 'has another type', 'which corrects it'],
] as const)('a webhook with %j is wrong, and says who corrects it', async (change, text, todo) => {
  await make(change);
  const [first] = await findings(SETTINGS);
  expect([first?.ok, first?.text, first?.todo]).toEqual([
    false,
    expect.stringContaining(text),
    expect.stringMatching(new RegExp(`^An operator runs .*${todo}`)),
  ]);
  expect(JSON.stringify(first)).not.toContain('secret-of');
});

test('webhooks that another deployment may live by are said, needed here or not', async () => {
  await make({ external_url: 'https://old.example/webhooks/connect' }, VALIDATING);
  const found = await findings(SETTINGS);
  expect(found).toHaveLength(3);
  for (const { ok, text, todo } of found) {
    expect([ok, text]).toEqual([
      false,
      expect.stringMatching(/calls https:\/\/old\.example\S+ elsewhere than WEBHOOK_URL$/),
    ]);
    expect(todo).toMatch(
      /^Where no other deployment lives by it, an operator runs `connect-processor webhooks apply --take-over`\./,
    );
  }
});

test.each([
  [
    undefined,
    /, not answered$/,
    /^An operator sees that `connect-processor listen` runs, and that http\S+ leads to it/,
  ],
  [502, /, answered 502$/, /^An operator sees that `connect-processor listen` runs/],
  [401, /, answered 401$/, /^An operator gives the listener the WEBHOOK_SECRET of this configuration/],
])('a webhook whose calls are answered with %s is wrong until one arrives', async (status, text, todo) => {
  const door = await serve((_, response) => void response.writeHead(status ?? 200).end());
  const settings = { ...SETTINGS, WEBHOOK_URL: door.url };
  await make({ external_url: `${door.url}/webhooks/connect` });
  const [id] = await box.ids('/notifications/webhooks');
  if (status === undefined) await stopServers();
  for (const _ of [1, 2]) await box.vendor('POST', `/notifications/webhooks/${id}/trigger`);
  const [first, second] = await findings(settings);
  expect([first?.ok, first?.text, first?.todo]).toEqual([
    false,
    expect.stringMatching(text),
    expect.stringMatching(todo),
  ]);
  expect(first?.text).toContain(`${id}: 2 of Connect's calls failed since one was answered, the last at 20`);
  expect(second?.ok).toBe(true);
});

test('a secret that Connect does not tell is not held against it', async () => {
  await make();
  const path = '/notifications/webhooks';
  const { body } = await box.vendor('GET', path);
  const json = (body as object[]).map((webhook) => ({ ...webhook, jwt_secret: null }));
  await box.control.fault({ api: 'connect', method: 'GET', path, json });
  expect((await findings(SETTINGS)).map(({ ok }) => ok)).toEqual([true, true]);
});

test('one that nobody needs any more is a note', async () => {
  await make({}, VALIDATING);
  const notes = (await findings(SETTINGS)).filter(({ todo }) => todo !== undefined);
  expect(notes).toMatchObject([{ ok: true, text: expect.stringContaining('validator fulfillment_request') }]);
});

test.each([
  [
    403,
    /^Give the token the right to read webhooks, and for `webhooks apply` to change them, in the Connect portal\.$/,
  ],
  [401, /^Check CONNECT_API_KEY: Connect at 127\.0\.0\.1:\d+ does not know it\./],
  [500, /try again later\. If it lasts, check CONNECT_API_URL/],
])('where Connect answers %i to the question for webhooks, what is to be done suits that', async (status, todo) => {
  await box.control.fault({ api: 'connect', method: 'GET', path: '/notifications/webhooks', status });
  expect(await findings(SETTINGS)).toMatchObject([
    { ok: false, text: expect.stringContaining(String(status)), todo: expect.stringMatching(todo) },
  ]);
});

test.each([
  [{ LISTEN_PORT: '8080' }, {}, false, 'neither WEBHOOK_SECRET nor ACTION_SECRET'],
  [{ WEBHOOK_URL: URL }, {}, false, 'WEBHOOK_SECRET is not'],
  [{ WEBHOOK_SECRET: SECRET }, {}, true, 'WEBHOOK_URL is not set'],
  [{}, VALIDATING, true, 'drafts pass without being checked'],
  [{}, ACTING, true, 'ACTION_SECRET is not set'],
  [{ ACTION_SECRET: SECRET }, {}, true, 'no hook `action`'],
] as [Record<string, string>, Vendor, boolean, string][])(
  'settings %j, hooks %o: said once',
  async (settings, vendor, ok, text) => {
    const [only, ...more] = await findings(settings, vendor);
    expect([only?.ok, only?.text, more]).toEqual([ok, expect.stringContaining(text), []]);
    expect(only?.todo).toMatch(/operator sets|developer writes/);
  },
);

test.each([
  ['http://connect.vendor.example', 'is not https'],
  ['http://127.0.0.1:8080', 'leads to this machine'],
])('WEBHOOK_URL %s does not do for the real Connect', async (url, text) => {
  // Nothing answers at this Connect: what is said of the URL needs no call.
  const settings = { ...SETTINGS, WEBHOOK_URL: url, CONNECT_API_URL: 'https://connect.invalid/public/v1' };
  const [first] = await findings(settings);
  expect([first?.ok, first?.text, first?.todo]).toEqual([
    false,
    expect.stringContaining(text),
    expect.stringMatching(/^An operator /),
  ]);
});

test('with the sandbox, which is on this machine too, any URL does', async () => {
  const found = await findings({ ...SETTINGS, WEBHOOK_URL: 'http://127.0.0.1:8080' });
  expect(found.every(({ text }) => text.endsWith('is not in Connect'))).toBe(true);
});

/** Of a deployment in which the product is switched off. */
async function findingsWhereOff(): Promise<Finding[]> {
  const { selections } = configOf(SETTINGS);
  const off = { ...configOf(SETTINGS), selections: { [product()]: { ...selections[product()]!, process: false } } };
  const found: Finding[] = [];
  for await (const finding of checkListening(off, new Map([[product(), VALIDATING]]))) found.push(finding);
  return found;
}

test('a product that is switched off needs no webhooks, and those that it has are superfluous', async () => {
  await make({}, VALIDATING);
  const found = await findingsWhereOff();
  expect(found).toHaveLength(3);
  expect(found.every(({ ok, text }) => ok && text.includes('that nobody needs any more'))).toBe(true);
});

test('the webhooks by which another deployment serves a product that is switched off here are passed over, and that is said', async () => {
  await make({ external_url: 'https://other.example/webhooks/connect' });
  expect(await findingsWhereOff()).toEqual(
    ['event fulfillment_request', 'event tier_config_request'].map((name) => ({
      ok: true,
      text: `webhook ${product()} ${name} calls https://other.example/webhooks/connect: passed over, since the product is switched off here`,
    })),
  );
});

test('a plan takes each webhook once, though labels repeat from product to product', () => {
  const vendors = new Map(['PRD-1', 'PRD-2'].map((id) => [id, {}]));
  const wanted = wantedWebhooks({ vendors, selections: {} }, { url: URL, secret: SECRET });
  const inConnect = wanted.map((webhook, at) => ({
    ...webhook,
    id: `WH-${at}`,
    product: { id: webhook.product_id, name: '' },
  }));
  const { planned, superfluous } = planOf(wanted, inConnect);
  expect(planned.map(({ found, differs }) => [found?.id, differs])).toEqual([0, 1, 2, 3].map((at) => [`WH-${at}`, []]));
  expect(superfluous).toEqual([]);
});
