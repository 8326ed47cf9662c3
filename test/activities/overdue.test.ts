import { expect, test } from '@jest/globals';
import type { PollMemory } from '../../src/domain/poll';
import type { Selection } from '../../src/domain/selection';
import { PRODUCTION } from '../support/selection';
import { EASY, useActivities } from './start';

const { box, activities, run, log } = useActivities();

const OVER = '2026-03-01T00:00:00+00:00';

/** A change that is scheduled in Connect for a date. */
async function scheduled(planned_date = OVER, { type = 'change', product = box.sandbox.products.plain } = {}) {
  const { asset } = await box.control.seedSubscription({ product });
  const items = [{ id: `${product}-0001`, quantity: 7 }];
  const order = { type, status: 'draft', asset: { id: asset, ...(type === 'change' && { items }) }, planned_date };
  const { body } = await box.distributor('POST', '/requests', order);
  await box.control.force(body.id as string, { status: 'scheduled' });
  return body.id as string;
}
const warnings = () => log.filter(({ level }) => level === 'WARN');

test('a full sweep counts what is overdue, and says it once, the longest first', async () => {
  const recent = await scheduled();
  const longest = await scheduled('2026-02-01T00:00:00+02:00');
  await scheduled('2099-01-01T00:00:00+00:00');
  const all = activities();
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ sweep: true, overdue: 2, started: 0, held: [] });
  expect(warnings()).toEqual([
    expect.objectContaining({
      message: 'scheduled and overdue',
      count: 2,
      requestIds: [longest, recent],
      since: '2026-02-01T00:00:00+02:00',
    }),
  ]);
});

test('of many that are overdue the log names ten', async () => {
  const ids: string[] = [];
  while (ids.length < 11) ids.push(await scheduled());
  await run(activities(), 'dispatchPending', []);
  expect(warnings()).toEqual([expect.objectContaining({ count: 11, requestIds: ids.slice(0, 10) })]);
});

test('what is put back is overdue no more', async () => {
  const id = await scheduled();
  await box.control.force(id, { status: 'pending' });
  const all = activities();
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ overdue: 0, started: 1 });
  expect(warnings()).toEqual([]);
});

test('what would be left if it were pending is not counted', async () => {
  const { plain, usage } = box.sandbox.products;
  await scheduled();
  await scheduled(OVER, { type: 'suspend' }); // no handler
  await scheduled(OVER, { product: usage }); // not ours
  const only = { products: [plain], vendor: EASY };
  expect(await run(activities(only), 'dispatchPending', [])).toMatchObject({ overdue: 1 });
  const others: Partial<Selection>[] = [{ connectionTypes: ['test'] }, { typesOff: ['change'] }, { process: false }];
  for (const selection of others) {
    const selecting = activities({ ...only, selectionOf: () => ({ ...PRODUCTION, ...selection }) });
    expect(await run(selecting, 'dispatchPending', [])).toMatchObject({ overdue: 0 });
  }
});

test('it costs one call a sweep, and none in a round that looks at changes', async () => {
  await scheduled();
  const lists = async () =>
    (await box.control.counters()).calls.find(({ path, method }) => path === '/requests' && method === 'GET')?.statuses;
  await box.control.clearCounters();
  await run(activities(), 'dispatchPending', []);
  expect(await lists()).toEqual({ 200: 2 });

  await box.control.clearCounters();
  const now = new Date().toISOString();
  const memory: PollMemory = { watermark: now, sweptAt: now, held: [] };
  expect(await run(activities(), 'dispatchPending', [memory])).not.toHaveProperty('overdue');
  expect(await lists()).toEqual({ 200: 1 });
});

test('a round is not affected where what is overdue cannot be listed', async () => {
  await scheduled();
  await box.control.placePurchase();
  const fault = { api: 'connect', method: 'GET', path: '/requests', containing: 'scheduled', status: 503 } as const;
  await box.control.fault(fault);
  const result = await run(activities(), 'dispatchPending', []);
  expect(result).toMatchObject({ sweep: true, started: 1, sweptAt: expect.any(String) });
  expect(result).not.toHaveProperty('overdue');
  expect(warnings()).toEqual([
    expect.objectContaining({ message: 'what is overdue could not be listed; the round is not affected' }),
  ]);
});
