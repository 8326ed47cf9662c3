import { cut } from '../domain/cut';
import { printable } from '../domain/printable';
import type { Redact } from '../domain/redact';
import { EXIT } from './command';
import { inWords } from './in-words';

/** Who is told of errors that nobody awaits or catches, which are those of a vendor's code. */
export interface Hearer {
  /** A promise was rejected that nobody awaits. */
  rejected(error: unknown): void;
  /** Code was cut short, in a timer or a listener: it may have left anything half done. */
  thrown(error: unknown): void;
  /** Whether the process ends with 1 for what it was told. */
  readonly hasFailed: boolean;
}

let hearer: Hearer | undefined;

/** Without this each would kill the process, with Node's own words about it, keys included. From now on it is this one that is told. */
export function hearOfMishaps(next: Hearer): void {
  if (hearer === undefined) {
    process.on('unhandledRejection', (error) => hearer?.rejected(error));
    process.on('uncaughtException', (error) => hearer?.thrown(error));
  }
  hearer = next;
}

/** The exit code of a command that has come to its end with `code`. */
export function afterMishaps(code: number): number {
  return code === EXIT.ok && hearer?.hasFailed ? EXIT.failed : code;
}

/**
 * Says it on standard error, a line each, for a command that comes to an end by itself. It goes on after a promise that nobody awaits, and ends
 * with 1; what is thrown ends it at once.
 *
 * @param redactor made when there is something to say: a command reads its configuration after it has begun
 */
export function onStandardError(redactor: () => Redact): Hearer {
  const state = { hasFailed: false };
  const say = (what: string, error: unknown) => {
    state.hasFailed = true;
    process.exitCode ||= EXIT.failed; // of a command that is over, in its last moments
    process.stderr.write(`${what}: ${oneLine(redactor()(inWords(error)))}\n`);
  };
  return {
    get hasFailed() {
      return state.hasFailed;
    },
    rejected(error) {
      say("A promise that nobody awaits was rejected: the vendor's code lacks an await, or a catch", error);
    },
    thrown(error) {
      say(
        "An error was thrown that nobody caught, in a timer or a listener of the vendor's code: the command ends",
        error,
      );
      process.stdout.write('', () => process.exit(EXIT.failed)); // once all that was printed is out
    },
  };
}

const LONGEST = 2_000;

function oneLine(text: string): string {
  return cut(printable(text.replace(/\s*\n\s*/g, ' ')), LONGEST);
}
