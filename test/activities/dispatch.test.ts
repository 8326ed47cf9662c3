import { expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { PollMemory } from '../../src/domain/poll';
import type { RequestToStart } from '../../src/domain/request-run';
import { approve } from '../../src/sdk';
import { EASY, useActivities } from './start';

const { box, activities, run, failureOf, log } = useActivities();

const memory = (more: Partial<PollMemory> = {}): PollMemory => {
  const now = new Date().toISOString();
  return { watermark: new Date(Date.parse(now) - 60_000).toISOString(), sweptAt: now, held: [], ...more };
};
const idsOf = (requests: readonly { id: string }[]) => requests.map(({ id }) => id);
const gets = async () =>
  (await box.control.counters()).calls.map(({ method, path, statuses }) => [method, path, statuses]);

/** What Connect lists in place of its own. */
const listing = (json: unknown) =>
  box.control.fault({ api: 'connect', method: 'GET', path: '/requests', json, headers: { 'Content-Range': '0-0/1' } });

test('an idle round makes exactly two calls', async () => {
  const result = await run(activities(), 'dispatchPending', [memory()]);
  expect(await gets()).toEqual([
    ['GET', '/tier/config-requests', { 200: 1 }],
    ['GET', '/requests', { 200: 1 }],
  ]);
  expect(result).toMatchObject({ sweep: false, started: 0, running: 0, held: [], unhandled: 0, troubled: 0 });
});

test('a first round of nothing makes three: it looks for what is overdue', async () => {
  expect(await run(activities(), 'dispatchPending', [])).toMatchObject({ sweep: true, started: 0, overdue: 0 });
  expect(await gets()).toEqual([
    ['GET', '/tier/config-requests', { 200: 1 }],
    ['GET', '/requests', { 200: 2 }],
  ]);
});

test.each([250, 5_000])('%i pending requests are all started, each once', async (count) => {
  const placed = await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count });
  const all = activities();
  const result = await run(all, 'dispatchPending', []);
  expect(result).toMatchObject({ sweep: true, started: count, troubled: 0, held: [] });
  expect(new Set(idsOf(all.started))).toEqual(new Set(idsOf(placed)));
  expect(all.started).toHaveLength(count);
});

test('the oldest request is started first, whatever order Connect lists them in and whatever zone it tells times in', async () => {
  const created = ['2026-11-24T12:00:00+00:00', '2026-11-24T12:30:00+02:00', '2026-11-24T11:00:00.5Z', ''];
  await listing(
    created.map((at, n) => ({
      id: `PR-${n}`,
      type: 'purchase',
      created: at,
      asset: { id: `AS-${n}`, product: { id: 'PRD-1' } },
    })),
  );
  const all = activities();
  await run(all, 'dispatchPending', []);
  expect(idsOf(all.started)).toEqual(['PR-3', 'PR-1', 'PR-2', 'PR-0']);
});

test('what is latest by its service level is started before older requests, of either kind', async () => {
  const ids: string[] = [];
  for (const sliZone of [undefined, 0, 2, 12]) {
    ids.push((await box.control.placePurchase(sliZone === undefined ? {} : { sliZone })).id);
  }
  const { tiered } = box.sandbox.products;
  await box.control.placePurchase({ product: tiered, reseller: 'in time', sliZone: 1 });
  await box.control.placePurchase({ product: tiered, reseller: 'late', sliZone: 3 });
  const tiers = (await box.control.state()).tierConfigRequests.filter(({ level }) => level === 2);
  const [inTime, late] = idsOf(tiers);
  const all = activities();
  await run(all, 'dispatchPending', []);
  expect(all.started.map(({ id, sliZone }) => [id, sliZone])).toEqual([
    ...[
      [late, 3],
      [inTime, 1],
    ],
    ...[
      [ids[3], 12],
      [ids[2], 2],
      [ids[0], undefined],
      [ids[1], 0],
    ],
  ]);
});

