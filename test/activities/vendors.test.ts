import { expect, test } from '@jest/globals';
import { approve, type Vendor } from '../../src/sdk';
import { shown } from './shown';
import { EASY, useActivities } from './start';

const { box, activities, run, failureOf, log } = useActivities();

/** Activities of a processor whose products have a vendor each. */
const serving = (vendors: Record<string, Vendor>) => activities({ vendorOf: (productId) => vendors[productId] });

/** A vendor who buys, and tells whose purchase it was. */
const buying = (name: string, more: Partial<Vendor> = {}): Vendor => ({
  purchase: { find: async () => undefined, create: async () => approve({ subscription_id: name }) },
  ...more,
});

test('asks the vendor of the product', async () => {
  const { plain, faulty } = box.sandbox.products;
  const all = serving({ [plain]: buying('mail'), [faulty]: buying('desk-phone') });
  for (const [product, value] of [
    [plain, 'mail'],
    [faulty, 'desk-phone'],
  ] as const) {
    const { id } = await box.control.placePurchase({ product });
    expect(await run(all, 'askVendor', [id])).toMatchObject({ params: [{ id: 'subscription_id', value }] });
  }
});

test('asks the vendor of the product about a tier configuration', async () => {
  const { plain, tiered } = box.sandbox.products;
  await box.control.placePurchase({ product: tiered });
  const { id } = (await box.control.state()).tierConfigRequests.find(({ level }) => level === 2)!;
  const all = serving({
    [plain]: { tierConfig: async () => approve({ reseller_id: 'mail' }) },
    [tiered]: { tierConfig: async () => approve({ reseller_id: 'desk-phone' }) },
  });
  expect(await run(all, 'askVendorForTierConfig', [id])).toMatchObject({ params: [{ value: 'desk-phone' }] });
});

test('a round starts what the vendor of the product handles, with its own time limit, and leaves the rest', async () => {
  const { plain, faulty } = box.sandbox.products;
  const change = { handle: async () => approve(), timeLimitSeconds: 300 };
  const release = async () => undefined;
  const purchase = { find: async () => undefined, create: async () => approve(), release };
  const all = serving({ [plain]: { change }, [faulty]: { purchase } });
  const placed: string[] = [];
  for (const product of [plain, faulty]) {
    const { asset } = await box.control.seedSubscription({ product });
    placed.push((await box.control.placeOrder({ type: 'change', asset })).id);
    placed.push((await box.control.placePurchase({ product })).id);
  }
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 2, unhandled: 2 });
  const [changeOfPlain, , , purchaseOfFaulty] = placed;
  expect(all.started).toMatchObject([
    { id: changeOfPlain, handlerSeconds: 300 },
    { id: purchaseOfFaulty, releases: true },
  ]);
});

test('a request whose product nobody can read is started, so that its run shows the trouble', async () => {
  const json = [{ id: 'PR-1', type: 'purchase', asset: 'of another shape' }];
  const headers = { 'Content-Range': '0-0/1' };
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests', json, headers });
  const all = serving({ [box.sandbox.products.plain]: {} });
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 1 });
  expect(all.started).toMatchObject([{ id: 'PR-1', type: 'unreadable' }]);
});

test('a run of a product that is listed no more asks no vendor, and leaves the request', async () => {
  const { tiered } = box.sandbox.products;
  const purchase = await box.control.placePurchase();
  await box.control.placePurchase({ product: tiered });
  const tier = (await box.control.state()).tierConfigRequests.find(({ level }) => level === 2)!;
  const all = serving({ 'PRD-9': EASY });
  const left = (id: string) => `The request is left for a person: CONNECT_PRODUCTS does not list ${id}.`;
  expect(await run(all, 'askVendor', [purchase.id])).toEqual({
    kind: 'noop',
    status: 'pending',
    reason: left(purchase.product.id),
  });
  expect(await run(all, 'askVendorForTierConfig', [tier.id])).toMatchObject({ kind: 'noop', reason: left(tiered) });
});

test('the vendor of the product gives back what the purchase made; of a product that is listed no more it is kept', async () => {
  const { plain, faulty } = box.sandbox.products;
  const given: string[] = [];
  const holding = (name: string): Vendor => {
    const release = async () => void given.push(name);
    return { purchase: { find: async () => approve(), create: async () => approve(), release } };
  };
  const { id } = await box.control.placePurchase({ product: faulty });
  const both = serving({ [plain]: holding('mail'), [faulty]: holding('desk-phone') });
  expect(await run(both, 'releasePurchase', [id])).toBe('released');
  expect(await run(serving({ [plain]: holding('mail') }), 'releasePurchase', [id])).toBe('kept');
  expect(given).toEqual(['desk-phone']);
  const message = `what the purchase made is kept: CONNECT_PRODUCTS does not list ${faulty}`;
  expect(log).toContainEqual(expect.objectContaining({ level: 'WARN', message, requestId: id }));
});

test('the vendor of the product reports its usage', async () => {
  const { plain, usage } = box.sandbox.products;
  const reporting: Vendor = {
    usage: async function* ({ productId }) {
      yield { asset: `AS-of-${productId}`, mpn: 'CALLS', quantity: '5' };
    },
  };
  const all = serving({ [plain]: buying('mail'), [usage]: reporting });
  expect(await run(all, 'collectUsage', [{ productId: usage, period: '2026-10' }])).toMatchObject({ lost: 1 });
  expect(shown(await failureOf(all, 'collectUsage', [{ productId: plain, period: '2026-10' }]))).toMatchObject({
    type: 'VendorNotWritten',
    final: true,
    message: `The vendor of ${plain} has no hook "usage". See docs/report-usage.md.`,
  });
});
