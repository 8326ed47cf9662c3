import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
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

/**
 * Runs the built command line once for each of these, one after the other, all in one process: what it says is what counts, and to start a
 * process takes longer than that.
 */
export async function runEach(lines: readonly (readonly string[])[], env: NodeJS.ProcessEnv): Promise<Ran[]> {
  const script = `
    const { main } = require(process.argv[1]);
    const { vendor } = require(process.argv[2]);
    const print = process.stdout.write.bind(process.stdout);
    process.stdout.setMaxListeners(0);
    const ran = [];
    for (const name of ['stdout', 'stderr']) process[name].write = (text) => ((ran.at(-1)[name] += text), true);
    (async () => {
      for (const line of JSON.parse(process.argv[3])) {
        ran.push({ code: null, stdout: '', stderr: '' });
        ran.at(-1).code = await main({ vendor, products: {} }, [process.argv[0], 'connect-processor', ...line]);
      }
      print(JSON.stringify(ran));
    })();`;
  const folder = path.dirname(MAIN);
  const paths = [path.join(folder, 'cli.js'), path.join(folder, 'vendor')];
  const child = spawn(process.execPath, ['-e', script, ...paths, JSON.stringify(lines)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout)) as Ran[];
}
