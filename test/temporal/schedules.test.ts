import { describe, expect, jest, test } from '@jest/globals';
import { POLL_SCHEDULE_ID } from '../../src/domain/ids';
import { applySchedules, changeSchedule, describeSchedule, ScheduleTaken } from '../../src/temporal/schedules';
import { useOwnNamespace } from './namespace';

const own = useOwnNamespace();
const options = { taskQueue: 'connect-processor', pollIntervalMs: 3_600_000 };

test('a schedule that is absent has no description', async () => {
  expect(await describeSchedule(own.client)).toBeUndefined();
});

test('a schedule is created: a round that still runs is never doubled, and an outage is made up for by one', async () => {
  expect(await applySchedules(own.client, options)).toEqual([{ id: 'poll', done: 'created' }]);
  expect(await describeSchedule(own.client)).toMatchObject({
    spec: { intervals: [{ every: 3_600_000 }] },
    action: { workflowType: 'pollConnect', taskQueue: 'connect-processor', workflowRunTimeout: 900_000 },
    policies: { overlap: 'SKIP', catchupWindow: 60_000, pauseOnFailure: false },
  });
});

test("a schedule that exists is brought up to date, and keeps an operator's pause and note", async () => {
  await applySchedules(own.client, options);
  await own.client.schedule.getHandle(POLL_SCHEDULE_ID).pause('Connect is being migrated. Anna');

  const changed = { ...options, pollIntervalMs: 60_000 };
  expect(await applySchedules(own.client, changed)).toEqual([{ id: 'poll', done: 'updated' }]);
  expect(await describeSchedule(own.client)).toMatchObject({
    spec: { intervals: [{ every: 60_000 }] },
    action: { taskQueue: 'connect-processor' },
    state: { paused: true, note: 'Connect is being migrated. Anna' },
  });
});

test('a schedule that serves another deployment is left as it is, unless it is to be taken over', async () => {
  await applySchedules(own.client, options);
  const ours = { taskQueue: 'ours', pollIntervalMs: 5_000 };
  const refused = applySchedules(own.client, ours);
  await expect(refused).rejects.toThrow('starts its rounds on task queue "connect-processor", not on "ours"');
  await expect(refused).rejects.toBeInstanceOf(ScheduleTaken);
  expect(await describeSchedule(own.client)).toMatchObject({
    spec: { intervals: [{ every: 3_600_000 }] },
    action: { taskQueue: 'connect-processor' },
  });

  expect(await applySchedules(own.client, { ...ours, takeOver: true })).toEqual([{ id: 'poll', done: 'updated' }]);
  expect(await describeSchedule(own.client)).toMatchObject({
    spec: { intervals: [{ every: 5_000 }] },
    action: { taskQueue: 'ours' },
  });
});

test('a schedule whose description Temporal loses is asked about again, until it is time', async () => {
  await applySchedules(own.client, { ...options, takeOver: true });
  const { workflowService, connection } = own.client;
  const ask = workflowService.describeSchedule.bind(workflowService);
  const tooLate = (of: Parameters<typeof ask>[0]) => connection.withDeadline(Date.now() - 1, () => ask(of));
  const asked = jest.spyOn(workflowService, 'describeSchedule').mockImplementationOnce(tooLate);
  expect(await describeSchedule(own.client)).toMatchObject({ scheduleId: POLL_SCHEDULE_ID });
  expect(asked).toHaveBeenCalledTimes(2);

  asked.mockImplementationOnce(tooLate);
  await expect(describeSchedule(own.client, POLL_SCHEDULE_ID, 4_000)).rejects.toThrow('Failed to describe schedule');
  expect(asked).toHaveBeenCalledTimes(3);
  asked.mockRestore();
});

describe('a change that Temporal takes and leaves out, as a busy server does with one of two that come close together,', () => {
  const leavesOut = (call: 'updateSchedule' | 'patchSchedule') =>
    jest.spyOn(own.client.workflowService, call).mockImplementationOnce(async () => ({}) as never);

  test('is made again', async () => {
    await applySchedules(own.client, { ...options, takeOver: true });
    const updates = leavesOut('updateSchedule');
    await applySchedules(own.client, { ...options, pollIntervalMs: 7_000 });
    expect(updates).toHaveBeenCalledTimes(2);
    expect(await describeSchedule(own.client)).toMatchObject({ spec: { intervals: [{ every: 7_000 }] } });

    const poll = own.client.schedule.getHandle(POLL_SCHEDULE_ID);
    const patches = leavesOut('patchSchedule');
    const { state } = await changeSchedule(
      own.client,
      POLL_SCHEDULE_ID,
      () => poll.pause('Anna'),
      ({ state }) => state.note === 'Anna',
    );
    expect([state, patches.mock.calls.length]).toEqual([expect.objectContaining({ paused: true, note: 'Anna' }), 2]);
  });

  test('is told where it never shows', async () => {
    await applySchedules(own.client, { ...options, takeOver: true });
    const changed = changeSchedule(
      own.client,
      POLL_SCHEDULE_ID,
      async () => undefined,
      ({ info }) => info.numActionsTaken < 0,
    );
    await expect(changed).rejects.toThrow('Temporal takes a change of the schedule "poll" and does not carry it out');
  });
});
