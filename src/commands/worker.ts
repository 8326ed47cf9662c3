import { Command } from 'commander';
import type { CommandContext } from '../cli';
import { startHealth } from '../health';
import { createRedactor } from '../redact';
import { installTelemetry } from '../telemetry';
import { connectTemporal } from '../temporal/client';
import { describeSchedule } from '../temporal/schedules';
import { searchAttributeProblems } from '../temporal/search-attributes';
import { createProcessor } from '../worker';

export function workerCommand(context: CommandContext): Command {
  return new Command('worker')
    .description('Run a worker until SIGTERM or SIGINT; what is in flight is finished, or goes on elsewhere')
    .action(async () => {
      const config = context.config();
      const redact = createRedactor([config.connect.apiKey, config.vendor.apiKey]);
      const log = installTelemetry({ level: config.logLevel, metricsPort: config.metricsPort, redact });
      const vendor = await context.vendor(config);
      await checkNamespace(log);

      const { worker, run } = await createProcessor(config, vendor);
      const health =
        config.healthPort === undefined
          ? undefined
          : await startHealth(config.healthPort, () => worker.getState() === 'RUNNING');
      const running = run();
      log.info('worker is running', {
        taskQueue: config.taskQueue,
        products: config.connect.products,
        healthPort: health?.port,
      });
      try {
        await running;
      } finally {
        await health?.close();
      }
      log.info('worker has stopped');
    });
}

/** Says what a first deployment forgets; a search attribute that is missing would fail every start, so that one stops the worker. */
async function checkNamespace(log: { warn(message: string): unknown }): Promise<void> {
  const { client, namespace, close } = await connectTemporal();
  try {
    const problems = await searchAttributeProblems(client);
    if (problems.length > 0) {
      throw new Error(
        `Namespace "${namespace}" lacks search attributes: ${problems.join('; ')}. Run \`connect-processor schedules apply\`, which registers them.`,
      );
    }
    if (!(await describeSchedule(client))) {
      log.warn(`no schedule polls Connect in namespace "${namespace}": run \`connect-processor schedules apply\` once`);
    }
  } finally {
    await close();
  }
}
