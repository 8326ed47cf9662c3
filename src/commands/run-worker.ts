import { setFlagsFromString } from 'node:v8';
import type { Logger } from '@temporalio/worker';
import type { Config } from '../config';
import { startHealth } from '../health';
import { createRedactor } from '../redact';
import type { Vendor } from '../sdk/vendor';
import { installTelemetry, type Telemetry } from '../telemetry';
import { withTemporal } from '../temporal/client';
import { describeSchedule } from '../temporal/schedules';
import { searchAttributeProblems } from '../temporal/search-attributes';
import { createProcessor } from '../worker';
import { portInUse } from './port-in-use';

/**
 * V8 lets a small heap grow to several times what is alive in it before it collects. A worker under load has two such heaps: with this it
 * peaks at 320 MB instead of 530, and is no slower (`npm run bench`).
 */
const HEAP_GROWTH = '--heap-growing-percent=30';

/**
 * Runs a worker until it is told to stop.
 *
 * @throws TemporalUnreachable, or what else keeps it from starting; the process can end then
 */
export async function runWorker(config: Config, vendor: Vendor): Promise<void> {
  setFlagsFromString(HEAP_GROWTH);
  endWithParent();
  const redact = createRedactor([config.connect.apiKey, config.vendor.apiKey]);
  const telemetry = openTelemetry(config, redact);
  try {
    await work(config, vendor, telemetry.log);
  } finally {
    await telemetry.close(); // also where it could not start: else the process would stay, and do nothing
  }
}

function openTelemetry({ logLevel: level, metricsPort }: Config, redact: (text: string) => string): Telemetry {
  try {
    return installTelemetry({ level, metricsPort, redact });
  } catch (error) {
    throw portInUse('METRICS_PORT', metricsPort, error);
  }
}

async function openHealth(port: number, isReady: () => boolean) {
  try {
    return await startHealth(port, isReady);
  } catch (error) {
    throw portInUse('HEALTH_PORT', port, error);
  }
}

/** A worker that another process of ours started, over a channel, does not outlive it. */
function endWithParent(): void {
  if (!process.channel) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

async function work(config: Config, vendor: Vendor, log: Logger): Promise<void> {
  const { healthPort, taskQueue: queue } = config;
  let isReady = () => false;
  const health = healthPort === undefined ? undefined : await openHealth(healthPort, () => isReady());
  try {
    await checkNamespace(log);
    const { worker, run } = await createProcessor(config, vendor);
    isReady = () => worker.getState() === 'RUNNING';
    log.info('worker starts', { queue, products: config.connect.products, healthPort: health?.port });
    await run();
    log.info('worker has stopped');
  } finally {
    await health?.close();
  }
}

/** Says what a first deployment forgets; a search attribute that is missing would fail every start, so that one stops the worker. */
async function checkNamespace(log: Logger): Promise<void> {
  await withTemporal(async ({ client, namespace }) => {
    const problems = await searchAttributeProblems(client);
    if (problems.length > 0) {
      throw new Error(
        `Namespace "${namespace}" lacks search attributes: ${problems.join('; ')}. Run \`connect-processor schedules apply\`, which registers them.`,
      );
    }
    if (!(await describeSchedule(client))) {
      log.warn(`no schedule polls Connect in namespace "${namespace}": run \`connect-processor schedules apply\` once`);
    }
  });
}