test('a service level that cannot be read is as none', async () => {
  const levels = [{ zone: '2' }, { zone: 'red' }, null, {}];
  await listing(
    levels.map((sli, n) => ({
      id: `PR-${n}`,
      type: 'purchase',
      created: `2026-11-24T12:0${n}:00+00:00`,
      sli,
      asset: { id: `AS-${n}`, product: { id: 'PRD-1' } },
    })),
  );
  const all = activities();
  await run(all, 'dispatchPending', []);
  expect(all.started.map(({ sliZone }) => sliZone)).toEqual([2, undefined, undefined, undefined]);
});

test('of one subscription the older request goes first, however late another is', async () => {
  const { asset } = await box.control.seedSubscription();
  const change = await box.control.placeOrder({ type: 'change', asset, sliZone: 0 });
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset, sliZone: 3 });
  const all = activities({ vendor: { change: async () => approve(), adjustment: async () => approve() } });
  const result = await run(all, 'dispatchPending', []);
  expect([idsOf(all.started), result]).toEqual([
    [change.id],
    expect.objectContaining({ behind: 1, held: [adjustment.id] }),
  ]);
});

test('tells the workflow what it needs to be found by', async () => {
  const { id, asset, product } = await box.control.placePurchase();
  const all = activities({
    vendor: { purchase: { find: async () => undefined, create: async () => approve(), timeLimitSeconds: 300 } },
  });
  await run(all, 'dispatchPending', []);
  expect(all.started).toEqual([
    {
      id,
      type: 'purchase',
      productId: product.id,
      assetId: asset.id,
      handlerSeconds: 300,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    },
  ]);
});

test('tier 2 comes before tier 1, and both before fulfillment requests, whatever their age', async () => {
  const { plain, tiered } = box.sandbox.products;
  const purchase = await box.control.placePurchase({ product: plain });
  await box.control.placePurchase({ product: tiered, reseller: 'one' });
  await box.control.placePurchase({ product: tiered, reseller: 'two' });
  const tiers = (await box.control.state()).tierConfigRequests;
  const two = tiers.filter(({ level }) => level === 2).map(({ id }) => id);
  // Connect holds tier 1 back until tier 2 is approved; approve one, so that both kinds are pending
  const all = activities();
  await run(all, 'saveTierParams', [two[0]!, [{ id: 'reseller_id', value: 'R-1' }]]);
  await run(all, 'approveTierConfigRequest', [two[0]!, 'TL-100-002-003']);
  const one = tiers.find(({ level, reseller }) => level === 1 && reseller === 'one')!.id;

  await run(all, 'dispatchPending', []);
  expect(all.started).toMatchObject([
    { id: two[1], type: 'tier-setup' },
    { id: one, type: 'tier-setup' },
    { id: purchase.id, type: 'purchase' },
  ]);
});

test('starts only requests of our products', async () => {
  const { plain, faulty } = box.sandbox.products;
  const ours = await box.control.placePurchase({ product: plain });
  await box.control.placePurchase({ product: faulty });
  const all = activities({ products: [plain] });
  await run(all, 'dispatchPending', []);
  expect(idsOf(all.started)).toEqual([ours.id]);
});

test('counts a request that is running already, and does not take it for a fault', async () => {
  await box.control.placePurchase();
  const all = activities({ startRequest: async () => 'running' });
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 0, running: 1, troubled: 0 });
});

test('starts a request that cannot be read by its id alone, so that its run shows the trouble', async () => {
  const good = { id: 'PR-2', type: 'purchase', created: '', asset: { id: 'AS-2', product: { id: 'PRD-1' } } };
  await listing([{ id: 'PR-1', type: 'purchase' }, { type: 'purchase' }, good]);
  const all = activities();
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 2, troubled: 0 });
  expect(all.started).toMatchObject([{ id: 'PR-1', type: 'unreadable' }, { id: 'PR-2' }]);
  const said = log.filter(({ level }) => level === 'ERROR').map(({ requestId, problem }) => [requestId, problem]);
  expect(said).toEqual([
    ['PR-1', expect.stringContaining('asset')],
    [undefined, expect.stringContaining('id')],
  ]);
});

