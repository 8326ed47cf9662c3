import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, CommanderError } from 'commander';
import { demoCommand } from './commands/demo';
import { doctorCommand } from './commands/doctor';
import { requestsCommand } from './commands/requests';
import { sandboxCommand } from './commands/sandbox';
import { schedulesCommand } from './commands/schedules';
import { workerCommand } from './commands/worker';
import { type Config, ConfigError, loadConfig } from './config';
import { resolveVendor, type Vendor, type VendorFactory } from './sdk/vendor';
import { TemporalUnreachable } from './temporal/client';

/** Exit codes, as `--help` documents them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** What a command is given. */
export interface CommandContext {
  /** Reads the configuration. @throws ConfigError, with every problem at once */
  config(): Config;
  /** The vendor, built from the configuration's settings. */
  vendor(config: Config): Promise<Vendor>;
}

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
    .version((require('../../package.json') as { version: string }).version)
    .showHelpAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      `
Exit codes: 0 done · 1 something is wrong, and said · 2 wrong usage or configuration · 3 Temporal or Connect cannot be reached
Configuration: see docs/configuration.md. Temporal is found by its own variables, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …`,
    );
  const context: CommandContext = {
    config: () => loadConfig(process.env, { file: program.opts<{ config?: string }>().config }),
    async vendor(config) {
      const { vendor: file } = program.opts<{ vendor?: string }>();
      return resolveVendor(file === undefined ? vendor : await vendorIn(file), config.vendor);
    },
  };
  let code: number = EXIT.ok;
  const commands = [workerCommand, schedulesCommand, requestsCommand, doctorCommand, sandboxCommand, demoCommand];
  for (const command of commands) program.addCommand(command(context, (result) => (code = result)).exitOverride());

  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has said why
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof ConfigError) return EXIT.usage;
    return error instanceof TemporalUnreachable ? EXIT.unreachable : EXIT.failed;
  }
}

/** @throws Error that names the file, where it has no vendor */
async function vendorIn(file: string): Promise<Vendor | VendorFactory> {
  const module = (await import(pathToFileURL(path.resolve(file)).href)) as Record<string, unknown>;
  const inner = module['default'] as Record<string, unknown> | undefined; // a CommonJS module's exports
  const found = module['vendor'] ?? inner?.['vendor'] ?? inner?.['default'] ?? inner;
  if (typeof found === 'object' || typeof found === 'function') return found;
  throw new Error(
    `${file} exports no vendor: export it as \`vendor\`, or as the default. See docs/write-your-vendor.md.`,
  );
}
