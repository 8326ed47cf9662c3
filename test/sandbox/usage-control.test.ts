import { beforeEach, describe, expect, test } from '@jest/globals';
import { useSandbox } from './start';
import { EUROPE, OVERSEAS, PERIOD, rowFor, usageOf, workbook } from './usage';

const box = useSandbox();
const usage = usageOf(box);

beforeEach(() => box.control.set({ usageProcessingMs: 0 }));

const submit = (id: string) => box.vendor('POST', `/usage/files/${id}/submit`);

test('shows every file in short, with what took effect on it', async () => {
  const id = await usage.ready(2, { external_id: 'E-1' });
  const [file] = await box.control.usage.files();
  expect(file).toEqual({
    id,
    name: 'October',
    external_id: 'E-1',
    status: 'ready',
    product: { id: box.sandbox.products.usage },
    contract: { id: EUROPE },
    currency: 'EUR',
    schema: 'QT',
    period: PERIOD,
    effects: { create: 1, upload: 1 },
    records: { total: 2, valid: 2, invalid: 0, closed: 0 },
    error_detail: '',
    acceptance_note: '',
    rejection_note: '',
  });
  const { usageFiles, counts } = await box.control.state();
  expect([usageFiles, counts.usageFiles]).toEqual([[file], { ready: 1 }]);
  expect((await box.control.counts()).usageFiles).toEqual({ ready: 1 });
  await box.control.reset();
  expect(await box.control.usage.files()).toEqual([]);
});

test('gives the distributor’s verdicts, and refuses them in a wrong state as Connect does', async () => {
  const id = await usage.ready();
  await expect(box.control.usage.accept(id)).rejects.toMatchObject({ status: 400, body: { error_code: 'USG_001' } });
  await submit(id);
  expect(await box.control.usage.accept(id, 'Fine.')).toMatchObject({ status: 'accepted', acceptance_note: 'Fine.' });
  await expect(box.control.usage.reject(id)).rejects.toMatchObject({ status: 400 });
  expect(await box.control.usage.close(id)).toMatchObject({ status: 'closed', records: { closed: 1 } });

  const other = await usage.ready();
  await submit(other);
  expect(await box.control.usage.reject(other, 'No.')).toMatchObject({ status: 'rejected', rejection_note: 'No.' });
  await expect(box.control.usage.accept('UF-1')).rejects.toMatchObject({ status: 404 });
});

test('tells when a file settles, and what happened where it does not', async () => {
  const id = await usage.ready();
  const settled = box.control.usage.untilSettled(id);
  const files = box.control.usage.untilFiles(([file]) => file?.status === 'pending');
  await submit(id);
  expect([await settled, (await files).length]).toEqual(['pending', 1]);
  const late = box.control.usage.untilSettled(id, { statuses: ['closed'], timeoutMs: 20 });
  await expect(late).rejects.toThrow(`${id} is pending after 20 ms`);
  const never = box.control.usage.untilFiles((all) => all.length > 1, 20);
  await expect(never).rejects.toThrow(`not as wanted after 20 ms: ${id} pending`);
  await expect(box.control.usage.untilSettled('UF-1')).rejects.toMatchObject({ status: 404 });
});

test('finds records that stand in two submitted files', async () => {
  const asset = await usage.asset();
  const report = async (...recordIds: string[]) => {
    const id = await usage.draft();
    await usage.judged(id, await workbook(recordIds.map((record_id) => rowFor(asset, { record_id }))));
    await submit(id);
    return id;
  };
  await report('a', 'b');
  const second = await report('b', 'c');
  expect(await box.control.usage.doubled()).toEqual(['b']);
  await box.control.usage.reject(second);
  expect(await box.control.usage.doubled()).toEqual([]);
});

test('has subscriptions of the usage product under either contract', async () => {
  const { usage: product, plain } = box.sandbox.products;
  await box.control.seedSubscriptions({ product, count: 2 });
  const [there] = await box.control.seedSubscriptions({ product, marketplace: 'MP-10002' });
  const inContract = (contract: string) =>
    box.ids(`/assets?and(eq(contract.id,${contract}),eq(product.id,${product}))`);
  expect((await inContract(EUROPE)).length).toBe(2);
  expect(await inContract(OVERSEAS)).toEqual([there?.asset]);
  expect((await box.vendor('GET', `/assets/${there?.asset}`)).body).toMatchObject({
    marketplace: { id: 'MP-10002' },
    connection: { id: 'CT-1000-0003', type: 'production', hub: { id: 'HB-1000-0002' } },
  });
  const elsewhere = box.control.placePurchase({ product: plain, marketplace: 'MP-10002' });
  await expect(elsewhere).rejects.toMatchObject({
    status: 400,
    body: { errors: [expect.stringMatching(/no Listing/)] },
  });
  await expect(box.control.placePurchase({ product, marketplace: 'MP-1' })).rejects.toMatchObject({ status: 400 });
});

