import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { PollMemory } from '../../src/domain/poll';
import { DEFAULT_PATIENCE, type Patience, type RequestToStart } from '../../src/domain/request-run';
import type { CollectedUsage, UploadResult, UsageCheck, UsageFileLook } from '../../src/domain/usage';
import { createStarter } from '../../src/temporal/starter';
import { RequestRun } from './request-run';
import { countedBundle, countedWorker, handInCoverage } from './workflow-coverage';

const ASKING = ['askVendor', 'askVendorForTierConfig'] as const;
const TELLING = [
  ...(['saveParams', 'approveRequest', 'inquireRequest', 'failRequest'] as const),
  ...(['scheduleRequest', 'confirmRevocation'] as const),
  ...(['saveTierParams', 'approveTierConfigRequest', 'inquireTierConfigRequest', 'failTierConfigRequest'] as const),
];
/** The steps of usage reporting, and what they answer without a stub: there is nothing to report, and a file is accepted. */
const REPORTING = {
  collectUsage: (): CollectedUsage => ({ contracts: [], lost: 0, bad: [], reportedBefore: [] }),
  uploadUsage: (): UploadResult => ({
    kind: 'sent',
    fileId: 'UF-1',
    workbook: 'W-1',
    usage: { contractId: 'CRD-1', rows: 1, totals: {}, bad: 0 },
  }),
  hasUsageFile: () => false,
  readUsageStage: (): UsageFileLook => ({ stage: 'accepted', workbook: 'W-1' }),
  checkUsageTotals: (): UsageCheck => ({ same: true, inConnect: { rows: 1, totals: {} } }),
  submitUsageFile: () => undefined,
};
type Step =
  (typeof ASKING)[number] | (typeof TELLING)[number] | keyof typeof REPORTING | 'readStatus' | 'releasePurchase';

/** What an activity does at its nth call for one workflow, n from 1: returns, or throws. */
export type Stub = (call: number) => unknown;
export type Stubs = Partial<Record<Step, Stub>>;

export interface StartOptions extends Partial<RequestToStart> {
  patience?: Partial<Patience>;
  /** Another queue than the worker's own. */
  taskQueue?: string;
}

/** The real workflows on a real server; what the activities answer is up to each test. */
export interface StubbedWorker {
  client: Client;
  taskQueue: string;
  worker: Worker;
  /** Starts a request as a round does, and says what its activities answer. Without a stub the vendor approves, and Connect agrees. */
  start(stubs?: Stubs, options?: StartOptions): Promise<RequestRun>;
  /** Says what the activities answer to a workflow that is not started here, by its id. */
  stub(id: string, stubs: Stubs): void;
  /** What was asked of the activities for a request, in order: `[name, …arguments after the id]`. */
  calls(id: string): unknown[][];
  close(): Promise<void>;
}

export interface StubbedWorkerOptions {
  workflowBundle: WorkflowBundle;
  /** For histories that are kept: named in their events instead of this machine. */
  identity?: string;
  taskQueue?: string;
  /** What a round does. */
  dispatchPending?: (memory?: PollMemory) => Promise<object>;
  /** False for a worker that runs workflows and leaves their activities in the queue. */
  withActivities?: boolean;
  /** As many activities at once; default Temporal's. */
  atOnce?: number;
  address: string;
  namespace: string;
}

/** The product's workflows as a worker runs them. To bundle them takes seconds: the test files of a run share one bundle. */
export async function productWorkflows(): Promise<WorkflowBundle> {
  const folder = process.env['TEST_RUN_FOLDER']!; // of the global set-up
  const shared = path.join(folder, 'workflow-bundle.json');
  if (existsSync(shared)) return JSON.parse(readFileSync(shared, 'utf8')) as WorkflowBundle;
  const made = await bundleWorkflows(require.resolve('../../workflows'));
  const mine = path.join(folder, `workflow-bundle-${process.pid}.json`);
  writeFileSync(mine, JSON.stringify(made));
  renameSync(mine, shared); // whole at once, for whoever looks meanwhile
  return made;
}

/** @param workflowsPath where they are exported */
export async function bundleWorkflows(workflowsPath: string): Promise<WorkflowBundle> {
  const options = { workflowsPath, logger: new DefaultLogger('ERROR') };
  return await bundleWorkflowCode(countedBundle(options));
}

export async function startStubbedWorker(options: StubbedWorkerOptions): Promise<StubbedWorker> {
  const { workflowBundle, address, namespace, identity, dispatchPending, withActivities = true, atOnce } = options;
  const { taskQueue = `test-${randomUUID()}` } = options;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, ...(identity && { identity }) });
  const native = await NativeConnection.connect({ address });

  const stubsOf = new Map<string, Stubs>();
  const callsOf = new Map<string, unknown[][]>();
  const stubbed =
    (name: Step, otherwise: Stub) =>
    async (_of: unknown, ...args: unknown[]) => {
      const id = Context.current().info.workflowExecution!.workflowId;
      const calls = callsOf.get(id) ?? [];
      callsOf.set(id, calls);
      calls.push([name, ...args]);
      const stub = stubsOf.get(id)?.[name] ?? otherwise;
      const answer = (async () => await stub(calls.filter(([called]) => called === name).length))();
      return await Promise.race([answer, Context.current().cancelled]); // or a test that fails would hold the worker
    };
  const activities = Object.fromEntries([
    ...ASKING.map((name) => [name, stubbed(name, approves)]),
    ...TELLING.map((name) => [name, stubbed(name, () => 'done')]),
    ['readStatus', stubbed('readStatus', () => 'pending')],
    ['releasePurchase', stubbed('releasePurchase', () => 'released')],
    ...Object.entries(REPORTING).map(([name, answer]) => [name, stubbed(name as keyof typeof REPORTING, answer)]),
    ...(dispatchPending ? [['dispatchPending', dispatchPending]] : []),
  ]);
  const setup = {
    connection: native,
    namespace,
    taskQueue,
    workflowBundle,
    ...(identity && { identity }),
    ...(withActivities && { activities }),
    ...(atOnce !== undefined && { maxConcurrentActivityTaskExecutions: atOnce }),
  };
  const worker = await Worker.create(countedWorker(setup));
  const running = worker.run();
  return {
    client,
    taskQueue,
    worker,
    async start(stubs = {}, { patience, taskQueue: queue = taskQueue, ...request } = {}) {
      const id = request.id ?? `PR-${randomUUID()}`;
      stubsOf.set(id, stubs);
      const start = createStarter(client, { taskQueue: queue, patience: { ...DEFAULT_PATIENCE, ...patience } });
      await start({ id, type: 'purchase', productId: 'PRD-1', assetId: 'AS-1', ...request });
      return new RequestRun(client, id);
    },
    stub: (id, stubs) => void stubsOf.set(id, stubs),
    calls: (id) => callsOf.get(id) ?? [],
    async close() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      handInCoverage();
      await native.close();
      await connection.close();
    },
  };
}

/** The vendor approves, with values to save or without. */
export function approves(_call = 1, params: object[] = []) {
  return { kind: 'approve', params, templateId: 'TL-1' };
}

/** An activity that is never done, and ends when its worker shuts down or it is cancelled. */
export async function hangs(): Promise<never> {
  return await Context.current().cancelled;
}