test('starts what a list gave before one of its pages failed, then fails, so that the next round looks again', async () => {
  const { plain } = box.sandbox.products;
  await box.control.placeOrders({ type: 'purchase', product: plain, count: 1_001 });
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests', containing: 'offset=1000', status: 500 });
  const all = activities();
  expect(await failureOf(all, 'dispatchPending', [])).toMatchObject({ type: 'ConnectUnavailable' });
  expect(all.started).toHaveLength(1_000);
});

test('starts fulfillment requests although tier config requests cannot be listed', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ api: 'connect', method: 'GET', path: '/tier/config-requests', status: 503 });
  const all = activities();
  await failureOf(all, 'dispatchPending', [memory()]);
  expect(idsOf(all.started)).toEqual([id]);
});

test('the attempt after one that could not list the tier config requests does not pass them over', async () => {
  await box.control.placePurchase();
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  await box.control.fault({ api: 'connect', method: 'GET', path: '/tier/config-requests', status: 503, times: 1 });
  const all = activities();
  let heartbeatDetails: unknown;
  await failureOf(all, 'dispatchPending', [], {
    onHeartbeat: (details) => (heartbeatDetails = structuredClone(details)),
  });
  const before = all.started.length;

  await run(all, 'dispatchPending', [], { attempt: 2, heartbeatDetails });
  expect(idsOf(all.started.slice(before))).toContainEqual(expect.stringMatching(/^TCR-/));
});

test('a request that cannot be started stops nobody, and is looked at first in the next round', async () => {
  const placed = await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count: 3 });
  const bad = placed[1]!.id;
  const started: string[] = [];
  const startRequest = async ({ id }: RequestToStart) => {
    if (id === bad && started.length < 3) throw new Error('too many open runs');
    started.push(id);
    return 'started' as const;
  };
  const all = activities({ startRequest });
  const result = await run(all, 'dispatchPending', []);
  expect(result).toMatchObject({ started: 2, troubled: 1, held: [bad] });
  expect(log).toContainEqual(expect.objectContaining({ requestId: bad, error: 'Error: too many open runs' }));

  started.push('…');
  const later = new Date(Date.now() + 60_000).toISOString(); // nothing has changed since
  expect(await run(all, 'dispatchPending', [memory({ ...result, watermark: later })])).toMatchObject({
    started: 1,
    held: [],
  });
  expect(started).toContain(bad);
});

test('fails where nothing can be started at all, since then the Temporal server is at fault', async () => {
  await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count: 3 });
  const startRequest = () => Promise.reject(new Error('connection refused'));
  const failure = await failureOf(activities({ startRequest }), 'dispatchPending', []);
  expect(failure).toMatchObject({ type: 'Internal', message: expect.stringContaining('connection refused') });
});

/** Starts all requests but those, which fail with that error. */
const allBut = (bad: readonly string[], error: Error = new Error('too many open runs')) =>
  activities({
    startRequest: async ({ id }) => {
      if (bad.includes(id)) throw error;
      return 'started' as const;
    },
  });

test('a few that cannot be started do not fail a round, although they are the last of it', async () => {
  const placed = await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count: 22 });
  await run(activities(), 'dispatchPending', []);
  const bad = idsOf(placed).slice(20);
  expect(await run(allBut(bad), 'dispatchPending', [])).toMatchObject({ started: 20, troubled: 2, held: bad });
});

test('one that cannot be started does not fail a round, although there is no other', async () => {
  const { id } = await box.control.placePurchase({ product: box.sandbox.products.plain });
  expect(await run(allBut([id]), 'dispatchPending', [])).toMatchObject({ started: 0, troubled: 1, held: [id] });
});

