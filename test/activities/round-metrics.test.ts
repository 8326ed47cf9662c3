import { expect, test } from '@jest/globals';
import type { MetricMeter, MetricTags } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Activities } from '../../activities';
import type { PollMemory } from '../../src/domain/poll';
import { PRODUCTION } from '../support/selection';
import { useActivities } from './start';

const { box, activities } = useActivities();

/** One round. @returns what each gauge was set to, by its name, and by its phase, kind or reason */
async function gaugesAfter({ dispatchPending }: Activities, memory?: PollMemory): Promise<Record<string, number>> {
  const set: Record<string, number> = {};
  const instrument = (name: string) => ({
    set: (value: number, labels: MetricTags = {}) =>
      void (set[[name, labels['phase'] ?? labels['kind'] ?? labels['reason'] ?? []].flat().join(' ')] = value),
    record: () => undefined,
  });
  const metricMeter = { createGauge: instrument, createHistogram: instrument } as unknown as MetricMeter;
  await new MockActivityEnvironment({}, { metricMeter, logger: new DefaultLogger('ERROR') })
    .run(dispatchPending, memory)
    .catch(() => undefined);
  return set;
}

const memory = (): PollMemory => {
  const now = new Date().toISOString();
  return { watermark: now, sweptAt: now, held: [] };
};
const OLDEST = 'connect_oldest_pending_request_age_seconds';
const ZONE = 'connect_highest_pending_sli_zone';
const ENDED = 'connect_round_ended_timestamp_seconds';

test('a round says when it ended, so that of several processes the newest can be told', async () => {
  const before = Date.now() / 1000;
  const all = activities({ countInPhase: async (phase) => (phase === 'parked' ? 2 : 1) });
  const changes = await gaugesAfter(all, memory());
  expect(changes).toEqual({
    'connect_requests_in_phase retrying': 1,
    'connect_requests_in_phase parked': 2,
    [`${ENDED} changes`]: expect.any(Number),
  });
  expect(changes[`${ENDED} changes`]).toBeGreaterThanOrEqual(before);
  expect(changes[`${ENDED} changes`]).toBeLessThanOrEqual(Date.now() / 1000);
  expect(await gaugesAfter(all)).toMatchObject({ [OLDEST]: 0, [ZONE]: 0, [`${ENDED} sweep`]: expect.any(Number) });
});

test('a sweep says the zone of the request that is latest by its service level', async () => {
  for (const sliZone of [1, 4, 0]) await box.control.placePurchase({ sliZone });
  expect(await gaugesAfter(activities())).toMatchObject({ [ZONE]: 4 });
});

test('a sweep that could not list everything tells no age, and does not count as one', async () => {
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests', status: 503 });
  const gauges = await gaugesAfter(activities());
  expect(Object.keys(gauges)).toContain(`${ENDED} changes`);
  expect(gauges).not.toHaveProperty(OLDEST);
  expect(gauges).not.toHaveProperty(ZONE);
});

test('a sweep says how many requests are left, by reason; a round that saw only changes does not', async () => {
  await box.control.placePurchase({ assignee: 'UR-000-000-007' });
  const all = activities({ selectionOf: () => PRODUCTION });
  const LEFT = 'connect_requests_left';
  expect(await gaugesAfter(all)).toMatchObject({ [`${LEFT} assignee`]: 1, [`${LEFT} connection`]: 0 });
  expect(await gaugesAfter(all, memory())).not.toHaveProperty([`${LEFT} assignee`]);
});

test('a sweep says how many scheduled requests are overdue; where it could not list them it says nothing', async () => {
  const OVERDUE = 'connect_requests_overdue';
  const all = activities();
  expect(await gaugesAfter(all)).toMatchObject({ [OVERDUE]: 0 });
  const { asset } = await box.control.seedSubscription();
  const items = [{ id: `${box.sandbox.products.plain}-0001`, quantity: 7 }];
  const planned_date = '2026-03-01T00:00:00+00:00';
  const order = { type: 'change', status: 'draft', asset: { id: asset, items }, planned_date };
  const { body } = await box.distributor('POST', '/requests', order);
  await box.control.force(body.id as string, { status: 'scheduled' });
  expect(await gaugesAfter(all)).toMatchObject({ [OVERDUE]: 1 });
  expect(await gaugesAfter(all, memory())).not.toHaveProperty(OVERDUE);
  const fault = { api: 'connect', method: 'GET', path: '/requests', containing: 'scheduled', status: 503 } as const;
  await box.control.fault(fault);
  expect(await gaugesAfter(all)).not.toHaveProperty(OVERDUE);
});
