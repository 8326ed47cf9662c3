import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { spawnGuarded } from '../../src/temporal/guarded-process';
import { waitFor } from '../support/wait-for';

jest.setTimeout(30_000);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'guarded-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A command that writes its process id, then lives on. @param beginning what it does first */
const living = (beginning = '') => [
  '-e',
  `${beginning}; require('fs').writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000)`,
  path.join(folder, 'pid'),
];

async function pid(): Promise<number> {
  const file = path.join(folder, 'pid');
  return await waitFor('the command to start', () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0));
}

function lives(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

const start = (args: string[]) => spawnGuarded(process.execPath, args, { env: process.env, detached: false });

test('a command ends when it is stopped', async () => {
  const command = start(living());
  const id = await pid();
  expect([command.lastWords(), lives(id)]).toEqual([undefined, true]);
  await command.stop();
  expect(lives(id)).toBe(false);
  await command.stop(); // again does nothing
});

test('a command that does not listen ends five seconds later', async () => {
  const command = start(living("process.on('SIGTERM', () => {})"));
  const id = await pid();
  const begun = performance.now();
  await command.stop();
  expect(lives(id)).toBe(false);
  expect(performance.now() - begun).toBeGreaterThan(4_900);
});

test('a command that ends by itself is known by what it last said', async () => {
  const command = start(['-e', "console.error('no such port'); process.exit(3)"]);
  expect(await waitFor('its end', () => command.lastWords())).toBe('no such port');
});

test('a command that cannot be run is known by why', async () => {
  const command = spawnGuarded(path.join(folder, 'nothing'), [], { env: process.env, detached: true });
  expect(await waitFor('its end', () => command.lastWords())).toContain('not found');
});

test.each(['SIGKILL', 'SIGTERM'] as const)('a command does not outlive a process that gets a %s', async (signal) => {
  const guarded = require.resolve('../../src/temporal/guarded-process');
  const code = `require(${JSON.stringify(guarded)}).spawnGuarded(process.execPath, ${JSON.stringify(living())}, { env: process.env, detached: true })`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: 'ignore' });
  const id = await pid();
  expect(lives(id)).toBe(true);
  parent.kill(signal);
  await waitFor('the command to end too', () => !lives(id));
});
