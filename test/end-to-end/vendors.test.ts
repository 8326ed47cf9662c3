import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../src/temporal/server';
import { tokenOf } from '../http/listener';
import { useStack } from './use-stack';

const ACTION_SECRET = 'a-secret-of-the-actions';
const SETTINGS = {
  CONNECT_PROCESSOR_CONFIG: path.join(__dirname, 'fixtures/vendors.json'),
  DESK_PHONE_REGION: 'eu',
  POLL_INTERVAL: '1s',
};

/** Two products have a module each; the others have the example. */
const processor = useStack({ worker: false, settings: SETTINGS });
let listen: Record<string, string>;
let url: string;
let products: { mail: string; deskPhone: string; tiered: string; usage: string; backup: string };
beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const { plain: mail, faulty: deskPhone, ...others } = processor.stack.sandbox.products;
  products = { mail, deskPhone, ...others };
  listen = { LISTEN_PORT: String(port), WEBHOOK_SECRET: 'a-secret-of-the-webhooks', ACTION_SECRET, WEBHOOK_URL: url };
  await processor.stack.startWorker(listen);
}, 60_000);

const approved = (id: string) => processor.control.untilSettled(id, { statuses: ['approved'], timeoutMs: 30_000 });

async function paramsOf(id: string): Promise<{ id: string; value: string; value_error: string }[]> {
  const { body } = await processor.control.connect('GET', `/requests/${id}`);
  return (body as { asset: { params: { id: string; value: string; value_error: string }[] } }).asset.params;
}

/** Calls to Connect about single requests since the counters were cleared. */
const callsAboutRequests = async () =>
  (await processor.control.counters()).calls
    .filter(({ api, path }) => api === 'connect' && path.startsWith('/requests/'))
    .map(({ method, path, statuses }) => [`${method} ${path}`, statuses]);

test('a purchase of each product is approved by its own module', async () => {
  for (const [product, made] of [
    [products.mail, 'mail'],
    [products.deskPhone, 'desk-phone-eu'],
  ] as const) {
    await processor.control.clearCounters();
    const { id, asset } = await processor.control.placePurchase({ product });
    expect(await approved(id)).toBe('approved');
    expect(await processor.runOf(id).result()).toMatchObject({ outcome: 'approved' });
    expect(await callsAboutRequests()).toEqual([
      ['GET /requests/{id}', { 200: 1 }],
      ['PUT /requests/{id}', { 200: 1 }],
      ['POST /requests/{id}/approve', { 200: 1 }],
    ]);
    expect(await paramsOf(id)).toContainEqual(
      expect.objectContaining({ id: 'subscription_id', value: `${made}-${asset.id}` }),
    );
  }
  const other = await processor.control.placePurchase({ product: products.usage });
  expect(await processor.outcomeOf(other)).toEqual({ status: 'approved', approvals: 1, tenants: 1 }); // the example's API
}, 60_000);

test('a type that one module alone handles is left for a person where the product is another one’s', async () => {
  const suspensionOf = async (product: string) => {
    const { asset } = await processor.control.seedSubscription({ product });
    return (await processor.control.placeOrder({ type: 'suspend', asset })).id;
  };
  const left = await suspensionOf(products.mail);
  const handled = await suspensionOf(products.deskPhone);
  expect(await approved(handled)).toBe('approved');
  const { stdout } = await processor.run(['requests', 'list', '--unhandled', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([{ id: left, type: 'suspend', product: products.mail }]);
  const ahead = await processor.run(['requests', 'dry-run', left]);
  expect(ahead.stdout).toMatch(/^next +nothing: The vendor has no handler for suspend/m);
}, 60_000);

test('usage is reported of the products whose vendor has the hook', async () => {
  const { stdout } = await processor.run(['schedules', 'apply']);
  const scheduled = [...stdout.matchAll(/schedule usage-(\S+) (?:created|updated)/g)].map(([, id]) => id);
  expect(scheduled.sort()).toEqual([products.tiered, products.usage, products.backup].sort());
  const report = await processor.run(['usage', 'report', '--dry-run', '--product', products.mail]);
  expect([report.code, report.stderr]).toEqual([
    1,
    `The vendor of ${products.mail} has no hook "usage". See docs/report-usage.md.\n`,
  ]);
});

test('drafts and product actions are those of the module of their product', async () => {
  const { code, stdout } = await processor.run(['webhooks', 'apply'], listen);
  const validators = [...stdout.matchAll(/created: (\S+) \w*validator /g)].map(([, id]) => id);
  const validating = [products.mail, products.tiered, products.usage, products.backup]; // all but the first are the example's
  expect([code, validators]).toEqual([0, validating.flatMap((product) => [product, product])]);
  const mail = await processor.control.placePurchase({ product: products.mail, draft: true });
  expect(await paramsOf(mail.id)).toContainEqual(expect.objectContaining({ value_error: 'Mail says no.' }));

  const open = async (product: string) => {
    const { asset } = await processor.control.seedSubscription({ product });
    const jwt = tokenOf({ asset_id: asset }, { secret: ACTION_SECRET });
    const answer = await fetch(`${url}/actions/panel?jwt=${jwt}`, { redirect: 'manual' });
    return [answer.status, answer.headers.get('location')?.replace(asset, 'AS-…') ?? null];
  };
  expect(await open(products.mail)).toEqual([302, 'https://mail.example/AS-…']);
  expect(await open(products.deskPhone)).toEqual([404, null]);
});

test('doctor says which products each vendor serves', async () => {
  const { stdout } = await processor.run(['doctor']);
  expect(stdout).toContain(`${products.mail}: the vendor has the handlers purchase\n`);
  expect(stdout).toContain(`${products.deskPhone}: the vendor has the handlers purchase, suspend\n`);
  expect(stdout).toContain(`${products.tiered}, ${products.usage}, ${products.backup}: the vendor's API answers\n`);
});

test('modules that are no use end a command with 2, all at once, each with its place in the file', async () => {
  const file = path.join(processor.stack.folder, 'processor.json');
  const modules = {
    [products.mail]: './missing.cjs',
    [products.deskPhone]: path.join(__dirname, 'fixtures/desk-phone-vendor.cjs'),
  };
  writeFileSync(file, JSON.stringify({ vendors: { products: modules } }));
  const { code, stderr } = await processor.runAlone(['--config', file, 'worker'], { DESK_PHONE_REGION: '' });
  expect([code, stderr.split('\n')]).toEqual([
    2,
    [
      'The configuration is not usable:',
      `  ${file}: vendors.products.${products.mail}: ${path.join(processor.stack.folder, 'missing.cjs')} is not there: give the path of a module.`,
      `  ${file}: vendors.products.${products.deskPhone}: ${modules[products.deskPhone]}: DESK_PHONE_REGION is not set: name the region of the telephone exchange.`,
      'See docs/configuration.md.',
      '',
    ],
  ]);
});
