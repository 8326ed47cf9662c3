import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../temporal/server';
import { YOUNG_GENERATION } from './worker';

const GRACE_MS = 60_000;

/** A worker in a process of its own, as in production. */
export interface WorkerProcess {
  pid: number;
  /** Where it writes its log. */
  logFile: string;
  /** Port of its metrics, `/metrics`. */
  metricsPort: number;
  /** True once it has ended, by whatever cause. */
  hasEnded(): boolean;
  /**
   * Ends it and waits for its end. SIGTERM lets it finish what it does; SIGKILL does not.
   *
   * @param graceMs after SIGTERM, until SIGKILL; default 60 s, as an orchestrator has it
   */
  stop(signal?: 'SIGTERM' | 'SIGKILL', graceMs?: number): Promise<void>;
}

/**
 * Starts `connect-processor worker` and waits until it takes work. A Ctrl-C in the terminal does not reach it: whoever started it ends it.
 *
 * @param env its whole environment; the port of its metrics is added
 * @param options of the command line, such as `--vendor FILE`
 * @param main the script to run; default this package's own
 * @throws Error with its last words and the log's file, where it ends before it is ready
 */
export async function startWorkerProcess(
  env: NodeJS.ProcessEnv,
  logFile: string,
  options: readonly string[] = [],
  main = commandLine(),
): Promise<WorkerProcess> {
  for (let tries = 1; ; tries++) {
    const metricsPort = await freePort();
    const child = spawnWorker({ ...env, METRICS_PORT: `${metricsPort}` }, logFile, [main, ...options, 'worker']);
    if (await getsReady(child)) return workerProcess(child, logFile, metricsPort);
    const said = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
    const isTaken = said.includes(`Port ${metricsPort} is in use`); // by somebody, since it was chosen
    if (!isTaken || tries === 3) throw new Error(`The worker ended before it was ready: ${said}\nIts log: ${logFile}`);
  }
}

function spawnWorker(env: NodeJS.ProcessEnv, logFile: string, args: readonly string[]): ChildProcess {
  const log = openSync(logFile, 'a');
  const maps = process.sourceMapsEnabled ? ['--enable-source-maps'] : []; // to read them takes a tenth of its start
  const child = spawn(process.execPath, [YOUNG_GENERATION, ...maps, ...args], {
    env,
    stdio: ['ignore', log, log, 'ipc'], // the channel breaks when we end, however that happens, and then the worker ends
    detached: true,
  });
  child.channel?.unref();
  closeSync(log);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

function workerProcess(child: ChildProcess, logFile: string, metricsPort: number): WorkerProcess {
  return {
    pid: child.pid!,
    logFile,
    metricsPort,
    hasEnded: () => hasEnded(child),
    async stop(signal = 'SIGTERM', graceMs = GRACE_MS) {
      if (hasEnded(child)) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      const impatience = setTimeout(() => void child.kill('SIGKILL'), graceMs); // one that is frozen hears no SIGTERM
      await ended;
      clearTimeout(impatience);
    },
  };
}

/** The command line as it was built: beside this file, or, for whoever runs from the sources, where the last build put it. */
export function commandLine(): string {
  const built = [path.join(__dirname, '../main.js'), path.join(__dirname, '../../dist/src/main.js')].find(existsSync);
  if (built === undefined) throw new Error('It runs from the build: run `npm run build` first.');
  return built;
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** It says so itself (`run-worker.ts`). False where it ends instead. */
function getsReady(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.on('message', (message) => message === 'ready' && resolve(true));
    child.once('exit', () => resolve(false));
  });
}
