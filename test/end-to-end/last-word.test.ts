import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { useSandbox } from '../sandbox/start';
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

describe('an error of the vendor’s code that nobody awaits or catches', () => {
  const box = useSandbox();

  /** Runs a command with a vendor's file, in a process of its own. */
  async function runWith(vendor: string, ...args: string[]) {
    const { connectUrl, vendorKey, products } = box.sandbox;
    const file = path.join(folder, `${args[0]}-${vendor.length}.cjs`);
    writeFileSync(file, vendor);
    const connect = { CONNECT_API_URL: connectUrl, CONNECT_API_KEY: vendorKey, CONNECT_PRODUCTS: products.plain };
    const env = { ...SETTINGS, ...connect, TEMPORAL_ADDRESS: '127.0.0.1:9' };
    return { file, ...(await run(['--vendor', file, ...args], env)) };
  }
  const lacksAwait = (file: string, line: number) =>
    new RegExp(
      `^A promise that nobody awaits was rejected: the vendor's code lacks an await, or a catch: Error: 401 for Bearer \\[redacted\\] \\\\u001b\\[0m of \\[redacted\\] \\(${file}:${line}:\\d+\\)\n$`,
    );
  const REJECTED = 'new Error(`401 for Bearer ${apiKey}\\n \\u001b[0m of ${apiKey}`)';

  test('is said in one line without the keys, keeps nothing back, and ends with 1', async () => {
    const { id } = await box.control.placePurchase();
    const vendor = `exports.vendor = ({ apiKey }) => ({ purchase: { create: async () => {}, find: async () => {
      void Promise.reject(${REJECTED});
    } } });`;
    const { file, code, stdout, stderr } = await runWith(vendor, 'requests', 'dry-run', id);
    expect(stdout).toMatch(/next +would call purchase\.create .*\nchanged +nothing, .*\n$/);
    expect([code, stderr]).toEqual([1, expect.stringMatching(lacksAwait(file, 2))]);
  });

  test('leaves no line of doctor out, wherever it comes from', async () => {
    const vendor = `exports.vendor = ({ apiKey }) => {
      void Promise.reject(${REJECTED});
      return { cancel: async () => {}, writes: {}, check: async () => void Promise.reject({ apiKey }) };
    };`;
    const { file, code, stdout, stderr } = await runWith(vendor, 'doctor');
    expect(stdout).toMatch(/ok +the vendor's API answers\n\n\d+ of \d+ findings: WRONG, see above\n$/);
    const [first, second, ...rest] = stderr.split('\n');
    expect([code, `${first}\n`, rest]).toEqual([1, expect.stringMatching(lacksAwait(file, 2)), ['']]);
    expect(second).toMatch(/^A promise that nobody awaits .*: \{ apiKey: '\[redacted\]' \}$/);
  });

  test('ends a command at once with 1 where code was cut short, with what was printed before', async () => {
    const vendor = `exports.vendor = ({ apiKey }) => ({ cancel: async () => {}, check: () => new Promise(() => {
      setTimeout(() => { throw new Error('no login with ' + apiKey) });
    }) });`;
    const { file, code, stdout, stderr } = await runWith(vendor, 'doctor');
    expect(stdout).toContain('the vendor has the handlers cancel');
    expect([code, stderr]).toEqual([
      1,
      `An error was thrown that nobody caught, in a timer or a listener of the vendor's code: the command ends: Error: no login with [redacted] (${file}:2:32)\n`,
    ]);
  });
});
