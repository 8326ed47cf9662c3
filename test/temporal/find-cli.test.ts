import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { CLI_VERSION, findCli, NoTemporalServer } from '../../src/temporal/find-cli';

/** What the SDK's own download does; nothing is fetched here. */
const download = jest.fn<(options: { server: { executable: { downloadDir: string } } }) => Promise<object>>();
jest.mock('@temporalio/testing', () => ({
  TestWorkflowEnvironment: { createLocal: (options: never) => download(options) },
}));

const GOOD = 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)';
const OLD = 'temporal version 1.3.0 (Server 1.27.1, UI 2.36.0)';

let folder: string;
let env: { PATH: string; HOME: string; XDG_CACHE_HOME?: string; TEMPORAL_CLI_PATH?: string };
let reports: string[];
const at = (...parts: string[]) => path.join(folder, ...parts);
const cached = () => at('home', '.cache', 'connect-processor', `temporal-${CLI_VERSION}`, 'temporal');

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'find-cli-'));
  env = { PATH: at('bin'), HOME: at('home') };
  reports = [];
  download.mockReset().mockRejectedValue(new Error('the download site cannot be reached'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const find = () => findCli(env, (line) => void reports.push(line));

async function executable(file: string, script: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Temporal's CLI, as far as its version. */
const cli = (file: string, version = GOOD) => executable(file, `echo '${version}'`);

/** Go, which builds by writing a file to the folder that it is told. */
const go = (version = GOOD) =>
  executable(
    at('bin', 'go'),
    `printf '#!/bin/sh\\necho "${version}"\\n' > "$GOBIN/temporal"; /bin/chmod +x "$GOBIN/temporal"`,
  );

test('takes the executable that TEMPORAL_CLI_PATH names, before any other', async () => {
  env.TEMPORAL_CLI_PATH = await cli(at('mine', 'temporal-cli'));
  await cli(at('bin', 'temporal'));
  await cli(cached());
  const file = at('mine', 'temporal-cli');
  expect(await find()).toEqual({ file, source: `TEMPORAL_CLI_PATH (${file})` });
});

test.each([
  ['is not there', undefined, 'there is no such executable'],
  ['is too old', OLD, 'it is too old: its server is 1.27.1, and 1.29.1 is needed (CLI 1.5.1 or newer)'],
  [
    'is of long ago',
    'temporal version 0.11.0 (server 1.22.2) (ui 2.21.0)',
    'it is too old: its server is 1.22.2, and 1.29.1',
  ],
  ['is something else', 'v20.20.2', 'it is not Temporal\'s CLI: its --version says "v20.20.2"'],
])('says so where the executable that TEMPORAL_CLI_PATH names %s, and tries no other', async (_, version, problem) => {
  await cli(at('bin', 'temporal'));
  const file = at('mine', 'temporal');
  if (version) await cli(file, version);
  env.TEMPORAL_CLI_PATH = file;
  await expect(find()).rejects.toThrow(`TEMPORAL_CLI_PATH names ${file}, which cannot be used: ${problem}`);
});

test('quotes no more than the beginning of what another program says', async () => {
  const licence = `printf 'true (GNU coreutils) 9.1\\nCopyright (C) 2022 Free Software Foundation, Inc.\\nLicense GPLv3+\\n'`;
  env.TEMPORAL_CLI_PATH = await executable(at('mine', 'true'), licence);
  await expect(find()).rejects.toThrow(/: it is not Temporal's CLI: its --version says "true \(GNU coreutils\) 9\.1"$/);

  env.TEMPORAL_CLI_PATH = await executable(at('mine', 'junk'), `printf '\\033[2J${'x'.repeat(1000)}'`);
  await expect(find()).rejects.toThrow(/: its --version says "\?\[2Jx{56}…"$/);
});

test.each([
  ['exit 3', 'its --version fails: 3'],
  ['echo "no such option" >&2; exit 1', 'its --version fails: 1, "no such option"'],
])('says so where the executable that TEMPORAL_CLI_PATH names fails: %s', async (script, problem) => {
  env.TEMPORAL_CLI_PATH = await executable(at('mine', 'temporal'), script);
  await expect(find()).rejects.toThrow(new RegExp(`which cannot be used: ${problem}$`));
});

test('takes `temporal` on the PATH before the one in the cache', async () => {
  const file = await cli(at('bin', 'temporal'));
  await cli(cached());
  expect(await find()).toEqual({ file, source: `\`temporal\` on the PATH (${file})` });
});

test.each([
  ['1.29.0', false],
  ['1.28.9', false],
  ['1.29.1', true],
  ['1.30.0', true],
  ['2.0.0', true],
])('a server %s on the PATH is new enough: %s', async (version, enough) => {
  const file = await cli(at('bin', 'temporal'), `temporal version 1.5.0 (Server ${version}, UI 2.42.1)`);
  await cli(cached());
  expect((await find()).file).toBe(enough ? file : cached());
});

test('passes over one on the PATH that is too old, says so, and takes the one in the cache', async () => {
  const old = await cli(at('bin', 'temporal'), OLD);
  await cli(cached());
  expect(await find()).toEqual({ file: cached(), source: `the cache (${cached()})` });
  expect(reports).toEqual([expect.stringContaining(`${old} is passed over: it is too old`)]);
  expect(download).not.toHaveBeenCalled();
});

test('looks for the cache where XDG_CACHE_HOME says', async () => {
  if (process.platform !== 'linux') return;
  env.XDG_CACHE_HOME = at('elsewhere');
  const file = await cli(at('elsewhere', 'connect-processor', `temporal-${CLI_VERSION}`, 'temporal'));
  expect((await find()).file).toBe(file);
});

test.each(['', 'cache'])(
  'looks for it in the home folder where XDG_CACHE_HOME is "%s", no absolute path',
  async (folder) => {
    if (process.platform !== 'linux') return;
    env.XDG_CACHE_HOME = folder;
    await cli(cached());
    expect((await find()).file).toBe(cached());
  },
);

test('downloads before it builds, and keeps what it got: the next run finds it in the cache', async () => {
  await go();
  download.mockImplementation(async ({ server }) => {
    await cli(path.join(server.executable.downloadDir, `temporal-sdk-typescript-v${CLI_VERSION}`));
    return { teardown: async () => undefined };
  });
  expect(await find()).toEqual({ file: cached(), source: `fetched just now (${cached()})` });
  expect((await find()).source).toBe(`the cache (${cached()})`);
  expect(download).toHaveBeenCalledTimes(1);
});

test('builds with Go where nothing can be downloaded, and keeps what it got', async () => {
  await go();
  expect(await find()).toEqual({ file: cached(), source: `built just now (${cached()})` });
  expect(reports.join('\n')).toContain(`building Temporal's CLI ${CLI_VERSION} with Go, once for this machine`);
  expect((await find()).source).toBe(`the cache (${cached()})`);
});

test('where none works, one message names all five ways and what happened to each', async () => {
  await cli(at('bin', 'temporal'), OLD);
  await executable(at('bin', 'go'), 'echo "go: no network" >&2; exit 1');
  const error = await find().catch((failed: unknown) => failed as Error);
  expect(error).toBeInstanceOf(NoTemporalServer);
  const lines = (error as Error).message.split('\n');
  const ways = lines.filter((line) => /^ {2}\d\./.test(line));
  expect(ways.map((way) => way.slice(0, 19))).toEqual([
    ...['  1. TEMPORAL_ADDRE', '  2. TEMPORAL_CLI_P', '  3. the cache: wha'],
    ...['  4. download: the ', '  5. build: `go ins'],
  ]);
  expect(lines.filter((line) => line.startsWith('  - '))).toEqual([
    '  - TEMPORAL_ADDRESS and TEMPORAL_CLI_PATH are not set',
    expect.stringContaining(`${at('bin', 'temporal')}: it is too old`),
    `  - ${cached()}: there is no such executable`,
    '  - download: the download site cannot be reached',
    '  - build: go install ended with 1: go: no network',
  ]);
});

test('says that Go is not installed, where it is not', async () => {
  await expect(find()).rejects.toThrow('build: Go is not installed (`go` is not on the PATH)');
});
