import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { type CommandContext, type DefineCommand, EXIT, UsageError } from './commands/command';
import { connectTodo } from './commands/connect-todo';
import { afterMishaps, hearOfMishaps, onStandardError } from './commands/mishaps';
import { vendorIn } from './commands/vendor-file';
import { type GivenVendors, vendorsOf } from './commands/vendors';
import { type Config, ConfigError, loadConfig, secretsOf } from './config';
import { ConnectNetworkError, ConnectTimeoutError } from './connect/errors';
import { cut } from './domain/cut';
import { printable } from './domain/printable';
import { createRedactor } from './domain/redact';
import { BadTemporalSettings } from './temporal/bad-settings';
import { temporalSecrets } from './temporal/settings';
import { TemporalUnreachable } from './temporal/unreachable';

/**
 * Runs the command line.
 *
 * @param given `vendor`: what `--vendor FILE` may replace
 * @returns the exit code; the process ends by itself once nothing is left to do
 */
export async function main(given: GivenVendors, argv: readonly string[] = process.argv): Promise<number> {
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
Exit codes: 0 done · 1 something is wrong, and said · 2 wrong usage or configuration · 3 Temporal or Connect cannot be reached · 130 demo interrupted
Configuration: see docs/configuration.md. Temporal is found by its own variables, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …`,
    );
  const readConfig = () => loadConfig(process.env, { file: program.opts<{ config?: string }>().config });
  let known: Config | undefined;
  const redactor = () => createRedactor(known ? secretsOf(known) : secretsIn(readConfig));
  hearOfMishaps(onStandardError(redactor));
  const context: CommandContext = {
    config() {
      return (known = readConfig());
    },
    async vendors(config) {
      const { vendor: file } = program.opts<{ vendor?: string }>();
      const vendor = file === undefined ? given.vendor : await vendorIn(file);
      return await vendorsOf(config, { ...given, vendor });
    },
  };
  let isUntilCtrlC = false;
  program.hook('preSubcommand', (_, called) => void (isUntilCtrlC = UNTIL_CTRL_C.has(called.name())));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(EXIT.failed);
    // Who reads only the beginning, as `| head` does, has seen enough. A change that is being made is made to its end all the same.
    if (isUntilCtrlC) process.exit(EXIT.ok);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(EXIT.failed); // else nobody hears what is wrong, and the exit code says it alone
  });

  let code: number = EXIT.ok;
  for (const [name, { description, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(description);
    // One that is named anywhere is loaded, `help worker` too; one that is loaded in vain does no harm.
    if (argv.includes(name)) (await load())(command, context, (result) => (code = result));
  }
  guide(program);

  try {
    await program.parseAsync(argv);
    return afterMishaps(code);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has said why
    const said = printable(redactor()(error instanceof Error ? error.message : String(error)));
    process.stderr.write(`${cut(said, LONGEST_ERROR)}\n`);
    const todo = connectTodo(error, known?.connect.url ?? '');
    if (todo !== undefined) process.stderr.write(`${todo}\n`);
    const usage = [ConfigError, UsageError, BadTemporalSettings];
    if (usage.some((type) => error instanceof type)) return EXIT.usage;
    const unreachable = [TemporalUnreachable, ConnectNetworkError, ConnectTimeoutError];
    return unreachable.some((type) => error instanceof type) ? EXIT.unreachable : EXIT.failed;
  }
}

/** For what is to be said before a command has read the configuration, or by one that does not. */
function secretsIn(readConfig: () => Config): (string | undefined)[] {
  try {
    return secretsOf(readConfig());
  } catch {
    return temporalSecrets();
  }
}

/** Commands that do not end by themselves, or not soon. */
const UNTIL_CTRL_C = new Set(['worker', 'listen', 'sandbox', 'demo']);

/** What Connect says may be long: a page of a proxy. */
const LONGEST_ERROR = 2_000;

/** Each says what it is at once; what it takes, and the code behind it, is loaded where it is called: all together cost a call half a second. */
const COMMANDS: Record<string, { description: string; load: () => Promise<DefineCommand> }> = {
  worker: {
    description: 'Run a worker until SIGTERM or SIGINT; what is in flight is finished, or goes on elsewhere',
    load: async () => (await import('./commands/worker.js')).workerCommand,
  },
  listen: {
    description:
      'Answer what Connect calls: event webhooks, dynamic validation, product actions; until SIGTERM or SIGINT',
    load: async () => (await import('./commands/listen.js')).listenCommand,
  },
  schedules: {
    description: 'The Temporal schedules: one that polls Connect, and one for each product whose usage is reported',
    load: async () => (await import('./commands/schedules.js')).schedulesCommand,
  },
  requests: {
    description: 'Look at requests, and try again what is stuck',
    load: async () => (await import('./commands/requests.js')).requestsCommand,
  },
  usage: {
    description: 'Report what was used of pay-as-you-go items, and see where the usage files stand',
    load: async () => (await import('./commands/usage.js')).usageCommand,
  },
  webhooks: {
    description: 'Whom Connect calls: event webhooks of each product, and the validators that the vendor needs',
    load: async () => (await import('./commands/webhooks.js')).webhooksCommand,
  },
  doctor: {
    description:
      'Check all that a deployment needs: Temporal, Connect, products, templates, parameters, usage, webhooks, the vendor and its API',
    load: async () => (await import('./commands/doctor.js')).doctorCommand,
  },
  import: {
    description: "Read the settings of a processor made from CloudBlue's Python template, and print what they are here",
    load: async () => (await import('./commands/import.js')).importCommand,
  },
  sandbox: {
    description: 'Run a Connect and a vendor API to try the product on, in memory, until Ctrl-C',
    load: async () => (await import('./commands/sandbox.js')).sandboxCommand,
  },
  demo: {
    description: 'Everything at once on this machine: Temporal, the sandbox, a worker, and orders to watch',
    load: async () => (await import('./commands/demo.js')).demoCommand,
  },
};

/** A command, and those below it, however deep, say after an error how they are used. @param above what is typed before it */
function guide(command: Command, above: readonly string[] = []): void {
  const words = [...above, command.name()];
  // `--config` and `--vendor` stand before or after the command's name, and are shown with each.
  command.configureHelp({ showGlobalOptions: true });
  command.exitOverride().showHelpAfterError(`How it is used: ${words.join(' ')} --help`);
  for (const below of command.commands) guide(below, words);
}

/** Of the package: beside the sources, or one folder further up from the build. */
function version(): string {
  const file = [path.join(__dirname, '../package.json'), path.join(__dirname, '../../package.json')].find(existsSync);
  return (JSON.parse(readFileSync(file!, 'utf8')) as { version: string }).version;
}
