import type { Command } from 'commander';
import type { Config } from '../config';
import type { Vendors } from '../sdk/vendor';

/** Exit codes, as `--help` documents them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** What a command is given. */
export interface CommandContext {
  /** Reads the configuration. @throws ConfigError, with every problem at once */
  config(): Config;
  /** The vendor of each product, built from the configuration's settings. @throws ConfigError where a file that it names is no use */
  vendors(config: Config): Promise<Vendors>;
}

/** The command was called wrongly: ends with `EXIT.usage`. */
export class UsageError extends Error {}

/**
 * Gives a command what it takes and does.
 *
 * @param exit sets the exit code, which is `EXIT.ok` else
 */
export type DefineCommand = (command: Command, context: CommandContext, exit: (code: number) => void) => Command;
