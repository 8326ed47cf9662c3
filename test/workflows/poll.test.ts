import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { PollMemory } from '../../src/domain/poll';
import { schedules } from '../../src/temporal/schedules';
import { RequestRun } from '../support/request-run';
import { approves, productWorkflows, type StubbedWorker, startStubbedWorker } from '../support/stubbed-worker';
import { testServer } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);
const id = `poll-${randomUUID()}`;
const memories: (PollMemory | undefined)[] = [];
let answer: () => object;
let worker: StubbedWorker;

beforeAll(async () => {
  const dispatchPending = async (memory?: PollMemory) => {
    memories.push(memory);
    return answer();
  };
  worker = await startStubbedWorker({ ...testServer(), workflowBundle: await productWorkflows(), dispatchPending });
});
afterAll(() => worker.close());

/** One round, as the schedule makes it. @returns how it ended */
async function round(answers: () => object): Promise<string> {
  const { workflow, schedule } = worker.client;
  const before = memories.length;
  answer = answers;
  await schedule.getHandle(id).trigger('SKIP');
  await waitFor('a round', () => memories.length > before);
  const { info } = await schedule.getHandle(id).describe();
  const { workflowId } = info.recentActions.at(-1)!.action.workflow;
  const handle = workflow.getHandle(workflowId);
  await handle.result().catch(() => undefined);
  await waitFor(
    'the schedule to notice its end',
    () => schedule.getHandle(id).describe(),
    (now) => now.info.runningActions.length === 0,
  );
  return (await handle.describe()).status.name;
}

test('a round hands what it has seen to the next; one that fails hands on nothing, and the next looks at the same span', async () => {
  const { client, taskQueue } = worker;
  const [poll] = schedules({ taskQueue, pollIntervalMs: 3_600_000 });
  await client.schedule.create({ ...poll!, scheduleId: id, action: { ...poll!.action, workflowId: id } });
  const seen = { watermark: '2026-11-01T00:00:00.000Z', held: ['PR-1'], started: 3 };

  expect(await round(() => seen)).toBe('COMPLETED');
  expect(
    await round(() => {
      throw ApplicationFailure.nonRetryable('Connect: GET /requests answered 503.');
    }),
  ).toBe('FAILED');
  expect(await round(() => ({ ...seen, held: [] }))).toBe('COMPLETED');
  expect(await round(() => seen)).toBe('COMPLETED');

  expect(memories).toEqual([undefined, seen, seen, { ...seen, held: [] }]);
  await client.schedule.getHandle(id).delete();
});

test('a round goes before a backlog of steps', async () => {
  const queue = { taskQueue: `test-${randomUUID()}` };
  const here = { ...testServer(), workflowBundle: await productWorkflows(), ...queue };
  const half = await startStubbedWorker({ ...here, withActivities: false });
  const isWaiting = (events: string[]) => events.includes('ACTIVITY_TASK_SCHEDULED');
  const order: string[] = [];
  const requests = await Promise.all(Array.from({ length: 30 }, () => worker.start({}, queue)));
  for (const request of requests) await waitFor('its step to wait', () => request.events(), isWaiting);
  const poll = { ...queue, workflowId: `poll-${randomUUID()}` };
  const handle = await worker.client.workflow.start('pollConnect', poll);
  const events = () => new RequestRun(worker.client, poll.workflowId).events();
  await waitFor('the round to wait behind them', events, isWaiting);
  await half.close();

  const dispatchPending = async () => ({ before: order.length });
  const whole = await startStubbedWorker({ ...here, atOnce: 1, dispatchPending });
  for (const { id } of requests) whole.stub(id, { askVendor: () => (order.push(id), approves()) });
  const { before } = (await handle.result()) as { before: number };
  expect(before).toBeLessThan(5);
  for (const request of requests) await request.result();
  expect(order).toHaveLength(30);
  await whole.close();
});
