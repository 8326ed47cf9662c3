import { expect, test } from '@jest/globals';
import type { PollMemory } from '../../src/domain/poll';
import type { Selection } from '../../src/domain/selection';
import { approve } from '../../src/sdk';
import { PRODUCTION } from '../support/selection';
import { EASY, useActivities } from './start';

const { box, activities, run, log } = useActivities();

const selecting = (selection: Partial<Selection> = {}, given: Parameters<typeof activities>[0] = {}) =>
  activities({ selectionOf: () => ({ ...PRODUCTION, ...selection }), ...given });
const idsOf = (requests: readonly { id: string }[]) => requests.map(({ id }) => id);
const memory = (more: Partial<PollMemory> = {}): PollMemory => {
  const now = new Date().toISOString();
  return { watermark: new Date(Date.parse(now) - 60_000).toISOString(), sweptAt: now, held: [], ...more };
};
const saidOf = (id: string) => log.filter(({ requestId }) => requestId === id).map(({ message }) => message);

test('what is not selected is not started, is counted by reason, and costs no call', async () => {
  const { tiered, usage } = box.sandbox.products;
  const [ours] = await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain });
  for (const connection of ['test', 'preview']) await box.control.placePurchase({ connection });
  await box.control.placePurchase({ product: usage, marketplace: 'MP-10002' });
  await box.control.placePurchase({ assignee: 'UR-000-000-007' });
  await box.control.placePurchase({ product: tiered, connection: 'test' }); // its tier config request
  await box.control.clearCounters();

  const all = selecting({ marketplaces: { allowed: ['MP-10001'], denied: [] } });
  expect(await run(all, 'dispatchPending', [])).toMatchObject({
    started: 1,
    unhandled: 0,
    behind: 0,
    held: [],
    left: { product: 0, type: 0, connection: 3, marketplace: 1, contract: 0, assignee: 1 },
  });
  expect(idsOf(all.started)).toEqual([ours!.id]);
  expect((await box.control.counters()).calls.map(({ path }) => path)).toEqual(['/tier/config-requests', '/requests']);
});

test('why a request is left is said once, and again when the reason is another one', async () => {
  const { id } = await box.control.placePurchase({ connection: 'test' });
  let selection = PRODUCTION;
  const all = activities({ selectionOf: () => selection });
  for (const memo of [undefined, memory(), memory()]) await run(all, 'dispatchPending', memo ? [memo] : []);
  expect(saidOf(id)).toEqual(['left pending: the connection type test is not processed']);
  selection = { ...PRODUCTION, process: false };
  await run(all, 'dispatchPending', [memory()]);
  expect(saidOf(id)).toHaveLength(2);
  selection = { ...PRODUCTION, connectionTypes: ['test'] };
  expect(await run(all, 'dispatchPending', [memory()])).toMatchObject({ started: 1 });
});

test('a request that a person has taken keeps its place: the younger one of its subscription waits', async () => {
  const { asset } = await box.control.seedSubscription();
  const change = await box.control.placeOrder({ type: 'change', asset, assignee: 'UR-000-000-007' });
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset });
  const all = selecting({}, { vendor: { ...EASY, adjustment: async () => approve() } });
  const result = await run(all, 'dispatchPending', []);
  expect(result).toMatchObject({ started: 0, behind: 1, left: { assignee: 1 }, held: [adjustment.id] });

  await run(all, 'approveRequest', [change.id, 'TL-100-001-001']); // the person is done
  const watermark = new Date(Date.now() + 60_000).toISOString();
  await run(all, 'dispatchPending', [memory({ watermark, held: result.held })]);
  expect(idsOf(all.started)).toEqual([adjustment.id]);
});

test('an older request waits beside a younger whose run is open, although a person has been given that meanwhile', async () => {
  const { asset } = await box.control.seedSubscription();
  const change = await box.control.placeOrder({ type: 'change', asset });
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset, assignee: 'UR-000-000-007' });
  const vendor = { ...EASY, adjustment: async () => approve() };
  const all = selecting({}, { vendor, isOpen: async (id) => id === adjustment.id });
  const result = await run(all, 'dispatchPending', []);
  expect(result).toMatchObject({ started: 0, behind: 1, left: { assignee: 1 }, held: [change.id] });
});

test('a type that is switched off holds up nobody, as one without a handler does not', async () => {
  const { asset } = await box.control.seedSubscription();
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset });
  const change = await box.control.placeOrder({ type: 'change', asset });
  const vendor = { ...EASY, adjustment: async () => approve() };
  const all = selecting({ typesOff: ['adjustment'] }, { vendor });
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 1, left: { type: 1 } });
  expect(idsOf(all.started)).toEqual([change.id]);
  expect(saidOf(adjustment.id)).toEqual([
    expect.stringMatching(/^left pending: adjustment of PRD-\S+ is switched off$/),
  ]);
});

test('a run whose request is not selected any more asks nobody; that somebody was given it makes no difference', async () => {
  const { id } = await box.control.placePurchase({ assignee: 'UR-000-000-007' });
  expect(await run(selecting(), 'askVendor', [id])).toMatchObject({ kind: 'approve' });
  expect(await run(selecting({ connectionTypes: ['test'] }), 'askVendor', [id])).toEqual({
    kind: 'noop',
    status: 'pending',
    reason: 'The request is left for a person: the connection type production is not processed.',
  });
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  const [tier] = (await box.control.state()).tierConfigRequests;
  const off = selecting({ typesOff: ['tier-setup'] });
  expect(await run(off, 'askVendorForTierConfig', [tier!.id])).toMatchObject({ kind: 'noop', status: 'pending' });
});

test('an assignee is read in each form that Connect has for it', async () => {
  const asset = (n: number) => ({ id: `AS-${n}`, product: { id: 'PRD-1' }, connection: { type: 'production' } });
  const assignees = ['', null, {}, 'UR-1', { id: 'UR-2', name: '', email: 'ada@vendor.example' }, { id: 'SU-1' }];
  const json = assignees.map((assignee, n) => ({ id: `PR-${n}`, type: 'purchase', asset: asset(n), assignee }));
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests', json });
  const all = selecting();
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 4, left: { assignee: 2 } });
  expect(idsOf(all.started)).toEqual(['PR-0', 'PR-1', 'PR-2', 'PR-5']);
  expect([saidOf('PR-3'), saidOf('PR-4')]).toEqual([
    ['left pending: it is assigned to UR-1'],
    ['left pending: it is assigned to ada@vendor.example (UR-2)'],
  ]);
});
