import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { WorkflowBundle } from '@temporalio/worker';
import { RequestRun } from '../support/request-run';
import { approves, productWorkflows, hangs, startStubbedWorker, type StubbedWorker } from '../support/stubbed-worker';
import { testServer, useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const workflows = useWorkflows();
const concurrently = test.concurrent;
const patience = { quietMs: 0 };

let bundle: Promise<WorkflowBundle> | undefined;

/** A worker with a queue of its own, or beside another. Its activities are asked for their stubs by the request's id, as everywhere. */
async function anotherWorker(options: { taskQueue?: string; withActivities?: boolean } = {}): Promise<StubbedWorker> {
  bundle ??= productWorkflows();
  return await startStubbedWorker({ ...testServer(), workflowBundle: await bundle, ...options });
}

concurrently('a process that dies in a step shows as a lost worker, and the step is tried again', async () => {
  const stub = (call: number) => (call === 1 ? hangs() : approves()); // no heartbeat for ten seconds: nobody is there
  const run = await workflows.start({ askVendor: stub }, { handlerSeconds: 120, patience });
  expect(await run.until('retrying')).toMatchObject({
    step: 'ask vendor',
    failureType: 'WorkerLost',
    reason: 'The last attempt was lost: its worker process died or hung.',
  });
  expect(await run.result()).toEqual({ outcome: 'approved' });
});

concurrently('a step that is cut off by a deployment is a lost worker too, and goes on with the next one', async () => {
  const old = await anotherWorker();
  const { id } = await old.start({ askVendor: hangs }, { handlerSeconds: 120, patience });
  await waitFor('the handler to be called', () => old.calls(id).length > 0);
  await old.close();

  const next = await anotherWorker({ taskQueue: old.taskQueue });
  const run = new RequestRun(next.client, id);
  expect(await run.until('retrying')).toMatchObject({
    failureType: 'WorkerLost',
    reason: 'The last attempt was lost: its worker was shut down before it ended.',
  });
  await run.reprocess();
  expect(await run.result()).toEqual({ outcome: 'approved' });
  await next.close();
});

concurrently('a request that waits in the queue is not in trouble, however long', async () => {
  const taskQueue = `test-${randomUUID()}`;
  const starting = { id: `PR-${randomUUID()}`, patience: { quietMs: 0, retryMs: 0 }, taskQueue };
  const run = await workflows.start({}, starting); // nobody works on this queue yet
  expect(await run.searchAttributes()).toMatchObject({ ConnectPhase: 'running' });

  const half = await anotherWorker({ taskQueue, withActivities: false });
  const waiting = (events: string[]) => events.includes('ACTIVITY_TASK_SCHEDULED');
  await waitFor('its first step to be in the queue', () => run.events(), waiting);
  expect(await run.progress()).toEqual({ phase: 'running', step: 'ask vendor', reason: '' });
  const { scheduleToStartTimeout, scheduleToCloseTimeout } = await run.firstStep();
  expect([scheduleToStartTimeout, scheduleToCloseTimeout]).toEqual(['0s', '0s']); // Temporal's way to say: no limit
  await half.close();

  const whole = await anotherWorker({ taskQueue });
  expect(await run.result()).toEqual({ outcome: 'approved' });
  await whole.close();
});

concurrently('a handler that a deployment gives more time has it in runs that began before, too', async () => {
  const run = await workflows.start();
  await run.result();
  expect(await run.firstStep()).toMatchObject({ startToCloseTimeout: '3660s', heartbeatTimeout: '10s' });
});

concurrently(
  'a mistake in workflow code parks nothing: the run stays as it is until better code is there',
  async () => {
    const run = await workflows.start({ askVendor: () => null }); // no answer that the product knows: a TypeError
    const failed = (events: string[]) => events.includes('WORKFLOW_TASK_FAILED');
    await waitFor('the task to fail', () => run.events(), failed);
    expect(await run.status()).toBe('RUNNING');
    expect(await run.searchAttributes()).toMatchObject({ ConnectPhase: 'running' });
    await run.terminate();
  },
);
