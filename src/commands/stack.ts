import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { SandboxControl } from '../../sandbox/control-client';
import { type Sandbox, startSandbox } from '../../sandbox/main';
import { type Config, loadConfig, VARIABLES } from '../config';
import { DEFAULT_TASK_QUEUE, POLL_SCHEDULE_ID } from '../domain/ids';
import type { Vendors } from '../sdk/vendor';
import { connectTemporal } from '../temporal/client';
import { applySchedules } from '../temporal/schedules';
import { registerSearchAttributes } from '../temporal/search-attributes';
import { findOrStartServer, type ServerOptions, type TemporalServer } from '../temporal/server';
import { leaseSchedules } from './schedule-lease';
import { usageTimesOf } from './vendors';
import { startWorkerProcess, type WorkerProcess } from './worker-process';

/** Everything on this machine: Temporal, the sandbox, a schedule that polls; and workers, each in a process of its own. */
export interface Stack {
  server: TemporalServer;
  sandbox: Sandbox;
  control: SandboxControl;
  client: Client;
  /** The environment of its workers, and of any other command that is to meet it. */
  env: NodeJS.ProcessEnv;
  /** Where the logs are, and the configuration's file. */
  folder: string;
  /** @param settings further ones @param options of the command line @throws Error where it does not start, or all is being ended */
  startWorker(settings?: Record<string, string>, options?: readonly string[]): Promise<WorkerProcess>;
  /** Ends all that this started, in order. @param keepLogs leaves the folder @throws the first error, once all else is ended */
  close(keepLogs?: boolean): Promise<void>;
}

export interface StackOptions extends Omit<ServerOptions, 'env'> {
  /** The surroundings: PATH, HOME, … What is set there for the product is not handed on. */
  env: NodeJS.ProcessEnv;
  /** What every call to Connect and to the vendor's API takes, in milliseconds; default 0. */
  latencyMs?: number;
  /** Default 1,000. */
  pollIntervalMs?: number;
  /** Further settings, by the names of docs/configuration.md. */
  settings?: Record<string, string>;
  /** What stands in the configuration's file; default nothing, unless the settings name one. */
  file?: (sandbox: Sandbox) => object;
  /** The vendor of each product: only where it has the hook `usage` does a schedule report the product's usage. Default: each has it. */
  vendors?: (config: Config) => Promise<Vendors>;
}

/** So long is a server that may be gone waited for at the end. */
const GIVEN_BACK_WITHIN_MS = 5_000;

/** @throws NoTemporalServer, or whatever else could not be started; nothing is left running then */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { latencyMs = 0, pollIntervalMs = 1000, file } = options;
  const closers: (() => Promise<unknown>)[] = [];
  let isClosing = false;
  let serverHasEnded = false;
  let keepsFolder = false;
  const closeAll = async () => {
    isClosing = true;
    const errors: unknown[] = [];
    for (const close of closers.splice(0).reverse()) await close().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0]; // the first: what follows may come of it
  };
  try {
    const server = await findOrStartServer({ detached: true, ...options });
    closers.push(() => server.close());
    void server.ended.then(() => (serverHasEnded = true));
    const sandbox = await startSandbox({ latencyMs });
    closers.push(() => sandbox.close());
    const folder = await mkdtemp(path.join(tmpdir(), 'connect-processor-'));
    closers.push(async () => {
      if (!keepsFolder) await rm(folder, { recursive: true, force: true });
    });
    const env: NodeJS.ProcessEnv = {
      ...surroundings(options.env),
      ...server.env,
      ...sandboxSettings(sandbox),
      POLL_INTERVAL: `${pollIntervalMs / 1000}s`,
      ...options.settings,
    };
    if (file) {
      env['CONNECT_PROCESSOR_CONFIG'] = path.join(folder, 'config.json');
      await writeFile(env['CONNECT_PROCESSOR_CONFIG'], JSON.stringify(file(sandbox)));
    }
    const { client, close } = await connectTemporal(server.env);
    closers.push(close);
    await registerSearchAttributes(client);
    const config = loadConfig(env);
    const usageTimes = options.vendors ? usageTimesOf(config, await options.vendors(config)) : config.usageTimes;
    const applied = await applySchedules(client, { taskQueue: DEFAULT_TASK_QUEUE, pollIntervalMs, usageTimes });
    closers.push(() =>
      client.connection.withDeadline(Date.now() + GIVEN_BACK_WITHIN_MS, () =>
        client.schedule.getHandle(POLL_SCHEDULE_ID).delete(),
      ),
    );
    const endLease = await leaseSchedules(
      client,
      applied.map(({ id }) => id),
    );
    closers.push(async () => endLease());

    let workers = 0;
    return {
      server,
      sandbox,
      control: new SandboxControl(sandbox),
      client,
      env,
      folder,
      async startWorker(settings, options) {
        if (isClosing) throw new Error('All is being ended: no worker is started any more.');
        const log = path.join(folder, `worker-${++workers}.log`);
        const starting = startWorkerProcess({ ...env, ...settings }, log, options);
        closers.push(() =>
          starting.then(
            (worker) => worker.stop(serverHasEnded ? 'SIGKILL' : 'SIGTERM'), // without a server there is nothing to finish
            () => undefined, // whoever started it has been told
          ),
        );
        return await starting;
      },
      async close(keepLogs = false) {
        keepsFolder = keepLogs;
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll().catch(() => undefined); // what kept it from starting is what there is to say
    throw error;
  }
}

function sandboxSettings(sandbox: Sandbox): Record<string, string> {
  return {
    CONNECT_API_URL: sandbox.connectUrl,
    CONNECT_API_KEY: sandbox.vendorKey,
    CONNECT_PRODUCTS: Object.values(sandbox.products).join(','),
    CONNECT_REQUESTS_PER_SECOND: '1000',
    VENDOR_API_URL: sandbox.vendorUrl,
    VENDOR_API_KEY: sandbox.vendorApiKey,
    EXAMPLE_VENDOR: 'allow',
  };
}

/** Without what is set for the product or for Temporal: a stack has its own. */
function surroundings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !VARIABLES.includes(name) && !name.startsWith('TEMPORAL_')),
  );
}
