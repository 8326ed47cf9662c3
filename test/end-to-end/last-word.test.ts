import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { run } from '../support/command-line';

const folder = mkdtempSync(path.join(tmpdir(), 'last-word-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SETTINGS = { CONNECT_API_KEY: 'ApiKey SU-1:key', CONNECT_PRODUCTS: 'PRD-1', VENDOR_API_KEY: 'quite-a-secret' };

test('what ends a command is said without the keys of the configuration', async () => {
  const file = path.join(folder, 'vendor.cjs');
  writeFileSync(file, 'exports.vendor = ({ apiKey }) => { throw new Error(`no login with ${apiKey}`); };');
  const { code, stdout, stderr } = await run(['--vendor', file, 'doctor'], SETTINGS);
  expect([code, stdout, stderr]).toEqual([2, '', `${file}: no login with [redacted]\n`]);
});

const TEMPORAL = { TEMPORAL_API_KEY: 'tmprl-secret-abc', TEMPORAL_GRPC_META_AUTHORIZATION: 'Bearer gateway-token' };

test("and without Temporal's, by a command that reads the configuration and by one that does not", async () => {
  const file = path.join(folder, 'temporal.cjs');
  writeFileSync(file, 'exports.vendor = () => { throw new Error(`in ${JSON.stringify(process.env)}`); };');
  const told = await run(['--vendor', file, 'doctor'], { ...SETTINGS, ...TEMPORAL });
  expect([told.code, told.stderr]).toEqual([2, expect.stringContaining('"TEMPORAL_API_KEY":"[redacted]"')]);
  expect(told.stderr).not.toMatch(/tmprl-secret|gateway-token/);

  const { code, stderr } = await run(['requests', 'list'], { ...TEMPORAL, TEMPORAL_PROFILE: 'tmprl-secret-abc' });
  expect([code, stderr]).toEqual([2, expect.stringContaining("Profile '[redacted]' not found")]);
});
