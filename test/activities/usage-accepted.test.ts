import { afterEach, expect, test } from '@jest/globals';
import { buildWorkbook } from '../../activities/usage-reader';
import { createStoredTally, sameTotals } from '../../activities/usage-totals';
import { type ConnectClient, createConnectClient } from '../../src/connect/client';
import { useSandbox } from '../sandbox/start';
import { EUROPE, PERIOD, usageOf } from '../sandbox/usage';
import { given, quiet } from './fake-usage';

const box = useSandbox();
const usage = usageOf(box);
let connect: ConnectClient;
afterEach(() => connect.close());

const CATEGORY = { id: 'all', name: 'All', description: '' };

test.each([
  ['QT', {}],
  ['TR', { amount: '12345678901234.5', tier: 1 }],
  ['CR', { amount: '0.000000000000001' }],
  ['PR', { amount: '0.10' }],
] as const)('what passes our checks is valid in Connect too, to the last digit: schema %s', async (schema, price) => {
  connect = createConnectClient({ url: box.sandbox.connectUrl, apiKey: box.sandbox.vendorKey });
  const product = box.sandbox.products.usage;
  await box.control.usage.setPayAsYouGo(product, { schema, dynamic: true });
  const asset = await usage.asset();
  const [stored] = await connect.assets.withIds(product, [asset]);
  const value = stored?.params.find(({ id }) => id === 'subscription_id')?.value;
  const record = { asset, mpn: 'TRANSFER', quantity: '12.50', category: 'all', ...price };
  const newItem = { name: 'New', unit: 'piece', precision: 'Decimal(8)' };
  const records = [
    { ...record, note: '=1+1' },
    { ...record, id: 'ü:1%', asset: { parameter: 'subscription_id', value } },
    { ...record, id: 'times', start: '2026-10-02', end: '2026-10-31T23:59:59.999Z' },
    { ...record, id: 'many', quantity: '999999999999999' },
    { ...record, id: 'none', quantity: '0' },
    { ...record, mpn: 'CALLS', quantity: '7.00' },
    { ...record, mpn: 'NEW', quantity: '0.00000001', newItem },
    { ...record, mpn: 'NEW', quantity: '1.5', newItem, id: '2' },
  ];
  const source = {
    connect,
    selection: undefined,
    signal: new AbortController().signal,
    log: quiet,
    redact: (text: string) => text,
    reporting: { records: () => given(records), categories: [CATEGORY] },
  };
  const built = await buildWorkbook(source, { productId: product, period: '2026-10', contractId: EUROPE });
  expect(built).toMatchObject({ rows: records.length, bad: [] });

  const id = await usage.draft({ period: PERIOD });
  await connect.usageFiles.upload(id, built.workbook, 'usage.xlsx');
  await box.control.usage.untilSettled(id, { statuses: ['ready', 'invalid'] });
  expect(await connect.usageFiles.get(id)).toMatchObject({ status: 'ready', records: { valid: 8, invalid: 0 } });
  const inConnect = createStoredTally();
  for await (const record of connect.usageRecords.ofFile(id)) inConnect.add(record);
  const { rows, totals, isTelling, shares } = inConnect.result();
  expect([rows, isTelling, shares]).toEqual([records.length, true, built.digests?.shares]);
  expect(sameTotals(totals, built.totals)).toBe(true);
});
