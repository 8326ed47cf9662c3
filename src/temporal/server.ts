import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes';
import { type Environment, findCli, type Report } from './find-cli';
import { registerSearchAttributes } from './search-attributes';

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
  /** Ends it where we started it; else gives the namespace back. */
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
}

/**
 * Finds a Temporal server or starts one: the one that `TEMPORAL_ADDRESS` names, in a namespace of its own; else a dev server of Temporal's CLI, with
 * lean settings, on a free port, wherever the CLI is found or can be got.
 *
 * @throws NoTemporalServer, which names every way
 */
export async function findOrStartServer(options: ServerOptions): Promise<TemporalServer> {
  return options.env['TEMPORAL_ADDRESS']
    ? await borrowServer(options.env['TEMPORAL_ADDRESS'])
    : await startServer(options);
}

async function borrowServer(address: string): Promise<TemporalServer> {
  const { connectionOptions } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  const namespace = `connect-processor-${randomUUID().slice(0, 8)}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const client = new Client({ connection, namespace });
  await untilAnswers(() => registerSearchAttributes(client), 30_000);
  return {
    address,
    namespace,
    uiUrl: undefined,
    source: `TEMPORAL_ADDRESS (${address}), in a namespace of its own, ${namespace}`,
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
    async close() {
      await connection.operatorService.deleteNamespace({ namespace });
      await connection.close();
    },
  };
}

async function startServer({
  env,
  report,
  dbFile,
  ui = false,
  fastTimers = false,
  port,
}: ServerOptions): Promise<TemporalServer> {
  const { file, source } = await findCli(env, report);
  const [apiPort, uiPort] = [port ?? (await freePort()), await freePort()];
  const address = `127.0.0.1:${apiPort}`;
  const child = spawn(
    file,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(apiPort), '--log-level', 'error'],
      ...(ui ? ['--ui-port', String(uiPort)] : ['--headless']),
      ...SEARCH_ATTRIBUTES.flatMap(({ name }) => ['--search-attribute', `${name}=Keyword`]),
      ...dynamicConfig('system.enableActivityEagerExecution=true'), // worker and server hand over without the queue
      ...dynamicConfig('matching.numTaskqueueReadPartitions=1'),
      ...dynamicConfig('matching.numTaskqueueWritePartitions=1'),
      ...dynamicConfig('matching.useNewMatcher=true'),
      ...(fastTimers ? dynamicConfig('history.timerProcessorMaxTimeShift="1ms"') : []),
      ...(dbFile
        ? ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal']
        : []),
    ],
    { env: { ...withoutTemporal(env), GOGC: '400' }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const stop = endWithUs(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-500)));

  try {
    await untilAnswers(async () => {
      if (child.exitCode !== null) throw new ServerEnded(`The Temporal server ended at once: ${said.trim()}`);
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      await connection.close();
    }, 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address,
    namespace: 'default',
    uiUrl: ui ? `http://127.0.0.1:${uiPort}` : undefined,
    source,
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' },
    close: stop,
  };
}

class ServerEnded extends Error {}

const dynamicConfig = (setting: string) => ['--dynamic-config-value', setting];

/** The CLI reads the same variables as clients do; none of them is meant for our own server. */
function withoutTemporal(env: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

/** Ends the child when asked, and when this process exits, whatever the reason that it can still act on. */
function endWithUs(child: ChildProcess): () => Promise<void> {
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  return async () => {
    process.off('exit', kill);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(kill, 5_000);
    await ended;
    clearTimeout(late);
  };
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

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
