import { randomUUID } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import { type Client, ServiceError } from '@temporalio/client';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { POLL_SCHEDULE_ID } from '../../src/domain/ids';
import {
  openRuns,
  progressOf,
  reprocess,
  reprocessEach,
  type RequestRun as ListedRun,
  resultOf,
  runsOf,
} from '../../src/temporal/request-runs';
import { applySchedules } from '../../src/temporal/schedules';
import { usageRun } from '../../src/temporal/usage-runs';
import { gate } from '../support/gate';
import { RequestRun } from '../support/request-run';
import { productWorkflows, startStubbedWorker } from '../support/stubbed-worker';
import { testServer, useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';
import { useOwnNamespace } from './namespace';

const workflows = useWorkflows();
const own = useOwnNamespace();

const isRefused = (): never => {
  throw failure(FailureType.CONNECT_REJECTED, 'VAL_001');
};
const isDown = (): never => {
  throw failure(FailureType.CONNECT_UNAVAILABLE, 'down', { retryAfterMs: 60_000 });
};

async function all(runs: AsyncIterable<ListedRun>): Promise<ListedRun[]> {
  const found = [];
  for await (const run of runs) found.push(run);
  return found;
}

/** The list of runs follows the runs by some milliseconds. */
const untilListed = (list: () => AsyncIterable<ListedRun>, fits: (runs: ListedRun[]) => boolean) =>
  waitFor('the list', () => all(list()), fits);

test('open runs are listed, all or by their phase, with what an operator looks for', async () => {
  const { client } = workflows;
  const { pass, open } = gate();
  const running = await workflows.start({ askVendor: pass });
  const retrying = await workflows.start({ askVendor: isDown }, { patience: { quietMs: 0 } });
  const parked = await workflows.start({ approveRequest: isRefused });
  await retrying.until('retrying');
  await parked.until('parked');
  const ids = [running.id, retrying.id, parked.id];
  const ofOurs = (runs: ListedRun[]) => runs.map(({ id }) => id).filter((id) => ids.includes(id));

  const inPhase = await untilListed(() => openRuns(client, 'parked'), (runs) => ofOurs(runs).length === 1); // prettier-ignore
  expect(inPhase.find(({ id }) => id === parked.id)).toEqual({
    id: parked.id,
    type: 'purchase',
    productId: 'PRD-1',
    assetId: 'AS-1',
    phase: 'parked',
    reason: 'VAL_001',
    status: 'running',
    closedAt: undefined,
    created: '',
    runId: await parked.runId(),
    startedAt: expect.stringMatching(/Z$/),
  });
  await untilListed(() => openRuns(client, 'retrying'), (runs) => ofOurs(runs).join() === retrying.id); // prettier-ignore
  await untilListed(() => openRuns(client), (runs) => ofOurs(runs).length === 3); // prettier-ignore

  for (const run of [retrying, parked]) await run.cancel();
  await running.terminate();
  open();
});

test('the runs of one request are a chain, newest first, and a closed one says how it ended', async () => {
  const { client } = workflows;
  const run = await workflows.start({ approveRequest: (call) => (call === 1 ? isRefused() : undefined) });
  await run.until('parked');
  expect(await progressOf(client, run.id)).toMatchObject({ phase: 'parked', step: 'approve' });
  await run.reprocess();
  await run.result();

  const chain = await runsOf(client, run.id);
  expect(chain.map(({ status }) => status)).toEqual(['completed', 'continued_as_new']);
  expect(await resultOf(client, chain[0]!)).toEqual({ outcome: 'approved' });
  expect(await resultOf(client, chain[1]!)).toBeUndefined();
});

test('a run that ended with the vendor’s wait says until when and which it was, one that ended otherwise nothing of it', async () => {
  const { client } = workflows;
  const waits = (seconds: number) => ({ kind: 'wait', params: [], seconds });
  const run = await workflows.start({
    askVendor: (call) => [waits(600), waits(1)][call - 1] ?? { kind: 'approve', params: [], templateId: 'TL-1' },
    approveRequest: (call) => (call === 1 ? isRefused() : undefined),
  });
  const { nextAttempt: until } = await run.untilStep('vendor asked to wait');
  await run.reprocess();
  await run.until('parked');
  await run.reprocess();
  await run.result();

  const chain = await runsOf(client, run.id);
  expect(chain.map(({ phase, wait }) => [phase, wait])).toEqual([
    ['running', undefined],
    ['parked', undefined],
    ['running', { runId: chain[2]!.runId, times: 2, until: expect.stringMatching(/Z$/) }],
    ['running', { runId: chain[3]!.runId, times: 1, until }],
  ]);
  expect(until! > chain[3]!.closedAt!).toBe(true); // it was cut short
});

test('so does one whose wait was ended by a revocation', async () => {
  const { client } = workflows;
  const run = await workflows.start({
    askVendor: (call) => (call === 1 ? { kind: 'wait', params: [], seconds: 600 } : { kind: 'confirm', params: [] }),
    readStatus: () => 'revoking',
  });
  const { nextAttempt: until } = await run.untilStep('vendor asked to wait');
  await run.signalRecheck();
  expect(await run.result()).toEqual({ outcome: 'revoked' });

  const [, waited] = await runsOf(client, run.id);
  expect(waited).toMatchObject({ status: 'continued_as_new', wait: { until, times: 1 } });
});

test('the chain is told as it is where Temporal’s list is late', async () => {
  const { client } = workflows;
  const run = await workflows.start({ approveRequest: (call) => (call === 1 ? isRefused() : undefined) });
  await run.until('parked');
  const handle = client.workflow.getHandle(run.id);
  const before = await handle.describe();
  await run.reprocess();
  await run.result();

  const list = jest.spyOn(client.workflow, 'list').mockImplementation(async function* () {
    yield before;
  } as unknown as typeof client.workflow.list); // how late it is cannot be set
  const chain = await runsOf(client, run.id);
  list.mockRestore();
  expect(chain.map(({ runId, status }) => [runId, status])).toEqual([
    [await run.runId(), 'completed'],
    [before.runId, 'continued_as_new'],
  ]);
});

test('reprocess is accepted by a run that is parked, and refused by one that is well', async () => {
  const { client } = workflows;
  const parked = await workflows.start({ approveRequest: (call) => (call === 1 ? isRefused() : undefined) });
  await parked.until('parked');
  expect(await reprocess(client, parked.id, { by: 'anna' })).toEqual({
    id: parked.id,
    accepted: true,
    said: 'starts afresh after: approve',
  });
  expect(await parked.result()).toEqual({ outcome: 'approved' });

  const { reached, pass, open } = gate();
  const well = await workflows.start({ approveRequest: pass });
  await reached;
  expect(await reprocess(client, well.id, {})).toEqual({
    id: well.id,
    accepted: false,
    nothingToDo: true,
    said: `${well.id} is at "approve" and neither failing, parked nor waiting: there is nothing to reprocess.`,
  });
  open();
  await well.result();
});

test('reprocess says where no run is open: none ever was, or the last is closed', async () => {
  const closed = await workflows.start();
  await closed.result();
  for (const id of [`PR-${randomUUID()}`, closed.id]) {
    const said = expect.stringMatching(/^No run is open/);
    expect(await reprocess(workflows.client, id, {})).toEqual({ id, accepted: false, nothingToDo: true, said });
  }
  const usage = `usage-PRD-${randomUUID()}-2026-01`;
  expect((await reprocess(workflows.client, usage, {})).said).toMatch(
    /^No run is open\. The report of its month starts one: connect-processor usage report /,
  );
});

test('where no run is open, reprocess promises a round only where one begins by itself', async () => {
  const said = async () => (await reprocess(own.client, 'PR-1000-0000-0000-001', {})).said;
  expect(await said()).toBe(
    'No run is open, and no round would start one: no schedule polls Connect until `connect-processor schedules apply`.',
  );
  await applySchedules(own.client, { taskQueue: 'nobody-works-here', pollIntervalMs: 3_600_000 });
  const schedule = own.client.schedule.getHandle(POLL_SCHEDULE_ID);
  await schedule.pause();
  expect(await said()).toBe(
    'No run is open, and no round would start one: the rounds are paused until `connect-processor schedules resume`.',
  );
  await schedule.unpause();
  expect(await said()).toBe(
    'No run is open. If the request is pending in Connect and its type has a handler, a round starts one, the next full sweep at the latest.',
  );
});

test.each([
  [1, { accepted: true, said: 'It tries now.' }],
  [2, { accepted: false, said: 'The run was busy with something else. Ask again.' }],
])('reprocess that the server gives back %i times is asked for twice', async (times, answer) => {
  let asked = 0;
  const executeUpdate = async () => {
    if (++asked > times) return 'It tries now.';
    const cause = Object.assign(new Error('9 FAILED_PRECONDITION: unexpected workflow task failure'), {
      code: 9,
      details: 'unexpected workflow task failure',
      metadata: {},
    });
    throw new ServiceError('Workflow Update failed', { cause });
  };
  // A server that does so at the right moment cannot be had.
  const client = {
    connection: { withDeadline: (_: number, call: () => unknown) => call() },
    workflow: { getHandle: () => ({ executeUpdate }) },
  } as unknown as Client;
  expect(await reprocess(client, 'PR-1', {})).toEqual({ id: 'PR-1', ...answer });
  expect(asked).toBe(2);
});

test('reprocess and progress do not wait for ever where no worker answers', async () => {
  const run = await workflows.start({}, { taskQueue: `nobody-${randomUUID()}` });
  expect(await reprocess(workflows.client, run.id, {}, 500)).toEqual({
    id: run.id,
    accepted: false,
    pending: true,
    said: 'Not answered yet: no worker did within 0.5 s. Temporal keeps the request, and a worker hears it once one runs.',
  });
  await expect(progressOf(workflows.client, run.id, 500)).rejects.toThrow();
  expect(await usageRun(workflows.client, run.id, 500)).toMatchObject({
    status: 'running',
    isSilent: true,
    progress: { phase: 'running', step: 'no worker answers' },
  });
  await run.terminate();
});

test('what no worker has answered yet is kept, and carried out once one runs', async () => {
  const worker = { ...testServer(), workflowBundle: await productWorkflows(), taskQueue: `away-${randomUUID()}` };
  const first = await startStubbedWorker(worker);
  const { id } = await first.start({ approveRequest: isRefused });
  const run = new RequestRun(workflows.client, id);
  await run.until('parked');
  await first.close();
  expect(await reprocess(workflows.client, id, {}, 500)).toMatchObject({ accepted: false, pending: true });

  const second = await startStubbedWorker(worker); // Connect approves now
  expect(await run.result()).toEqual({ outcome: 'approved' });
  await second.close();
});

test('many are asked at once, and answer in their order', async () => {
  const taskQueue = `nobody-${randomUUID()}`;
  const runs = await Promise.all(Array.from({ length: 12 }, () => workflows.start({}, { taskQueue })));
  const ids = runs.map(({ id }) => id);
  const begun = Date.now();
  const answers = [];
  for await (const answer of reprocessEach(workflows.client, ids, {}, 1000)) answers.push(answer);
  expect(answers.map(({ id, pending }) => [id, pending])).toEqual(ids.map((id) => [id, true]));
  expect(Date.now() - begun).toBeLessThan(6000); // one after the other it would be 12 s
  await Promise.all(runs.map((run) => run.terminate()));
});
