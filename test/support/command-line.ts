import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** The command line as it was built; `npm test` begins with that. */
export const MAIN = path.join(__dirname, '../../dist/src/main.js');

/** What a command of the command line came to. */
export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command line in a process of its own, to its end. */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv, script = MAIN): Promise<Ran> {
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, stdout, stderr };
}

/** A process in which commands run, one after the other: to start one for each takes longer than what most of them do. */
export interface CommandProcess {
  /** As `run` does; meant for commands that come to an end by themselves and log nothing. */
  run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran>;
  /** @throws Error where it does not end by itself: a command has left something open */
  close(): Promise<void>;
}

const COMMAND_AFTER_COMMAND = `
  const { main } = require(process.argv[1]);
  const { vendor } = require(process.argv[2]);
  const answer = process.stdout.write.bind(process.stdout);
  for (const name of ['stdout', 'stderr']) process[name].setMaxListeners(0);
  let ran = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) process[name].write = (text) => ((ran[name] += text), true);
  (async () => {
    for await (const line of require('node:readline').createInterface({ input: process.stdin })) {
      const { args, env } = JSON.parse(line);
      process.env = env;
      ran = { code: null, stdout: '', stderr: '' };
      ran.code = await main({ vendor, products: {} }, [process.argv[0], 'connect-processor', ...args]);
      answer(JSON.stringify(ran) + '\\n');
    }
  })();`;

export function startCommandProcess(): CommandProcess {
  const folder = path.dirname(MAIN);
  const paths = [path.join(folder, 'cli.js'), path.join(folder, 'vendor')];
  const child = spawn(process.execPath, ['-e', COMMAND_AFTER_COMMAND, ...paths], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  return {
    async run(args, env) {
      const ran = last.then(async () => {
        child.stdin.write(`${JSON.stringify({ args, env })}\n`);
        const { value, done } = await answers.next();
        if (done) throw new Error(`The process has ended in: ${args.join(' ')}`);
        return JSON.parse(value) as Ran;
      });
      last = ran.catch(() => undefined);
      return await ran;
    },
    async close() {
      child.stdin.end();
      const overdue = setTimeout(() => child.kill('SIGKILL'), 10_000);
      const [code] = (await ended) as [number | null];
      clearTimeout(overdue);
      if (code !== 0) throw new Error('Something that a command left open keeps its process from ending.');
    },
  };
}

/** Runs the built command line once for each of these, in one process. */
export async function runEach(lines: readonly (readonly string[])[], env: NodeJS.ProcessEnv): Promise<Ran[]> {
  const commands = startCommandProcess();
  const ran = await Promise.all(lines.map((line) => commands.run(line, env)));
  await commands.close();
  return ran;
}
