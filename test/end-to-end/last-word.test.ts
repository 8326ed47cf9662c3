import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { run } from '../support/command-line';

const folder = mkdtempSync(path.join(tmpdir(), 'last-word-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what ends a command is said without the keys of the configuration', async () => {
  const file = path.join(folder, 'vendor.cjs');
  writeFileSync(file, 'exports.vendor = ({ apiKey }) => { throw new Error(`no login with ${apiKey}`); };');
  const env = { CONNECT_API_KEY: 'ApiKey SU-1:key', CONNECT_PRODUCTS: 'PRD-1', VENDOR_API_KEY: 'quite-a-secret' };
  const { code, stdout, stderr } = await run(['--vendor', file, 'doctor'], env);
  expect([code, stdout, stderr]).toEqual([2, '', `${file}: no login with [redacted]\n`]);
});