test('requests that are refused as such do not fail a round, although there are no others', async () => {
  const placed = await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count: 2 });
  const bad = idsOf(placed);
  const all = allBut(bad, new RangeError('no id of a request'));
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 0, troubled: 2, held: bad });
});

test('a round ends where the Temporal server fails amid it: twenty at once are not at fault', async () => {
  const placed = await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count: 50 });
  const all = allBut(idsOf(placed).slice(20));
  expect(await failureOf(all, 'dispatchPending', [])).toMatchObject({ type: 'Internal' });
  expect(log.filter(({ message }) => message.startsWith('a request could not be started'))).toHaveLength(20);
});

test('an attempt after a crash goes on behind what was started, and leaves nothing out', async () => {
  const placed = await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count: 50 });
  const cursors: unknown[] = [];
  const first = activities();
  await run(first, 'dispatchPending', [], { onHeartbeat: (details) => cursors.push(structuredClone(details)) });
  expect(cursors).toHaveLength(3); // one for each twenty

  const second = activities();
  const result = await run(second, 'dispatchPending', [], { attempt: 2, heartbeatDetails: cursors[0] });
  expect(second.started).toHaveLength(30);
  expect(result).toMatchObject({ started: 50 });
  expect(new Set(idsOf([...first.started.slice(0, 20), ...second.started]))).toEqual(new Set(idsOf(placed)));
});

test('the round after one that crashed lists everything: what was behind then may be first by now', async () => {
  const { asset } = await box.control.seedSubscription();
  const change = await box.control.placeOrder({ type: 'change', asset });
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset });
  const all = activities({ vendor: { ...EASY, adjustment: async () => approve() } });
  let heartbeatDetails: unknown;
  await run(all, 'dispatchPending', [], {
    onHeartbeat: (details) => (heartbeatDetails = { ...structuredClone(details as object), after: '3' }), // others came behind both
  });
  await run(all, 'approveRequest', [change.id, 'TL-100-001-001']);

  const resumed = await run(all, 'dispatchPending', [], { attempt: 2, heartbeatDetails });
  expect(idsOf(all.started)).toEqual([change.id]);
  const watermark = new Date(Date.now() + 60_000).toISOString(); // nothing has changed since
  expect(await run(all, 'dispatchPending', [{ ...resumed, watermark }])).toMatchObject({ sweep: true, started: 1 });
  expect(idsOf(all.started)).toEqual([change.id, adjustment.id]);
});

test('the round after one whose list did not come to rest lists everything', async () => {
  const all = activities();
  const requests = { ...all.connect.requests };
  let reading = 0;
  requests.list = async function* () {
    reading++;
    const unreadable = [{ id: `PR-${reading}`, problem: 'with asset not as expected' }];
    const page = { items: [], unreadable, total: 2, answeredAt: new Date().toISOString() };
    yield page;
    yield page;
  };
  const result = await run(activities({ connect: { ...all.connect, requests } }), 'dispatchPending', []);
  expect(result).toMatchObject({ sweep: true, started: reading, watermark: expect.any(String) });
  expect(result).not.toHaveProperty('sweptAt');
});

test('what came between a crash and the next attempt, and stands before its place, is left to the next round', async () => {
  await box.control.placePurchase();
  const lookedAt = '2026-01-01T00:00:00.000Z';
  const heartbeatDetails = { after: '3', lookedAt, started: 0, running: 0, troubled: [] };
  const all = activities();
  const result = await run(all, 'dispatchPending', [], { attempt: 2, heartbeatDetails });
  expect(all.started).toEqual([]);
  expect(result.watermark).toBe('2025-12-31T23:59:00.000Z'); // the next round sees all that changed since the first look
});

