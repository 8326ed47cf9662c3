import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The version of Temporal's CLI that is fetched or built; its dev server is the one that this release was tested on. */
export const CLI_VERSION = '1.5.1';
const OLDEST_SERVER = [1, 29, 1];

const run = promisify(execFile);

/** An executable of Temporal's CLI. */
export interface Cli {
  file: string;
  /** One sentence: where it comes from. */
  source: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;
export type Report = (line: string) => void;

/** None of the ways led to a server. */
export class NoTemporalServer extends Error {
  constructor(reasons: readonly string[]) {
    const ways = [
      'TEMPORAL_ADDRESS: set it to the address of a server that runs',
      `TEMPORAL_CLI_PATH, or \`temporal\` on the PATH: install Temporal's CLI, ${CLI_VERSION} or newer`,
      'the cache: what an earlier run fetched or built',
      'download: the Temporal SDK fetches the CLI, where its site can be reached',
      `build: \`go install github.com/temporalio/cli/cmd/temporal@v${CLI_VERSION}\`, where Go is installed`,
    ];
    super(
      `No Temporal server was found or could be started. There are five ways:\n${ways.map((way, i) => `  ${i + 1}. ${way}`).join('\n')}\nWhat happened:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    );
    this.name = 'NoTemporalServer';
  }
}

/**
 * Finds Temporal's CLI, or gets it, in this order: `TEMPORAL_CLI_PATH`; `temporal` on the PATH; the user's cache; the SDK's own download; a build
 * with Go. A version that is too old is refused by name.
 *
 * @param report is told of what takes long
 * @throws Error where `TEMPORAL_CLI_PATH` names something that cannot be used
 * @throws NoTemporalServer where no way works
 */
export async function findCli(env: Environment, report: Report): Promise<Cli> {
  const named = env['TEMPORAL_CLI_PATH'];
  if (named) {
    const problem = await unusable(named);
    if (problem) throw new Error(`TEMPORAL_CLI_PATH names ${named}, which cannot be used: ${problem}`);
    return { file: named, source: `TEMPORAL_CLI_PATH (${named})` };
  }

  const reasons = ['TEMPORAL_ADDRESS and TEMPORAL_CLI_PATH are not set'];
  const onPath = await searchPath('temporal', env);
  if (onPath) {
    const problem = await unusable(onPath);
    if (!problem) return { file: onPath, source: `\`temporal\` on the PATH (${onPath})` };
    report(`${onPath} is passed over: ${problem}`);
    reasons.push(`${onPath}: ${problem}`);
  } else reasons.push('`temporal` is not on the PATH');

  const cached = path.join(cacheFolder(env), `temporal-${CLI_VERSION}`, executable('temporal'));
  const problem = await unusable(cached);
  if (!problem) return { file: cached, source: `the cache (${cached})` };
  reasons.push(`${cached}: ${problem}`);

  for (const get of [download, build]) {
    try {
      await mkdir(path.dirname(cached), { recursive: true });
      return { file: cached, source: await get(cached, env, report) };
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new NoTemporalServer(reasons);
}

/** `connect-processor` in the folder where this system keeps what can be fetched again. One that is named by no absolute path does not count. */
export function cacheFolder(env: Environment): string {
  const named = (variable: string) => [env[variable] ?? ''].find((folder) => path.isAbsolute(folder));
  const home = named('HOME') ?? homedir();
  const base =
    process.platform === 'win32'
      ? (named('LOCALAPPDATA') ?? path.join(home, 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? path.join(home, 'Library', 'Caches')
        : (named('XDG_CACHE_HOME') ?? path.join(home, '.cache'));
  return path.join(base, 'connect-processor');
}

/** @returns why an executable cannot be used; undefined where it can */
async function unusable(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK);
  } catch {
    return 'there is no such executable';
  }
  try {
    const { stdout } = await run(file, ['--version'], { timeout: 20_000 });
    const server = /server (\d+)\.(\d+)\.(\d+)/i.exec(stdout)?.slice(1).map(Number);
    if (!server) return `it is not Temporal's CLI: its --version says ${quote(stdout)}`;
    return isOlder(server, OLDEST_SERVER)
      ? `it is too old: its server is ${server.join('.')}, and ${OLDEST_SERVER.join('.')} is needed (CLI ${CLI_VERSION} or newer)`
      : undefined;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: string | number; stderr?: string };
    return `its --version fails: ${code ?? 'it does not end'}${stderr.trim() && `, ${quote(stderr)}`}`;
  }
}

/** The beginning of what a command said, for a sentence: it may be a whole licence. */
function quote(said: string): string {
  const [line = ''] = said.trim().split('\n');
  const plain = line.replace(/[^ -~]/g, '?');
  return plain.length > 60 ? `"${plain.slice(0, 60)}…"` : `"${plain}"`;
}

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const at = version.findIndex((part, i) => part !== than[i]);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
}

async function searchPath(name: string, env: Environment): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter).filter(Boolean)) {
    const file = path.join(folder, executable(name));
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

/** The SDK fetches the CLI and starts it once; the file it leaves is what we keep. */
async function download(target: string, _env: Environment, report: Report): Promise<string> {
  report(`fetching Temporal's CLI ${CLI_VERSION} with the SDK's own download`);
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const folder = await mkdtemp(path.join(path.dirname(target), 'download-'));
  try {
    const started = await TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'cached-download', version: `v${CLI_VERSION}`, downloadDir: folder },
        log: { format: 'pretty', level: 'error' },
      },
    });
    await started.teardown();
    const [file] = (await readdir(folder)).filter((name) => name.startsWith('temporal'));
    if (file === undefined) throw new Error('it left no file');
    await rename(path.join(folder, file), target);
    return `fetched just now (${target})`;
  } catch (error) {
    throw new Error(`download: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Builds the official module. Takes minutes, so it says how it goes. Two at once build twice; the file appears whole or not at all. */
async function build(target: string, env: Environment, report: Report): Promise<string> {
  const go = await searchPath('go', env);
  if (!go) throw new Error('build: Go is not installed (`go` is not on the PATH)');

  const folder = await mkdtemp(path.join(path.dirname(target), 'build-'));
  const begun = Date.now();
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  report(`building Temporal's CLI ${CLI_VERSION} with Go, once for this machine; about 4 minutes on two cores`);
  const progress = setInterval(() => report(`  still building, ${seconds()}`), 15_000);
  try {
    await goInstall(go, folder, env);
    await rename(path.join(folder, executable('temporal')), target);
    report(`built in ${seconds()}: ${target}`);
    return `built just now (${target})`;
  } finally {
    clearInterval(progress);
    await rm(folder, { recursive: true, force: true });
  }
}

async function goInstall(go: string, folder: string, env: Environment): Promise<void> {
  const child = spawn(go, ['install', `github.com/temporalio/cli/cmd/temporal@v${CLI_VERSION}`], {
    env: { ...env, GOBIN: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let last = '';
  child.stderr.on('data', (chunk: Buffer) => (last = (last + chunk.toString()).slice(-400)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`build: go install ended with ${code}: ${last.trim().split('\n').at(-1)}`);
}
