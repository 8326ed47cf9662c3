import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { STORIES } from '../../scripts/record-histories';
import { WORKFLOW_TYPE } from '../../src/domain/ids';
import { RECOUNT } from '../../src/domain/messages';
import { usageFileId } from '../../src/domain/usage';
import { RequestRun } from '../support/request-run';
import { bundleWorkflows, productWorkflows, startStubbedWorker } from '../support/stubbed-worker';
import { testServer } from '../support/use-workflows';

jest.setTimeout(60_000);
const folder = path.join(__dirname, '..', 'histories');
const names = readdirSync(folder).map((file) => path.basename(file, '.json'));
const text = (name: string) => readFileSync(path.join(folder, `${name}.json`), 'utf8');

/** A bundle that counts what tests reach calls this; a replay hands in nothing. */
const sinks = { coverage: { merge: { fn: () => undefined } } };

let workflowBundle: WorkflowBundle;
beforeAll(async () => {
  workflowBundle = await productWorkflows();
});

test('every story has a history, and every history a story', () => {
  expect(names.sort()).toEqual(Object.keys(STORIES).sort());
});

describe("today's code goes on with a run that went like this, recorded with earlier code:", () => {
  const came = new Map<string, Error | undefined>();
  beforeAll(async () => {
    const histories = names.map((name) => ({ workflowId: name, history: JSON.parse(text(name)) as unknown }));
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle, sinks }, histories)) {
      came.set(workflowId, error);
    }
  });

  test.each(names)('%s', (name) => {
    expect([...came.keys()]).toContain(name);
    expect(came.get(name)).toBeUndefined();
  });
});

test.each([
  ['saveParams', require.resolve('./fixtures/forgets-to-save'), 'approved'],
  ['checkUsageTotals', require.resolve('./fixtures/submits-unchecked'), 'usage-file-accepted'],
])('code that drops the step %s of runs in flight is found out', async (step, careless, name) => {
  const workflowBundle = await bundleWorkflows(careless);
  const replay = Worker.runReplayHistory({ workflowBundle, sinks }, JSON.parse(text(name)));
  await expect(replay).rejects.toBeInstanceOf(DeterminismViolationError);
  await expect(replay).rejects.toThrow(step);
});

test('a usage file that was told a new count while earlier code worked on it, which did not hear it, goes on', async () => {
  const earlier = await startStubbedWorker({
    ...testServer(),
    workflowBundle: await bundleWorkflows(require.resolve('./fixtures/deaf-to-recount')),
  });
  const usage = { contractId: 'CRD-1', rows: 1, totals: {}, bad: 0 };
  const input = { productId: `PRD-${randomUUID()}`, period: '2026-10', contractId: 'CRD-1', usage };
  const [workflowId, { client, taskQueue }] = [usageFileId(input), earlier];
  earlier.stub(workflowId, { readUsageStage: () => 'pending' });
  const handle = await client.workflow.start(WORKFLOW_TYPE.usageFile, { workflowId, taskQueue, args: [input] });
  const run = new RequestRun(client, workflowId);
  await run.untilStep('the distributor looks at it');
  await handle.signal(RECOUNT, { ...usage, rows: 2 });
  await run.progress(); // answered once the signal has reached the run
  await run.reprocess();
  const history = await handle.fetchHistory();
  await run.terminate();
  await earlier.close();

  await expect(Worker.runReplayHistory({ workflowBundle, sinks }, history, workflowId)).resolves.toBeUndefined();
});

test('no history names anything of the machine that it was recorded on', () => {
  for (const name of names) {
    const identities = text(name).matchAll(/"identity": "([^"]*)"/g);
    const named = new Set([...identities].map(([, identity]) => identity));
    named.delete('history-service'); // Temporal's own, which hands on the signals of workflows
    expect(named).toEqual(new Set(['recorder']));
    expect(text(name)).not.toMatch(/stackTrace|file:|\.[jt]s:\d/);
  }
});
