import { expect, test } from '@jest/globals';
import type { Vendor } from '../../src/sdk';
import { EUROPE } from '../sandbox/usage';
import { EASY } from './start';
import { counting, useUsageFile } from './usage-file';

const { box, activities, run, log, files, of, file, reach } = useUsageFile();

test('what Connect has read of something else is not the same', async () => {
  const { id, asset } = await reach('ready');
  const all = activities({ vendor: counting(asset, '5') });
  const { contracts } = await run(all, 'collectUsage', [of()]);
  const { same, inConnect } = await run(all, 'checkUsageTotals', [id, contracts[0]!]);
  expect([same, inConnect?.rows]).toEqual([false, 1]);
  expect(inConnect?.totals).not.toEqual(contracts[0]!.totals);
});

test('a record that the distributor has refused does not count', async () => {
  const { id, asset } = await reach('pending');
  const all = activities({ vendor: counting(asset, '5') });
  const headers = { 'content-range': 'items 0-1/2' };
  const record = { status: 'approved', item: { mpn: 'CALLS' }, asset: { id: asset }, usage: '5' };
  const json = [
    { ...record, id: 'UR-1' },
    { ...record, id: 'UR-2', status: 'rejected' },
  ];
  await box.control.fault({ api: 'connect', method: 'GET', path: '/usage/records', json, headers });
  const { contracts } = await run(all, 'collectUsage', [of()]);
  expect(await run(all, 'checkUsageTotals', [id, contracts[0]!])).toMatchObject({
    same: true,
    inConnect: { rows: 1 },
  });
});

test('the same sums of other subscriptions are something else', async () => {
  await box.control.set({ usageProcessingMs: 0 });
  const [one, other] = [await files.asset(), await files.asset()];
  const vendorOf = (...quantities: string[]): Vendor => ({
    ...EASY,
    async *usage() {
      for (const [at, quantity] of quantities.entries()) yield { asset: [one, other][at]!, mpn: 'CALLS', quantity };
    },
  });
  const upload = activities({ vendor: vendorOf('5', '7') });
  const sent = await run(upload, 'uploadUsage', [file()]);
  if (sent.kind !== 'sent') throw new Error(sent.kind);
  const { fileId, usage } = sent;
  await box.control.usage.untilSettled(fileId, { statuses: ['ready'] });
  expect(await run(upload, 'checkUsageTotals', [fileId, usage])).toMatchObject({ same: true });

  const collected = await run(activities({ vendor: vendorOf('7', '5') }), 'collectUsage', [of()]);
  const { totals, digests } = collected.contracts[0]!;
  expect(totals).toEqual(usage.totals);
  expect(await run(upload, 'checkUsageTotals', [fileId, { ...usage, digests: digests! }])).toMatchObject({
    same: false,
  });
});

test('the amounts of one subscription at another are something else, as far as Connect tells them', async () => {
  await box.control.set({ usageProcessingMs: 0 });
  await box.control.usage.setPayAsYouGo(of().productId, { schema: 'CR' });
  const assets = [await files.asset(), await files.asset()];
  const vendorOf = (...amounts: string[]): Vendor => ({
    ...EASY,
    async *usage() {
      for (const [at, amount] of amounts.entries()) yield { asset: assets[at]!, mpn: 'CALLS', quantity: '5', amount };
    },
  });
  const upload = activities({ vendor: vendorOf('10', '12.50') });
  const sent = await run(upload, 'uploadUsage', [file()]);
  if (sent.kind !== 'sent') throw new Error(sent.kind);
  const { fileId, usage } = sent;
  await box.control.usage.untilSettled(fileId, { statuses: ['ready'] });
  expect(await run(upload, 'checkUsageTotals', [fileId, usage])).toMatchObject({ same: true });

  const collected = await run(activities({ vendor: vendorOf('12.50', '10') }), 'collectUsage', [of()]);
  const [counted] = collected.contracts;
  expect(counted).toMatchObject({ totals: usage.totals, digests: { shares: usage.digests!.shares } });
  expect(await run(upload, 'checkUsageTotals', [fileId, counted!])).toMatchObject({ same: false });

  const headers = { 'content-range': 'items 0-1/2' };
  const record = { status: 'valid', item: { mpn: 'CALLS' }, usage: '5', amount: null };
  const json = assets.map((id, at) => ({ ...record, id: `UR-${at}`, asset: { id } }));
  await box.control.fault({ api: 'connect', method: 'GET', path: '/usage/records', json, headers });
  expect(await run(upload, 'checkUsageTotals', [fileId, counted!])).toMatchObject({ same: true });
});

test.each([
  ['a multiplier', { multiplier: 100 }],
  ['no item', { item: null }],
  ['no quantity', { usage: null }],
  ['an item without a name of ours', { item: { id: 'PRD-1-0001', mpn: '' } }],
])('where Connect names %s, the number of records has to do, and the log says so', async (_, change) => {
  const { id, asset } = await reach('ready');
  const all = activities({ vendor: counting(asset, '5') });
  const record = { id: 'UR-1', status: 'valid', item: { mpn: 'CALLS' }, asset: { id: asset }, usage: 500, ...change };
  const headers = { 'content-range': 'items 0-0/1' };
  await box.control.fault({ api: 'connect', method: 'GET', path: '/usage/records', json: [record], headers });
  const counted = { contractId: EUROPE, rows: 1, totals: { CALLS: { quantity: '5' } }, bad: 0 };
  expect(await run(all, 'checkUsageTotals', [id, counted])).toEqual({ same: true });
  expect(await run(all, 'checkUsageTotals', [id, { ...counted, rows: 2 }])).toEqual({ same: false });
  const warning = 'Connect does not tell enough of the records to compare their sums';
  expect(log).toContainEqual(expect.objectContaining({ level: 'WARN', message: warning }));
});