test("the next look begins a minute before Connect's own time of this one", async () => {
  const date = 'Tue, 24 Nov 2026 10:00:00 GMT';
  const list = { api: 'connect' as const, method: 'GET', json: [], headers: { Date: date } };
  await box.control.fault({ ...list, path: '/tier/config-requests' });
  const first = await run(activities(), 'dispatchPending', []);
  expect(first).toMatchObject({
    sweep: true,
    sweptAt: '2026-11-24T10:00:00.000Z',
    watermark: '2026-11-24T09:59:00.000Z',
  });

  const later = await run(activities(), 'dispatchPending', [{ ...first, sweptAt: '2026-11-24T09:50:00.000Z' }]);
  expect(later).toMatchObject({
    sweep: false,
    sweptAt: '2026-11-24T09:50:00.000Z',
    watermark: '2026-11-24T09:59:00.000Z',
  });
});

test('lists everything again after a quarter of an hour', async () => {
  const sweptAt = new Date(Date.now() - 15 * 60_000 - 1_000).toISOString();
  expect(await run(activities(), 'dispatchPending', [memory({ sweptAt })])).toMatchObject({ sweep: true });
});

test('between sweeps, sees what changed and leaves alone what did not', async () => {
  const { id } = await box.control.placePurchase();
  const all = activities();
  const ahead = new Date(Date.now() + 60_000).toISOString();
  await run(all, 'dispatchPending', [memory({ watermark: ahead })]);
  expect(all.started).toEqual([]);
  await run(all, 'dispatchPending', [memory()]);
  expect(idsOf(all.started)).toEqual([id]);
});

test('looks again at what was held back, although it has not changed', async () => {
  const { id } = await box.control.placePurchase();
  const all = activities();
  const watermark = new Date(Date.now() + 60_000).toISOString();
  await run(all, 'dispatchPending', [memory({ watermark, held: [id, 'TCR-000-000-000-001', 'nonsense'] })]);
  expect(idsOf(all.started)).toEqual([id]);
});

test('lists everything rather than hundreds of held requests by their ids', async () => {
  const held = Array.from({ length: 501 }, (_, n) => `PR-${n}`);
  expect(await run(activities(), 'dispatchPending', [memory({ held })])).toMatchObject({ sweep: true });
});

test('of an adjustment beside a change only the older goes on, and the other one after it', async () => {
  const { asset } = await box.control.seedSubscription();
  const change = await box.control.placeOrder({ type: 'change', asset });
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset });
  const all = activities({ vendor: { ...EASY, adjustment: async () => approve() } });
  const result = await run(all, 'dispatchPending', []);
  expect(result).toMatchObject({ started: 1, behind: 1, held: [adjustment.id] });
  expect(idsOf(all.started)).toEqual([change.id]);

  await run(all, 'approveRequest', [change.id, 'TL-100-001-001']);
  const watermark = new Date(Date.now() + 60_000).toISOString();
  expect(await run(all, 'dispatchPending', [memory({ watermark, held: result.held })])).toMatchObject({ behind: 0 });
  expect(idsOf(all.started)).toEqual([change.id, adjustment.id]);
});

test('a change that its customer answers while an adjustment has an open run waits until that is done', async () => {
  const { asset } = await box.control.seedSubscription();
  const change = await box.control.placeOrder({ type: 'change', asset });
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset });
  const open = new Set([adjustment.id]);
  const all = activities({
    vendor: { ...EASY, adjustment: async () => approve() },
    startRequest: async ({ id }) => (open.has(id) ? 'running' : (open.add(id), 'started')),
    isOpen: async (id) => open.has(id),
  });
  const result = await run(all, 'dispatchPending', []);
  expect(result).toMatchObject({ started: 0, running: 1, behind: 1, held: [change.id] });

  open.delete(adjustment.id);
  await run(all, 'approveRequest', [adjustment.id, 'TL-100-001-001']);
  const watermark = new Date(Date.now() + 60_000).toISOString();
  const next = await run(all, 'dispatchPending', [memory({ watermark, held: result.held })]);
  expect(next).toMatchObject({ started: 1, behind: 0 });
  expect([...open]).toEqual([change.id]);
});

