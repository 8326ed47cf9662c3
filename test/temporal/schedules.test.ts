import { expect, test } from '@jest/globals';
import { POLL_SCHEDULE_ID } from '../../src/domain/ids';
import { applySchedules, describeSchedule } from '../../src/temporal/schedules';
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

  const changed = { taskQueue: 'elsewhere', pollIntervalMs: 60_000 };
  expect(await applySchedules(own.client, changed)).toEqual([{ id: 'poll', done: 'updated' }]);
  expect(await describeSchedule(own.client)).toMatchObject({
    spec: { intervals: [{ every: 60_000 }] },
    action: { taskQueue: 'elsewhere' },
    state: { paused: true, note: 'Connect is being migrated. Anna' },
  });
});
