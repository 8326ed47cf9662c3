import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { WORKFLOW_TYPE } from '../../src/domain/ids';
import { DEFAULT_PATIENCE } from '../../src/domain/request-run';
import { type ContractUsage, usageFileId, usageReportId, VERDICT_STEP } from '../../src/domain/usage';
import { startUsageReport, usageRun, usageRuns } from '../../src/temporal/usage-runs';
import { gate } from '../support/gate';
import { RequestRun } from '../support/request-run';
import { productWorkflows, startStubbedWorker, type Stubs } from '../support/stubbed-worker';
import { inConnect } from '../support/usage-stubs';
import { testServer, useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const workflows = useWorkflows();
const period = '2026-10';
const contractId = 'CRD-1';
const usage: ContractUsage = { contractId, rows: 1, totals: {}, bad: 0 };

/** A product whose usage of the month is reported in one file, as often as a test likes. */
function product() {
  const productId = `PRD-${randomUUID()}`;
  const of = { productId, period };
  const file = usageFileId({ ...of, contractId });
  const report = usageReportId(of);
  workflows.stub(report, { collectUsage: () => ({ contracts: [usage], lost: 0, bad: [], reportedBefore: [] }) });
  const { client, taskQueue } = workflows;
  return {
    productId,
    report,
    file,
    /** @param stubs of the file */
    async reported(stubs: Stubs) {
      workflows.stub(file, inConnect(stubs));
      await startUsageReport(client, of, { taskQueue, patience: DEFAULT_PATIENCE });
      await new RequestRun(client, report).result();
    },
  };
}
const accepted = (same: boolean): Stubs => ({
  uploadUsage: () => ({ kind: 'found', fileId: 'UF-1' }),
  checkUsageTotals: () => ({ same, inConnect: { rows: 2, totals: {} } }),
});

test('the newest run of each is listed, open or closed, and what it found', async () => {
  const { client } = workflows;
  const { productId, report, file, reported } = product();
  const listed = async () => (await usageRuns(client)).filter((run) => run.productId === productId);
  const ended = { productId, period, isOpen: false, phase: 'running', reason: '' };
  const ofReport = { ...ended, id: report, contractId: '', finding: '' };
  const ofFile = { ...ended, id: file, contractId };
  const untilListed = async (...runs: object[]) => {
    const said = await waitFor('the list', listed, (all) => runs.every((run) => all.some((one) => fits(one, run))));
    expect(said).toHaveLength(2);
  };
  const fits = (one: object, run: object) => isDeepStrictEqual({ ...one, ...run }, one);

  await reported(accepted(false));
  await new RequestRun(client, file).result();
  await untilListed(ofReport, { ...ofFile, finding: 'differs' });

  const { pass, open } = gate();
  await reported({ ...accepted(true), readUsageStage: async () => (await pass(), 'accepted') });
  await untilListed(ofReport, { ...ofFile, isOpen: true, finding: '' });
  open();
  await new RequestRun(client, file).result();
  await untilListed(ofReport, { ...ofFile, finding: '' });
});

/** Looks at a run while something happens to it: after it was first described. */
async function lookedAtWhile(id: string, happens: () => Promise<unknown>) {
  const { workflow } = workflows.client;
  const getHandle = workflow.getHandle.bind(workflow);
  const handles = jest.spyOn(workflow, 'getHandle').mockImplementationOnce((...args) => {
    const handle = getHandle(...args);
    const describe = async () => {
      const description = await handle.describe();
      await happens();
      return description;
    };
    return { ...handle, describe };
  });
  try {
    return await usageRun(workflows.client, id);
  } finally {
    handles.mockRestore();
  }
}

test('the result is that of the run which was looked at, also where the next has begun', async () => {
  const { file, reported } = product();
  const run = new RequestRun(workflows.client, file);
  await reported(accepted(true));
  await run.result();

  const { pass, open } = gate();
  const next = { readUsageStage: async () => (await pass(), 'accepted') };
  const looked = await lookedAtWhile(file, () => reported(next));
  open();
  expect(looked).toMatchObject({ status: 'completed', result: { outcome: 'accepted' } });
  await run.result();
});

test('what a run has found is known as soon as it says that it waits again', async () => {
  const { file, reported } = product();
  const run = new RequestRun(workflows.client, file);
  const pending = (same: boolean): Stubs => ({ ...accepted(same), readUsageStage: () => 'pending' });
  await reported(pending(true));
  await run.untilStep(VERDICT_STEP);

  const looked = await lookedAtWhile(file, async () => {
    await reported(pending(false));
    const difference = () => run.searchAttributes();
    await waitFor('the finding', difference, ({ ConnectFinding: finding }) => finding === 'differs');
    await run.untilStep(VERDICT_STEP);
  });
  expect(looked).toMatchObject({ status: 'running', progress: { step: VERDICT_STEP }, findings: ['differs'] });
  await run.terminate();
});

test('a run that has just begun, which no worker has been asked for yet, is silent', async () => {
  const { client, taskQueue } = workflows;
  const workflowId = `usage-${randomUUID()}`;
  const options = { workflowId, taskQueue, startDelay: '1 hour' } as const; // that moment, made longer
  const handle = await client.workflow.start(WORKFLOW_TYPE.usageReport, { ...options, args: [] });
  expect(await usageRun(client, workflowId)).toMatchObject({ status: 'running', isSilent: true });
  await handle.terminate();
});

test('why a run does not say where it stands is said as it is, unless it is for want of a worker', async () => {
  const { reached, pass, open } = gate();
  const dispatchPending = async () => (await pass(), {});
  const poll = await startStubbedWorker({
    ...testServer(),
    workflowBundle: await productWorkflows(),
    dispatchPending,
  });
  const { client, taskQueue } = poll;
  const workflowId = `usage-${randomUUID()}`;
  const handle = await client.workflow.start(WORKFLOW_TYPE.poll, { workflowId, taskQueue }); // which has no progress
  await reached;
  await expect(usageRun(client, workflowId)).rejects.toThrow(
    `${workflowId} does not say where it stands: Workflow did not register a handler for progress.`,
  );
  open();
  await handle.result();
  await poll.close();
});
