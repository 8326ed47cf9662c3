import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ScheduleHandle } from '@temporalio/client';
import { usageScheduleId } from '../../src/domain/ids';
import { usageReportId } from '../../src/domain/usage';
import { schedules } from '../../src/temporal/schedules';
import { RequestRun } from '../support/request-run';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const worker = useWorkflows();
let productId: string;
let schedule: ScheduleHandle;

beforeEach(async () => {
  productId = `PRD-${randomUUID()}`;
  const usageTimes = [{ productId, day: 5, time: '05:17', timeZone: 'UTC' }];
  const all = schedules({ taskQueue: worker.taskQueue, pollIntervalMs: 3_600_000, usageTimes });
  const ours = all.find(({ scheduleId }) => scheduleId === usageScheduleId(productId))!;
  schedule = await worker.client.schedule.create(ours);
});
afterEach(() => schedule.delete());

/** The month that the schedule reported last before this one, as the report of this one was told. */
async function lastBefore(period: string): Promise<string | undefined> {
  const report = new RequestRun(worker.client, usageReportId({ productId, period }));
  await waitFor(`the report of ${period}`, () => report.result());
  return ((await report.input()) as { lastPeriod?: string }).lastPeriod;
}

const backfill = (from: string, to: string) => schedule.backfill({ start: new Date(from), end: new Date(to) });

test('a backfill of several months reports each; after one of older months the latest still counts as reported', async () => {
  await backfill('2026-06-01', '2026-08-31');
  for (const [period, last] of [
    ['2026-05', undefined],
    ['2026-06', '2026-05'],
    ['2026-07', '2026-06'],
  ] as const) {
    expect([period, await lastBefore(period)]).toEqual([period, last]);
  }

  await backfill('2025-12-01', '2025-12-31');
  expect(await lastBefore('2025-11')).toBe('2026-07');
  await backfill('2026-09-01', '2026-09-30');
  expect(await lastBefore('2026-08')).toBe('2026-07');
});
