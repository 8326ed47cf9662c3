import { expect, test } from '@jest/globals';
import { checkConnect } from '../../../src/commands/doctor/connect';
import type { Finding } from '../../../src/commands/doctor/finding';
import { loadConfig } from '../../../src/config';
import { approve, type Vendor } from '../../../src/sdk';
import { useSandbox } from '../../sandbox/start';

const box = useSandbox();
const handler = async () => approve();

async function findings(vendor: Vendor, settings: Record<string, string> = {}): Promise<Finding[]> {
  const { connectUrl, vendorKey, products } = box.sandbox;
  const least = { CONNECT_API_URL: connectUrl, CONNECT_API_KEY: vendorKey, CONNECT_PRODUCTS: products.tiered };
  const config = loadConfig({ ...least, ...settings });
  const vendors = new Map(config.connect.products.map((id) => [id, vendor]));
  const found: Finding[] = [];
  for await (const finding of checkConnect(config, vendors)) found.push(finding);
  return found;
}

const wrong = (found: Finding[]) => found.filter(({ ok }) => !ok);

test('a product with parameters of resellers needs a handler for their configurations, else purchases wait', async () => {
  const { tiered } = box.sandbox.products;
  expect(wrong(await findings({ change: handler }))).toEqual([
    {
      ok: false,
      text: expect.stringMatching(new RegExp(`^${tiered} has parameters of scope tier1 and tier2, .*no handler`)),
      todo: expect.stringMatching(/^The vendor's developer writes `tierConfig`; until then somebody approves/),
    },
  ]);
  expect(wrong(await findings({ change: handler, tierConfig: handler }))).toEqual([]);
});

test('a product without them does not, though it has templates for resellers, as every new product has', async () => {
  const { plain } = box.sandbox.products;
  const { body } = await box.vendor('GET', `/products/${plain}/templates?eq(scope,tier1)`);
  expect(body).not.toEqual([]);
  expect(wrong(await findings({ change: handler }, { CONNECT_PRODUCTS: plain }))).toEqual([]);
});

test('a revocation is confirmed without a template: none is looked for', async () => {
  const { plain } = box.sandbox.products;
  const texts = async (vendor: Vendor) => (await findings(vendor, { CONNECT_PRODUCTS: plain })).map(({ text }) => text);
  expect((await texts({ revoke: handler })).filter((text) => text.includes('template'))).toEqual([]);
  expect(await texts({ change: handler, revoke: handler })).toContainEqual(
    expect.stringMatching(/activation template .*, for change$/),
  );
});

test('a key that Connect does not know may be that of another Connect: said once for all products', async () => {
  const { plain, tiered } = box.sandbox.products;
  const settings = { CONNECT_API_KEY: 'SU-000-000-009:wrong', CONNECT_PRODUCTS: `${plain},${tiered}` };
  const found = await findings({}, settings);
  expect(found).toEqual([{ ok: false, text: expect.stringContaining('answered 401'), todo: expect.anything() }]);
  const { host } = new URL(box.sandbox.connectUrl);
  expect(found[0]?.todo).toMatch(new RegExp(`^Check CONNECT_API_KEY: Connect at ${host} .*Check CONNECT_API_URL too`));
});

test('a product that is refused or unknown does not hide the next one', async () => {
  const { plain, tiered } = box.sandbox.products;
  await box.control.fault({ api: 'connect', method: 'GET', path: `/products/${plain}`, status: 403 });
  const found = await findings({}, { CONNECT_PRODUCTS: `${plain},PRD-9,${tiered}` });
  expect(found.slice(0, 3)).toMatchObject([
    { ok: false, text: expect.stringContaining('403'), todo: expect.stringContaining('right to read products') },
    { ok: false, text: 'product PRD-9 does not exist for this key' },
    { ok: true, text: expect.stringContaining(`product ${tiered} "`) },
  ]);
});

test('no Connect where CONNECT_API_URL leads is said once', async () => {
  const { plain, tiered } = box.sandbox.products;
  const settings = { CONNECT_API_URL: 'http://127.0.0.1:9', CONNECT_PRODUCTS: `${plain},${tiered}` };
  expect(await findings({}, settings)).toEqual([
    { ok: false, text: expect.stringContaining('ECONNREFUSED'), todo: expect.stringContaining('CONNECT_API_URL') },
  ]);
});

test('a path of CONNECT_API_URL that is not Connect’s is said once, and no product is called unknown', async () => {
  const { plain, tiered } = box.sandbox.products;
  const { origin } = new URL(box.sandbox.connectUrl);
  const settings = { CONNECT_API_URL: `${origin}/no-such/v1`, CONNECT_PRODUCTS: `${plain},${tiered}` };
  expect(await findings({}, settings)).toEqual([
    {
      ok: false,
      text: expect.stringContaining('answered 404'),
      todo: expect.stringMatching(/^Check CONNECT_API_URL:/),
    },
  ]);
});

test('parameters that the handlers save are looked for, in the tiers that the product has', async () => {
  const { plain, tiered } = box.sandbox.products;
  const vendor = { tierConfig: handler, writes: { asset: ['admin_email', 'none'], tier1: ['reseller_id'] } };
  const settings = { CONNECT_PRODUCTS: `${plain},${tiered}` };
  const texts = (await findings(vendor, settings))
    .map(({ text }) => text)
    .filter((text) => text.includes(': parameter'));
  expect(texts).toEqual([
    `${plain}: parameter "admin_email" of scope asset is of phase ordering`,
    `${plain}: parameter "none" of scope asset does not exist`,
    `${tiered}: parameter "admin_email" of scope asset is of phase ordering`,
    `${tiered}: parameter "none" of scope asset does not exist`,
    `${tiered}: parameter "reseller_id" of scope tier1`,
  ]);
});

test('a key that may read products and no requests would process nothing: each kind is named', async () => {
  for (const path of ['/requests', '/tier/config-requests']) {
    await box.control.fault({ api: 'connect', method: 'GET', path, status: 403 });
  }
  const found = await findings({ tierConfig: handler });
  expect(wrong(found)).toEqual([
    {
      ok: false,
      text: expect.stringContaining('403'),
      todo: expect.stringContaining('right to read fulfillment requests'),
    },
    {
      ok: false,
      text: expect.stringContaining('403'),
      todo: expect.stringContaining('right to read tier config requests'),
    },
  ]);
});

test('a key that may read requests is told so, by one request of each kind', async () => {
  const found = await findings({ tierConfig: handler });
  expect(found.slice(-3)).toEqual([
    { ok: true, text: 'the key may read fulfillment requests' },
    { ok: true, text: 'the key may read tier config requests' },
    { ok: true, text: 'no scheduled request is overdue' },
  ]);
});

test('what is scheduled and overdue is named, with since when and who acts, and fails no check', async () => {
  const { plain } = box.sandbox.products;
  const { asset } = await box.control.seedSubscription({ product: plain });
  const order = { type: 'cancel', status: 'draft', asset: { id: asset }, planned_date: '2026-03-01T00:00:00+01:00' };
  const { body } = await box.distributor('POST', '/requests', order);
  await box.control.force(body.id as string, { status: 'scheduled' });
  const found = await findings({ cancel: handler }, { CONNECT_PRODUCTS: plain });
  expect(found.at(-1)).toEqual({
    ok: true,
    text: `${body.id}, a cancel, is scheduled in Connect and overdue since 2026-02-28T23:00:00.000Z`,
    todo: expect.stringMatching(/^An operator puts it back to pending in the Connect portal/),
  });
  expect(wrong(found)).toEqual([]);
  const fault = { api: 'connect', method: 'GET', path: '/requests', containing: 'scheduled', status: 503 } as const;
  await box.control.fault(fault);
  expect(wrong(await findings({ cancel: handler }, { CONNECT_PRODUCTS: plain }))).toMatchObject([
    { text: expect.stringContaining('503') },
  ]);
});