test('sells in two currencies', async () => {
  const { body } = await box.vendor('GET', '/marketplaces?ordering(id)');
  expect(body.map((one: { id: string; currency: string }) => [one.id, one.currency])).toEqual([
    ['MP-10001', 'EUR'],
    ['MP-10002', 'USD'],
  ]);
  const contracts = await box.vendor('GET', '/contracts?and(in(type,(distribution)),in(status,(active)))');
  expect(contracts.body).toMatchObject([
    { id: EUROPE, marketplace: { id: 'MP-10001' } },
    { id: OVERSEAS, marketplace: { id: 'MP-10002' } },
  ]);
});

test('describes the usage product: its items, how it reports, what it reconciles by', async () => {
  const { usage: product } = box.sandbox.products;
  const { body } = await box.vendor('GET', `/products/${product}/items`);
  const short = body.map((item: { mpn: string; type: string; precision: string }) => [
    item.mpn,
    item.type,
    item.precision,
  ]);
  expect(short).toEqual([
    ['SEAT', 'Reservation', 'Integer'],
    ['CALLS', 'PPU', 'Integer'],
    ['TRANSFER', 'PPU', 'Decimal(2)'],
  ]);
  const reconciling = await box.vendor('GET', `/products/${product}/parameters?eq(constraints.reconciliation,true)`);
  expect(reconciling.body).toMatchObject([{ name: 'subscription_id', phase: 'fulfillment' }]);

  const ppu = async () => (await box.vendor('GET', `/products/${product}`)).body.capabilities.ppu;
  expect(await ppu()).toMatchObject({ schema: 'QT', dynamic: false });
  await box.control.usage.setPayAsYouGo(product, { schema: 'TR' });
  await box.control.usage.setPayAsYouGo(product, { dynamic: true });
  expect(await ppu()).toMatchObject({ schema: 'TR', dynamic: true });
  await box.control.reset();
  expect(await ppu()).toMatchObject({ schema: 'QT', dynamic: false });
});

describe('faults', () => {
  test('lose the answer of an upload that was taken', async () => {
    const id = await usage.draft();
    const content = await workbook([rowFor(await usage.asset())]);
    const fault = { api: 'connect', method: 'POST', path: '/usage/files/*/upload', times: 1 } as const;
    await box.control.fault({ ...fault, reset: 'after', containing: 'usage.xlsx' });
    await expect(usage.upload(id, content)).rejects.toThrow();
    expect(await box.control.usage.untilSettled(id, { statuses: ['ready'] })).toBe('ready');
    expect(await box.control.effects(id, 'upload')).toBe(1);
  });

  test('keep a submission from being made', async () => {
    const id = await usage.ready();
    await box.control.fault({
      api: 'connect',
      method: 'POST',
      path: `/usage/files/${id}/submit`,
      times: 1,
      status: 503,
    });
    expect([(await submit(id)).status, await usage.status(id)]).toEqual([503, 'ready']);
    expect((await submit(id)).status).toBe(200);
    const { calls } = await box.control.counters();
    const statuses = { 200: 1, 503: 1 };
    expect(calls).toContainEqual(expect.objectContaining({ path: '/usage/files/{id}/submit', statuses }));
  });

  test('meet the files behind links too', async () => {
    const { body } = await usage.file(await usage.ready());
    await box.control.fault({ api: 'connect', method: 'GET', path: '/downloads/**', status: 500, times: 1 });
    expect((await fetch(body.processed_file_uri)).status).toBe(500);
    expect((await fetch(body.processed_file_uri)).status).toBe(200);
  });
});

test('a reset while a workbook is read leaves nothing behind', async () => {
  const id = await usage.draft();
  await usage.upload(id, await workbook([rowFor(await usage.asset())]));
  await box.control.reset();
  const next = await usage.draft();
  expect(next).not.toBe(id);
  expect(await usage.judged(next, await workbook([rowFor(await usage.asset())]))).toMatchObject({
    body: { status: 'ready' },
  });
  expect(await box.control.usage.files()).toHaveLength(1);
});
