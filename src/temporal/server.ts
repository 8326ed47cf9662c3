import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { google } from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes';
import { connectTemporal, temporalClient } from './client';
import { type Cli, type Environment, findCli, type Report } from './find-cli';
import { spawnGuarded } from './guarded-process';
import { registerSearchAttributes, spelled } from './search-attributes';

/** How long a namespace of ours keeps runs that have ended: one day, the least that a server takes. */
export const SHORTEST_RETENTION = google.protobuf.Duration.fromObject({ seconds: 86_400 });

/** A server for the demo, the benchmark or the tests, with a namespace that nobody else uses. */
export interface TemporalServer {
  address: string;
  namespace: string;
  /** Its Web UI; undefined on a server that is not ours. */
  uiUrl: string | undefined;
  /** One sentence: where it comes from. */
  source: string;
  /** For another process: the variables that lead to it. */
  env: Record<string, string>;
  /** Resolves with its last words once a server that we started has ended; never of another. */
  ended: Promise<string>;
  /** Ends it where we started it; else gives the namespace back, or reports that it could not. */
  close(): Promise<void>;
}

export interface ServerOptions {
  env: Environment;
  /** Told of what takes long. */
  report: Report;
  /** A file that outlives a restart; without it all is in memory. */
  dbFile?: string;
  ui?: boolean;
  /** Lets timers shorter than a second be short, for tests. */
  fastTimers?: boolean;
  port?: number;
  /** True for a server that a Ctrl-C in the terminal does not reach: whoever started it ends it. */
  detached?: boolean;
}

/**
 * Finds a Temporal server or starts one: the one that `TEMPORAL_ADDRESS` names, in a namespace of its own; else a dev server of Temporal's CLI, with
 * lean settings, on a free port, wherever the CLI is found or can be got. It ends with this process, even one that is killed.
 *
 * @throws TemporalUnreachable where the named server does not answer
 * @throws NoTemporalServer, which names every way
 */
export async function findOrStartServer(options: ServerOptions): Promise<TemporalServer> {
  return options.env['TEMPORAL_ADDRESS'] ? await borrowServer(options) : await startServer(options);
}

async function borrowServer({ env, report }: ServerOptions): Promise<TemporalServer> {
  const variables = temporalVariables(env);
  const { connection, address } = await connectTemporal(variables);
  const namespace = `connect-processor-${randomUUID().slice(0, 8)}`;
  let registered = false;
  const close = async () => {
    if (registered) {
      await connection.operatorService.deleteNamespace({ namespace }).catch((error: unknown) => {
        report(
          `The namespace ${namespace} is left on ${address} (${reasonOf(error)}). To delete it: temporal operator namespace delete --namespace ${namespace}`,
        );
      });
    }
    await connection.close();
  };
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: SHORTEST_RETENTION,
    });
    registered = true;
    await untilAnswers(() => registerSearchAttributes(temporalClient(connection, namespace)), 30_000);
  } catch (error) {
    await close();
    throw new Error(
      `The Temporal server at ${address}, which TEMPORAL_ADDRESS names, gives us no namespace of our own (${reasonOf(error)}). Name one that does, or unset the variable: then a server is started here.`,
      { cause: error },
    );
  }
  return {
    address,
    namespace,
    uiUrl: undefined,
    source: 'named by TEMPORAL_ADDRESS; a namespace of its own',
    env: { ...variables, TEMPORAL_NAMESPACE: namespace },
    ended: new Promise(() => undefined),
    close,
  };
}

/** What gRPC says, without its code. */
function reasonOf(error: unknown): string {
  const { details, message } = error as { details?: string; message: string };
  return details || message;
}

/** All that leads to a server: its key and certificates too, and where a `temporal.toml` may lie. */
function temporalVariables(env: Environment): Record<string, string> {
  const ours = Object.entries(env).filter(([name]) => /^(TEMPORAL_.*|HOME|XDG_CONFIG_HOME|APPDATA)$/.test(name));
  return Object.fromEntries(ours.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function startServer(options: ServerOptions): Promise<TemporalServer> {
  const cli = await findCli(options.env, options.report);
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(await freePort(options.port), cli, options);
    } catch (error) {
      const taken = error instanceof ServerEnded && error.message.includes('address already in use');
      if (!taken || options.port !== undefined || tries === 3) throw error; // else somebody took the port between
    }
  }
}

async function startOn(
  port: number,
  { file, source }: Cli,
  { env, dbFile, ui = false, fastTimers = false, detached = false }: ServerOptions,
): Promise<TemporalServer> {
  const uiPort = ui ? await freePort() : undefined;
  const address = `127.0.0.1:${port}`;
  const server = spawnGuarded(
    file,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
      ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
      ...SEARCH_ATTRIBUTES.flatMap(({ name, type }) => ['--search-attribute', `${name}=${spelled(type)}`]),
      ...dynamicConfig('system.enableActivityEagerExecution=true'), // worker and server hand over without the queue
      ...dynamicConfig('matching.numTaskqueueReadPartitions=1'),
      ...dynamicConfig('matching.numTaskqueueWritePartitions=1'),
      ...dynamicConfig('matching.useNewMatcher=true'),
      // a busy server loses a task of its schedules now and then, and gives it out again after 5 s unless told otherwise
      ...dynamicConfig('worker.perNamespaceWorkerOptions={"StickyScheduleToStartTimeout":"1s"}'),
      ...(fastTimers ? dynamicConfig('history.timerProcessorMaxTimeShift="1ms"') : []),
      ...(dbFile
        ? ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal']
        : []),
    ],
    { env: { ...withoutTemporal(env), GOGC: '400' }, detached },
  );
  const checkAlive = () => {
    const words = server.lastWords();
    if (words !== undefined) throw new ServerEnded(`The Temporal server ended at once: ${words || 'it said nothing'}`);
  };
  try {
    await untilAnswers(async () => {
      checkAlive();
      await listens(port); // first, since a client that comes too early is late by a second
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      await connection.close();
      checkAlive(); // or another server answered on this port
    }, 30_000);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    address,
    namespace: 'default',
    uiUrl: uiPort ? `http://127.0.0.1:${uiPort}` : undefined,
    source,
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' },
    ended: server.ended,
    close: () => server.stop(),
  };
}

class ServerEnded extends Error {}

const dynamicConfig = (setting: string) => ['--dynamic-config-value', setting];

/** The CLI reads the same variables as clients do; none of them is meant for our own server. */
function withoutTemporal(env: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

/** @throws Error where nobody does */
async function listens(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** Repeats a call until it succeeds. @throws its last error after `ms`; a server that has ended, at once */
async function untilAnswers(call: () => Promise<unknown>, ms: number): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      if (error instanceof ServerEnded || Date.now() >= end) throw error;
      await pause(50);
    }
  }
}

/**
 * A port that is free now.
 *
 * @param wanted the one that must be; absent, any
 * @throws Error where it is taken
 */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined) return await tryPort(wanted);
  for (let tries = 1; ; tries++) {
    try {
      return await tryPort(randomInt(FIRST_PORT, FIRST_PORT + PORTS));
    } catch (error) {
      if (tries === 100) throw error;
    }
  }
}

/** Below those that a system gives to calls that go out: one of these may take a port between its choice and its use. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

async function tryPort(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new Error(`Port ${port} cannot be used: ${(error as Error).message}`, { cause: error });
  });
  server.close();
  await once(server, 'close');
  return port;
}
