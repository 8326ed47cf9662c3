import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { leaseSchedules } from '../../src/commands/schedule-lease';
import { POLL_SCHEDULE_ID } from '../../src/domain/ids';
import { applySchedules, describeSchedule } from '../../src/temporal/schedules';
import { waitFor } from '../support/wait-for';
import { useOwnNamespace } from '../temporal/namespace';

const own = useOwnNamespace();
const schedule = async () => (await describeSchedule(own.client))!;
beforeEach(
  async () => void (await applySchedules(own.client, { taskQueue: 'nobody-works-here', pollIntervalMs: 1000 })),
);
afterEach(() => own.client.schedule.getHandle(POLL_SCHEDULE_ID).delete());

test('rounds go on for as long as somebody wants them, and end by themselves after', async () => {
  const end = await leaseSchedules(own.client, [POLL_SCHEDULE_ID], 3_000);
  const { endAt } = (await schedule()).spec;
  await waitFor('a later end', schedule, ({ spec }) => Number(spec.endAt) >= Number(endAt) + 3_000);
  expect((await schedule()).info.nextActionTimes).not.toEqual([]);

  end();
  await waitFor('the last round', schedule, ({ info }) => info.nextActionTimes.length === 0);
});

test('what an operator changes meanwhile stays: another interval, and a pause with its note', async () => {
  const end = await leaseSchedules(own.client, [POLL_SCHEDULE_ID], 3_000);
  await applySchedules(own.client, { taskQueue: 'nobody-works-here', pollIntervalMs: 60_000 });
  await own.client.schedule.getHandle(POLL_SCHEDULE_ID).pause('Anna looks at it');
  const { spec: paused } = await waitFor('the pause', schedule, ({ state }) => state.paused);
  const isLater = (endAt: Date | undefined) => Number(endAt ?? 0) > Number(paused.endAt ?? 0);
  expect(await waitFor('a later end', schedule, ({ spec }) => isLater(spec.endAt))).toMatchObject({
    spec: { intervals: [{ every: 60_000 }] },
    state: { paused: true, note: 'Anna looks at it' },
  });
  end();
});

test('a pause in the very moment in which the end is put off stays too', async () => {
  const { workflowService } = own.client;
  const describe = workflowService.describeSchedule.bind(workflowService);
  const reads = jest.spyOn(workflowService, 'describeSchedule').mockImplementationOnce(async (request) => {
    const read = await describe(request);
    await own.client.schedule.getHandle(POLL_SCHEDULE_ID).pause('Anna looks at it');
    return read; // what was before
  });
  const end = await leaseSchedules(own.client, [POLL_SCHEDULE_ID], 3_000);
  expect(reads).toHaveBeenCalled();
  expect(await waitFor('an end', schedule, ({ spec }) => spec.endAt !== undefined)).toMatchObject({
    state: { paused: true, note: 'Anna looks at it' },
  });
  end();
});