test('an older request of the same subscription goes first although it has not changed lately', async () => {
  const { asset } = await box.control.seedSubscription();
  const change = await box.control.placeOrder({ type: 'change', asset });
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset });
  const listed = { id: adjustment.id, type: 'adjustment', created: '2999-01-01T00:00:00+00:00' };
  const json = [{ ...listed, asset: { id: asset, product: adjustment.product } }];
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests', containing: 'ge(updated', json });
  const all = activities({ vendor: { ...EASY, adjustment: async () => approve() } });
  expect(await run(all, 'dispatchPending', [memory()])).toMatchObject({ started: 1, behind: 1, held: [adjustment.id] });
  expect(idsOf(all.started)).toEqual([change.id]);
});

test('a type without a handler is left to a person, and said once', async () => {
  const { asset } = await box.control.seedSubscription();
  const { id } = await box.control.placeOrder({ type: 'suspend', asset });
  const all = activities();
  for (const _ of [1, 2, 3]) {
    expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 0, unhandled: 1, held: [] });
  }
  expect(log.filter(({ message }) => message.startsWith('left pending'))).toEqual([
    expect.objectContaining({ level: 'WARN', requestId: id, type: 'suspend' }),
  ]);
});

test('a type without a handler is said again once it was gone from a full list', async () => {
  const { asset } = await box.control.seedSubscription();
  const { id } = await box.control.placeOrder({ type: 'suspend', asset });
  const all = activities();
  const said = () => log.filter(({ message, requestId }) => message.startsWith('left pending') && requestId === id);
  await run(all, 'dispatchPending', []);
  const empty = await box.control.fault({ api: 'connect', method: 'GET', path: '/requests', json: [] });
  await run(all, 'dispatchPending', [memory()]); // lists changes alone, so it tells nothing of the rest
  await box.control.clearFault(empty.id);
  await run(all, 'dispatchPending', []);
  expect(said()).toHaveLength(1);

  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests', json: [], times: 1 });
  await run(all, 'dispatchPending', []);
  await run(all, 'dispatchPending', []);
  expect(said()).toHaveLength(2);
});

test('a type without a handler does not hold back a younger request of its subscription', async () => {
  const { asset } = await box.control.seedSubscription();
  await box.control.placeOrder({ type: 'change', asset });
  const adjustment = await box.control.placeOrder({ type: 'adjustment', asset });
  const { change: _, ...vendor } = EASY;
  const all = activities({ vendor: { ...vendor, adjustment: async () => approve() } });
  await run(all, 'dispatchPending', []);
  expect(idsOf(all.started)).toEqual([adjustment.id]);
});

test('a round succeeds although the runs in each phase cannot be counted', async () => {
  await box.control.placePurchase();
  const all = activities({ countInPhase: () => Promise.reject(new Error('no visibility')) });
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ started: 1 });
  expect(log).toContainEqual(expect.objectContaining({ level: 'WARN', error: 'Error: no visibility' }));
});

test('a round that is cancelled stops, and takes no half list for a whole one', async () => {
  await box.control.placePurchase();
  const { id: fault } = await box.control.fault({ api: 'connect', method: 'GET', path: '/requests', hang: true });
  const all = activities();
  const environment = new MockActivityEnvironment();
  const round = environment.run(all.dispatchPending).catch((error: unknown) => error);
  while ((await box.control.getFault(fault)).hits === 0); // until it has arrived
  environment.cancel();
  expect(await round).toBeInstanceOf(Error);
  expect(await round).not.toBeInstanceOf(ApplicationFailure);
  expect(all.started).toEqual([]);
});

test('a round that is cancelled while it starts begins no further batch', async () => {
  await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count: 50 });
  const environment = new MockActivityEnvironment();
  let started = 0;
  const { dispatchPending } = activities({
    startRequest: async () => {
      if (++started === 5) environment.cancel();
      return 'started';
    },
  });
  await expect(environment.run(dispatchPending)).rejects.toThrow('CANCELLED');
  expect(started).toBe(20);
});
