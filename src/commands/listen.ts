import type { Command } from 'commander';
import type { CommandContext } from './command';
import { runListener } from './run-listener';

export function listenCommand(command: Command, context: CommandContext): Command {
  return command.action(async () => {
    const config = context.config();
    await runListener(config, await context.vendors(config));
  });
}
