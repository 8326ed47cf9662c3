import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** Imports that the table in CONTRIBUTING.md forbids, one a file, and the rule that must say so. */
const FORBIDDEN: [file: string, code: string, rule: string][] = [
  ['src/domain/a.ts', "import '../connect/thing';", 'domain-ours'],
  ['src/domain/b.ts', "import 'zod';", 'domain-packages'],
  ['src/domain/c.ts', "import 'node:fs';", 'domain-built-ins'],
  ['src/sdk/a.ts', "import '../connect/thing';", 'sdk-ours'],
  ['src/sdk/b.ts', "import '@temporalio/client';", 'sdk-packages'],
  ['src/vendor/a.ts', "import '../domain/thing';", 'vendor-ours'],
  ['src/vendor/b.ts', "import '@temporalio/workflow';", 'vendor-packages'],
  ['src/connect/a.ts', "import '../domain/thing';", 'connect-ours'],
  ['src/connect/b.ts', "import 'fastify';", 'connect-packages'],
  ['workflows/a.ts', "import '../activities/thing';", 'workflows-ours'],
  ['workflows/b.ts', "import 'zod';", 'workflows-packages'],
  ['workflows/c.ts', "import 'node:fs';", 'workflows-built-ins'],
  ['workflows/d.ts', "import '../src/domain/c';", 'workflows-reach-no-built-in'],
  ['workflows/e.ts', "import '../src/domain/a';", 'workflows-reach-no-activity'],
  ['activities/a.ts', "import '../src/temporal/thing';", 'activities-ours'],
  ['activities/b.ts', "import '../src/vendor/thing';", 'vendor-once'],
  ['activities/c.ts', "import '@temporalio/client';", 'activities-packages'],
  ['src/temporal/a.ts', "import '../connect/thing';", 'temporal-ours'],
  ['src/temporal/b.ts', "import '@temporalio/worker';", 'temporal-packages'],
  ['src/commands/a.ts', "import '../vendor/thing';", 'vendor-once'],
  ['src/commands/b.ts', "import '../../sandbox/thing';", 'sandbox-guests'],
  ['src/commands/c.ts', "import '../../test/thing';", 'not-to-tests'],
  ['src/worker.ts', "import './main';", 'commands-ours'],
  ['src/index.ts', "import './connect/thing';", 'entry-ours'],
  ['src/main.ts', "import 'zod';", 'entry-packages'],
  ['sandbox/a.ts', "import '../src/connect/thing';", 'sandbox-ours'],
  ['sandbox/b.ts', "import 'undici';", 'sandbox-packages'],
  ['src/lone.ts', "import './not-there';", 'resolvable'],
  ['test/end-to-end/fixtures/lone.cjs', "require('../not-there');", 'resolvable'],
  ['src/x.ts', "import './y';", 'no-circular'],
  ['src/dev.ts', "import 'fast-check';", 'not-to-dev-dependency'],
];

/** What a type alone may not name, and what it may. */
const FORBIDDEN_TYPES: [file: string, code: string, rule: string][] = [
  ['src/domain/t.ts', "import type { A } from '../connect/thing'; export type T = A;", 'domain-ours'],
  ['src/temporal/t.ts', "import type { A } from '../connect/thing'; export type T = A;", 'temporal-ours'],
  ['sandbox/t.ts', "import type { A } from '../src/connect/thing'; export type T = A;", 'sandbox-ours'],
];
const ALLOWED_TYPES: [file: string, code: string][] = [
  ['src/sdk/t.ts', "import type { A } from '../connect/thing'; export type T = A;"],
  ['workflows/t.ts', "import type { A } from '../activities/thing'; export type T = A;"],
];
const ALLOWED: [file: string, code: string][] = [
  ['src/commands/sandbox.ts', "import '../../sandbox/thing';"],
  ['src/commands/demo/page.ts', "import '../../../sandbox/thing';"],
  ['src/commands/requests.ts', "import '../../activities/thing';"],
  ['activities/ok.ts', "import '../src/connect/thing'; import '@temporalio/activity';"],
  ['workflows/ok.ts', "import '../src/domain/thing'; import '@temporalio/workflow';"],
  ['src/vendor/ok.ts', "import '../sdk/thing'; import 'undici';"],
  ['test/end-to-end/fixtures/ok.cjs', "require('connect-processor');"], // the build, which is not made there
];

const root = path.join(__dirname, '..');
const folders = ['src', 'workflows', 'activities', 'sandbox', 'test'];
const homes = [
  'src/domain',
  'src/sdk',
  'src/vendor',
  'src/connect',
  'src/temporal',
  'src/commands',
  'src/commands/demo',
  ...folders.slice(1),
  'test/end-to-end/fixtures',
];
let project: string;
let running: string[];
let withTypes: string[];

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'boundaries-'));
  for (const file of ['.dependency-cruiser.cjs', 'scripts', 'tsconfig.json', 'package.json'])
    await cp(path.join(root, file), path.join(project, file), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(project, 'node_modules'));
  for (const home of homes) await mkdir(path.join(project, home), { recursive: true });
  const things = homes.map((home): [string, string] => [
    `${home}/thing.ts`,
    'export interface A { a: 1 }; export const a = 1;',
  ]);
  const cycle: [string, string] = ['src/y.ts', "import './x';"];
  for (const [file, code] of [...things, cycle, ...FORBIDDEN, ...FORBIDDEN_TYPES, ...ALLOWED, ...ALLOWED_TYPES])
    await writeFile(path.join(project, file), code);
  [running, withTypes] = await Promise.all([
    violations('.dependency-cruiser.cjs'),
    violations('scripts/boundaries-of-types.cjs'),
  ]);
}, 120_000);

afterAll(async () => {
  await rm(project, { recursive: true });
});

describe('for the code that runs', () => {
  test.each(FORBIDDEN)('%s: %s breaks %s', (file, _code, rule) => {
    expect(running).toContain(`${rule} ${file}`);
  });
  test.each(ALLOWED)('%s: %s is allowed', (file) => {
    expect(running.filter((violation) => violation.endsWith(` ${file}`))).toEqual([]);
  });
});

describe('with types', () => {
  test.each(FORBIDDEN_TYPES)('%s: %s breaks %s', (file, _code, rule) => {
    expect(withTypes).toContain(`${rule} ${file}`);
    expect(running).not.toContain(`${rule} ${file}`);
  });
  test.each(ALLOWED_TYPES)('%s: %s is allowed', (file) => {
    expect([...running, ...withTypes].filter((violation) => violation.endsWith(` ${file}`))).toEqual([]);
  });
});

/** Rule and file of each violation. */
async function violations(config: string): Promise<string[]> {
  const cli = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const output = await new Promise<string>((resolve) => {
    // The exit code is the number of violations: what matters is on the output, and JSON.parse tells if it is not.
    execFile(
      process.execPath,
      [cli, ...folders, '--config', config, '--output-type', 'json'],
      { cwd: project, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve(stdout || stderr),
    );
  });
  const { summary } = JSON.parse(output) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return summary.violations.map(({ from, rule }) => `${rule.name} ${from}`);
}
