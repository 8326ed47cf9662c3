import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command that ends when this process does, however that ends. */
export interface GuardedProcess {
  /** Undefined while it runs; then what it last said on its standard error. */
  lastWords(): string | undefined;
  /** Resolves with these once it has ended. */
  ended: Promise<string>;
  /** Ends it: asks, and after five seconds insists. */
  stop(): Promise<void>;
}

/**
 * Runs a command and passes on the signals that it reads, one a line. Its input is a pipe from us: when we are gone, a kill -9 included, the
 * pipe ends, and then so does the command.
 */
const GUARD = `
exec 3<&0
"$@" 3<&- </dev/null &
command=$!
{ while read -r signal; do kill -s "$signal" "$command"; done; kill -s KILL "$command"; } <&3 >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$command"
code=$?
kill "$guard"
exit "$code"`;

/**
 * On Windows there is no such shell: there a command outlives a process that is killed.
 *
 * @param options.detached true for a command that a Ctrl-C in the terminal does not reach
 */
export function spawnGuarded(
  file: string,
  args: readonly string[],
  options: { env: Record<string, string | undefined>; detached: boolean },
): GuardedProcess {
  const bare = process.platform === 'win32';
  const [command, argv] = bare ? [file, args] : ['/bin/sh', ['-c', GUARD, 'sh', file, ...args]];
  const child = spawn(command, argv, { ...options, stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.on('error', () => undefined); // it has ended, which its exit tells

  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-500)));
  child.once('error', (error) => (said = error.message));
  const closed = once(child, 'close').catch(() => undefined);

  const send = (signal: 'TERM' | 'KILL') => {
    if (bare) child.kill(`SIG${signal}`);
    else child.stdin.write(`${signal}\n`);
  };
  if (bare) killOnExit(child);
  let ended = false;
  void closed.then(() => (ended = true));
  return {
    lastWords: () => (ended ? said.trim() : undefined),
    ended: closed.then(() => said.trim()),
    async stop() {
      if (ended) return;
      send('TERM');
      const late = setTimeout(() => send('KILL'), 5_000);
      await closed;
      clearTimeout(late);
    },
  };
}

function killOnExit(child: ChildProcess): void {
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}
