import { Command } from 'commander';
import type { CommandContext } from './command';
import type * as RunWorker from './run-worker';

export function workerCommand(context: CommandContext): Command {
  return new Command('worker')
    .description('Run a worker until SIGTERM or SIGINT; what is in flight is finished, or goes on elsewhere')
    .action(async () => {
      const config = context.config();
      const vendor = await context.vendor(config);
      // Loaded here, since Temporal's native part would cost every other command more than half a second.
      const { runWorker } = require('./run-worker') as typeof RunWorker;
      await runWorker(config, vendor);
    });
}
