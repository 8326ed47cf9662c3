import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import { type Config, secretsOf } from '../config';
import { startHealth } from '../health';
import { POLL_SCHEDULE_ID } from '../domain/ids';
import { createRedactor } from '../domain/redact';
import type { Vendors } from '../sdk/vendor';
import { installTelemetry, SHUTDOWN_SIGNALS, type Telemetry } from '../telemetry';
import { isUnreachable, withTemporal } from '../temporal/client';
import { describeSchedule } from '../temporal/schedules';
import { searchAttributeProblems, searchAttributesTodo } from '../temporal/search-attributes';
import { createProcessor } from '../worker';
import { EXIT } from './command';
import type { Listener } from './open-listener';
import { type Hearer, hearOfMishaps } from './mishaps';
import { inLog, throwAfter } from './mishaps-in-log';
import { cannotListen } from './cannot-listen';

/**
 * Runs a worker until it is told to stop.
 *
 * @throws TemporalUnreachable, or what else keeps it from starting; the process can end then
 */
export async function runWorker(config: Config, vendors: Vendors): Promise<void> {
  const redact = createRedactor(secretsOf(config));
  const telemetry = openTelemetry(config, redact);
  const mishaps = inLog(telemetry.log, 'worker');
  hearOfMishaps(mishaps);
  const takesWork = endOnSignal(telemetry.log, mishaps);
  endWithParent();
  try {
    await work(config, vendors, telemetry.log, takesWork);
  } finally {
    await telemetry.close();
  }
  throwAfter(mishaps, 'worker');
}

/**
 * Until it takes work a signal ends the process at once: there is nothing to finish, and a start may last as long as a server does not answer.
 *
 * @returns what ends this: from then on Temporal's runtime hears the signals
 */
function endOnSignal(log: Logger, mishaps: Hearer): () => void {
  const end = (signal: string) => {
    log.info('worker has stopped', { signal, beforeItTookWork: true });
    process.exit(mishaps.hasFailed ? EXIT.failed : EXIT.ok); // an error that nobody caught ends it by a signal, too
  };
  for (const signal of SHUTDOWN_SIGNALS) process.once(signal, end);
  return () => SHUTDOWN_SIGNALS.forEach((signal) => process.off(signal, end));
}

/** @throws Error where the port is taken */
export function openTelemetry({ logLevel: level, metricsPort }: Config, redact: (text: string) => string): Telemetry {
  try {
    return installTelemetry({ level, metricsPort, redact });
  } catch (error) {
    throw cannotListen(error, { port: ['METRICS_PORT', metricsPort] });
  }
}

/**
 * @returns undefined where no port is set for it
 * @throws Error where the port is taken
 */
export async function openHealth(
  { healthPort }: Config,
  isReady: () => boolean,
): Promise<{ port: number; close(): Promise<void> } | undefined> {
  if (healthPort === undefined) return undefined;
  try {
    return await startHealth(healthPort, isReady);
  } catch (error) {
    throw cannotListen(error, { port: ['HEALTH_PORT', healthPort] });
  }
}

/** A worker that another process of ours started, over a channel, does not outlive it. */
function endWithParent(): void {
  const end = () => process.kill(process.pid, 'SIGTERM');
  if (process.connected === undefined) return; // nobody has given it a channel
  if (!process.connected) return void end(); // who did has ended already
  process.once('disconnect', end);
  process.channel?.unref();
}

async function work(config: Config, vendors: Vendors, log: Logger, takesWork: () => void): Promise<void> {
  const { taskQueue } = config;
  let isReady = () => false;
  let listener: Listener | undefined;
  const health = await openHealth(config, () => isReady());
  try {
    await checkNamespace(log);
    if (config.listen.port !== undefined) {
      const { openListener } = await import('./open-listener.js'); // most workers start without its HTTP server
      listener = await openListener(config, vendors, log);
    }
    const { worker, namespace, run } = await createProcessor(config, vendors);
    isReady = () => worker.getState() === 'RUNNING';
    const ended = run();
    takesWork();
    log.info('worker is running', { taskQueue, namespace, ...selected(config), healthPort: health?.port });
    if (process.connected) process.send?.('ready'); // heard by whoever has started it over a channel
    await ended;
    log.info('worker has stopped');
  } finally {
    await listener?.close();
    await health?.close();
  }
}

/** What is processed, in short; `doctor` says more. */
function selected({ connect, selections }: Config) {
  const connectionTypes = Object.values(selections).flatMap((one) => (one.process ? one.connectionTypes : []));
  return { products: connect.products, connectionTypes: [...new Set(connectionTypes)] };
}

/** Says what a first deployment forgets; a search attribute that is missing would fail every start, so that one stops the worker. */
async function checkNamespace(log: Logger): Promise<void> {
  await withTemporal(async ({ client, namespace }) => {
    const problems = await searchAttributeProblems(client);
    if (problems.length > 0) {
      throw new Error(
        `Namespace "${namespace}" lacks search attributes: ${problems.join('; ')}. ${searchAttributesTodo(problems)}`,
      );
    }
    await checkSchedule(client, namespace, log);
  });
}

/** Where Temporal does not tell, the worker works all the same. */
async function checkSchedule(client: Client, namespace: string, log: Logger): Promise<void> {
  try {
    if (await describeSchedule(client, POLL_SCHEDULE_ID, SCHEDULE_MS)) return;
    log.warn(`no schedule polls Connect in namespace "${namespace}": run \`connect-processor schedules apply\` once`);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    log.warn(
      `whether a schedule polls Connect in namespace "${namespace}" is not known, since Temporal does not tell: see \`connect-processor schedules show\``,
    );
  }
}

const SCHEDULE_MS = 7_000;
