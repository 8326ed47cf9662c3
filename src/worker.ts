import { existsSync } from 'node:fs';
import path from 'node:path';
import { cancellationSignal } from '@temporalio/activity';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities';
import { type Config, secretsOf } from './config';
import { type ConnectClient, createConnectClient } from './connect/client';
import { inPhase } from './domain/search-attributes';
import { createRedactor } from './domain/redact';
import type { Vendors } from './sdk/vendor';
import { isUnreachable, temporalClient } from './temporal/client';
import { temporalSettings } from './temporal/settings';
import { TemporalUnreachable } from './temporal/unreachable';
import { isOpen, openRuns, recheck } from './temporal/request-runs';
import { createStarter } from './temporal/starter';
import { templateName } from './template-name';

/** A handler that waits for its vendor's API holds its place, so that there have to be many: what else is due waits where all are taken. */
const MOST_AT_ONCE = 400;

/** No more activities at once than may send a call within the time that a call waits for its turn (`turnMs`). */
function atOnce(requestsPerSecond: number): number {
  return Math.min(Math.max(Math.floor(requestsPerSecond * 8), 2), MOST_AT_ONCE);
}

/** How a worker works, whatever it works on. */
export const WORKER_SETTINGS = {
  stickyQueueScheduleToStartTimeout: '3 s', // a run whose worker died is soon picked up by another
  maxConcurrentActivityTaskExecutions: MOST_AT_ONCE,
  shutdownGraceTime: '20 s',
  shutdownForceTime: '50 s', // below the 60 s that an orchestrator waits
} as const satisfies Partial<WorkerOptions>;

/** A worker and what it stands on. */
export interface Processor {
  worker: Worker;
  namespace: string;
  /** Resolves when the worker has been shut down and everything is closed. */
  run(): Promise<void>;
}

/**
 * Puts the processor together: clients, activities, worker. Telemetry is installed before.
 *
 * @throws TemporalUnreachable
 */
export async function createProcessor(config: Config, vendors: Vendors): Promise<Processor> {
  const { connectionOptions, address, namespace } = temporalSettings();
  const connection = await NativeConnection.connect(connectionOptions).catch((error: unknown) => {
    throw new TemporalUnreachable(address, error);
  });
  const connect = createConnectClient({ ...config.connect, onCall: countCalls(), signal: cancellationSignal });
  const client = temporalClient(connection, namespace);

  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: config.taskQueue,
    ...workflowCode(),
    activities: createActivities({
      connect,
      vendorOf: (productId) => vendors.get(productId),
      products: config.connect.products,
      startRequest: createStarter(client, { taskQueue: config.taskQueue, patience: config.patience }),
      selectionOf: (productId) => config.selections[productId],
      openRuns: () => openRuns(client),
      isOpen: (id) => isOpen(client, id),
      recheck: (id) => recheck(client, id),
      countInPhase: async (phase) => (await client.workflow.count(inPhase(phase))).count,
      fullSweepIntervalMs: config.fullSweepIntervalMs,
      templateName: (use, productId, type) => templateName(config.templates, use, productId, type),
      redact: createRedactor(secretsOf(config)),
    }),
    ...WORKER_SETTINGS,
    maxConcurrentActivityTaskExecutions: atOnce(config.connect.requestsPerSecond),
  }).catch(async (error: unknown) => {
    await close(connect, connection);
    throw isUnreachable(error) ? new TemporalUnreachable(address, error) : error;
  });

  return {
    worker,
    namespace,
    async run() {
      try {
        await worker.run();
      } finally {
        await close(connect, connection);
      }
    },
  };
}

async function close(connect: ConnectClient, connection: NativeConnection): Promise<void> {
  await connect.close();
  await connection.close();
}

/** The bundle that the build made; in a checkout that is run from its sources, the workflows themselves. */
function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = path.join(__dirname, '..', 'workflow-bundle.js');
  return existsSync(codePath) ? { workflowBundle: { codePath } } : { workflowsPath: require.resolve('../workflows') };
}

function countCalls() {
  const { metricMeter } = Runtime.instance();
  const calls = metricMeter.createCounter('connect_calls', 'calls', 'Calls to Connect by method, route and status');
  const durations = metricMeter.createHistogram(
    'connect_call_duration',
    'float',
    'seconds',
    'Time of a call to Connect',
  );
  return ({
    method,
    route,
    status,
    durationMs,
  }: {
    method: string;
    route: string;
    status: number | string;
    durationMs: number;
  }) => {
    calls.add(1, { method, route, status: String(status) });
    durations.record(durationMs / 1000, { method, route });
  };
}
