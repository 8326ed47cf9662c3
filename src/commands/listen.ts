import { Command } from 'commander';
import type { CommandContext } from './command';
import type * as RunListener from './run-listener';

export function listenCommand(context: CommandContext): Command {
  return new Command('listen')
    .description(
      'Answer what Connect calls: event webhooks, dynamic validation, product actions; until SIGTERM or SIGINT',
    )
    .action(async () => {
      const config = context.config();
      const vendor = await context.vendor(config);
      // Loaded here, since Temporal's native part, which has the metrics, would cost every other command more than half a second.
      const { runListener } = require('./run-listener') as typeof RunListener;
      await runListener(config, vendor);
    });
}
