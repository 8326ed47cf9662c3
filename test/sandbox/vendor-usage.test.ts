import { beforeEach, expect, test } from '@jest/globals';
import type { UsagePage } from '../../sandbox/vendor-api/metering';
import { useSandbox } from './start';

const box = useSandbox();

async function ask(query: string, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${box.sandbox.vendorApiKey}`;
  const response = await fetch(`${box.sandbox.vendorUrl}/usage${query}`, { headers: { authorization, ...headers } });
  return { status: response.status, body: (await response.json()) as UsagePage };
}

let asset = '';
let tenantId = '';
beforeEach(async () => {
  ({ asset, tenantId } = await box.control.seedSubscription({ product: box.sandbox.products.usage }));
});

test('counts each pay-as-you-go item of a tenant once a month, and says the same every time', async () => {
  await box.control.seedSubscription();
  const first = await ask('?period=2026-10');
  const month = { start: '2026-10-01T00:00:00Z', end: '2026-10-31T23:59:59Z' };
  expect(first).toEqual({
    status: 200,
    body: {
      period: '2026-10',
      next: null,
      records: ['CALLS', 'TRANSFER'].map((mpn, index) => ({
        id: `usage-${tenantId}-2026-10-${index + 1}`,
        tenantId,
        external_id: asset,
        mpn,
        quantity: expect.any(Number),
        ...month,
      })),
    },
  });
  const [calls, transfer] = first.body.records;
  expect(String(calls?.quantity)).toMatch(/^[1-9]\d*$/);
  expect(String(transfer?.quantity)).toMatch(/^\d+(\.\d\d?)?$/);
  expect(await ask('?period=2026-10')).toEqual(first);
  expect(await box.control.usage.ofVendor('2026-10')).toEqual(first.body.records);
  expect((await ask('?period=2026-02')).body.records[0]).toMatchObject({ end: '2026-02-28T23:59:59Z' });
});

test('counts as finely as asked, without a gap', async () => {
  await box.control.set({ vendorUsageRecordsPerItem: 31 });
  const records = await box.control.usage.ofVendor('2026-10');
  expect(records).toHaveLength(62);
  expect(records.slice(0, 2)).toMatchObject([
    { start: '2026-10-01T00:00:00Z', end: '2026-10-01T23:59:59Z' },
    { start: '2026-10-02T00:00:00Z', end: '2026-10-02T23:59:59Z' },
  ]);
  expect(new Set(records.map(({ id }) => id)).size).toBe(62);
});

test('gives pages that cut through tenants', async () => {
  await box.control.seedSubscriptions({ product: box.sandbox.products.usage, count: 3 });
  const all = await box.control.usage.ofVendor('2026-10');
  const seen: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await ask(`?period=2026-10&limit=3${cursor}`);
    expect(body.records.length).toBeLessThanOrEqual(3);
    seen.push(...body.records);
    cursor = body.next === null ? null : `&cursor=${body.next}`;
  }
  expect([all.length, seen]).toEqual([8, all]);
});

test('gives what tenants of one product used', async () => {
  const { plain, usage: product } = box.sandbox.products;
  const other = await box.control.seedSubscription({ product: plain });
  const records = [{ mpn: 'TRAFFIC', quantity: 7 }];
  await box.control.usage.setTenantUsage({ external_id: other.asset, records });
  expect(await box.control.usage.ofVendor('2026-10')).toHaveLength(3);
  expect((await ask(`?period=2026-10&product=${plain}`)).body.records).toMatchObject(records);
  expect((await ask(`?period=2026-10&product=${product}&limit=1`)).body).toMatchObject({
    records: [{ external_id: asset }],
    next: '1',
  });
});

test('says what it was told to, of one month before all months', async () => {
  const records = [{ mpn: 'NONE', quantity: -1, start: '2020-01-01T00:00:00Z', id: 'mine' }];
  await box.control.usage.setTenantUsage({ external_id: asset, records });
  await box.control.usage.setTenantUsage({ external_id: asset, period: '2026-11', records: [] });
  expect(await box.control.usage.ofVendor('2026-10')).toEqual([
    { tenantId, external_id: asset, end: '2026-10-31T23:59:59Z', ...records[0] },
  ]);
  expect(await box.control.usage.ofVendor('2026-11')).toEqual([]);
  await box.control.usage.setTenantUsage({ external_id: asset, records: null });
  expect(await box.control.usage.ofVendor('2026-10')).toHaveLength(2);
  await box.control.reset();
  expect(await box.control.usage.ofVendor('2026-11')).toEqual([]);
});

test('forgets a tenant after the month in which it was deleted', async () => {
  const authorization = `Bearer ${box.sandbox.vendorApiKey}`;
  await fetch(`${box.sandbox.vendorUrl}/tenant/${tenantId}`, { method: 'DELETE', headers: { authorization } });
  const thisMonth = new Date().toISOString().slice(0, 7);
  expect(await box.control.usage.ofVendor(thisMonth)).toHaveLength(2);
  expect(await box.control.usage.ofVendor('2999-01')).toEqual([]);
});

test.each(['', '?period=2026', '?period=2026-13', '?period=2026-10&cursor=x', '?period=2026-10&limit=0'])(
  'refuses "%s"',
  async (query) => expect(await ask(query)).toMatchObject({ status: 400, body: { error: 'invalid' } }),
);

test('needs its key, and suffers faults', async () => {
  expect((await ask('?period=2026-10', { authorization: '' })).status).toBe(401);
  await box.control.fault({ api: 'vendor', method: 'GET', path: '/usage', status: 500, times: 1 });
  expect((await ask('?period=2026-10')).status).toBe(500);
});

test('cannot be told of what is no month', async () => {
  const spec = { external_id: 'AS-1', period: 'May', records: [] };
  await expect(box.control.usage.setTenantUsage(spec)).rejects.toMatchObject({ status: 400 });
});
