import type { Command } from 'commander';
import type { CommandContext } from './command';
import { runWorker } from './run-worker';

export function workerCommand(command: Command, context: CommandContext): Command {
  return command.action(async () => {
    const config = context.config();
    await runWorker(config, await context.vendors(config));
  });
}
