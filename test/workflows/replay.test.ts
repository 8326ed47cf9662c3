import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { STORIES } from '../../scripts/record-histories';
import { bundleWorkflows, productWorkflows } from '../support/stubbed-worker';
import { countedWorker } from '../support/workflow-coverage';

jest.setTimeout(60_000);
const folder = path.join(__dirname, '..', 'histories');
const names = readdirSync(folder).map((file) => path.basename(file, '.json'));
const text = (name: string) => readFileSync(path.join(folder, `${name}.json`), 'utf8');

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
    for await (const { workflowId, error } of Worker.runReplayHistories(countedWorker({ workflowBundle }), histories)) {
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
  const replay = Worker.runReplayHistory(countedWorker({ workflowBundle }), JSON.parse(text(name)));
  await expect(replay).rejects.toBeInstanceOf(DeterminismViolationError);
  await expect(replay).rejects.toThrow(step);
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
