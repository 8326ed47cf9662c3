import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { type CommandContext, EXIT, UsageError } from './commands/command';
import { demoCommand } from './commands/demo';
import { doctorCommand } from './commands/doctor';
import { listenCommand } from './commands/listen';
import { requestsCommand } from './commands/requests';
import { sandboxCommand } from './commands/sandbox';
import { schedulesCommand } from './commands/schedules';
import { usageCommand } from './commands/usage';
import { vendorIn } from './commands/vendor-file';
import { webhooksCommand } from './commands/webhooks';
import { workerCommand } from './commands/worker';
import { ConfigError, loadConfig, secretsOf } from './config';
import { ConnectNetworkError, ConnectTimeoutError } from './connect/errors';
import { createRedactor } from './redact';
import { resolveVendor, type Vendor, type VendorFactory } from './sdk/vendor';
import { TemporalUnreachable } from './temporal/client';

/**
 * Runs the command line.
 *
 * @param vendor what `--vendor FILE` may replace
 * @returns the exit code; the process ends by itself once nothing is left to do
 */
export async function main(vendor: Vendor | VendorFactory, argv: readonly string[] = process.argv): Promise<number> {
  const program = new Command('connect-processor')
    .description(
      'Turns every pending CloudBlue Connect request into a durable Temporal workflow, and brings it to its end.',
    )
    .option('--config <file>', 'JSON file with settings; environment variables win (also CONNECT_PROCESSOR_CONFIG)')
    .option('--vendor <file>', "your vendor's module: exports `vendor`, or has it as its default export")
    .version(version())
    .addHelpText(
      'after',
      `
Exit codes: 0 done · 1 something is wrong, and said · 2 wrong usage or configuration · 3 Temporal or Connect cannot be reached
Configuration: see docs/configuration.md. Temporal is found by its own variables, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …`,
    );
  let redact = (text: string) => text;
  const context: CommandContext = {
    config() {
      const config = loadConfig(process.env, { file: program.opts<{ config?: string }>().config });
      redact = createRedactor(secretsOf(config));
      return config;
    },
    async vendor(config) {
      const { vendor: file } = program.opts<{ vendor?: string }>();
      return resolveVendor(file === undefined ? vendor : await vendorIn(file), config.vendor);
    },
  };
  // Who reads only the beginning, as `| head` does, has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed),
  );

  let code: number = EXIT.ok;
  const commands = [
    ...[workerCommand, listenCommand, schedulesCommand, requestsCommand, usageCommand, webhooksCommand],
    ...[doctorCommand, sandboxCommand, demoCommand],
  ];
  for (const command of commands) program.addCommand(command(context, (result) => (code = result)));
  for (const { command, call } of allOf(program)) {
    command.exitOverride().showHelpAfterError(`How it is used: ${call} --help`);
  }

  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has said why
    const said = redact(error instanceof Error ? error.message : String(error));
    process.stderr.write(`${said.length > LONGEST_ERROR ? `${said.slice(0, LONGEST_ERROR)}…` : said}\n`);
    if (error instanceof ConfigError || error instanceof UsageError) return EXIT.usage;
    const unreachable = [TemporalUnreachable, ConnectNetworkError, ConnectTimeoutError];
    return unreachable.some((type) => error instanceof type) ? EXIT.unreachable : EXIT.failed;
  }
}

/** What Connect says may be long: a page of a proxy. */
const LONGEST_ERROR = 2_000;

/** A command with those below it, however deep, and what is typed to call each. */
function allOf(command: Command, above: readonly string[] = []): { command: Command; call: string }[] {
  const words = [...above, command.name()];
  return [{ command, call: words.join(' ') }, ...command.commands.flatMap((below) => allOf(below, words))];
}

/** Of the package: beside the sources, or one folder further up from the build. */
function version(): string {
  const file = [path.join(__dirname, '../package.json'), path.join(__dirname, '../../package.json')].find(existsSync);
  return (JSON.parse(readFileSync(file!, 'utf8')) as { version: string }).version;
}
