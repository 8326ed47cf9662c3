import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { EXIT } from '../../src/commands/command';
import { doctorCommand } from '../../src/commands/doctor';
import { loadConfig } from '../../src/config';
import { approve, type Vendor } from '../../src/sdk';
import { applySchedules } from '../../src/temporal/schedules';
import { useSandbox } from '../sandbox/start';
import { useOwnNamespace } from '../temporal/namespace';

const box = useSandbox();
const own = useOwnNamespace();
const before = process.env;
const change = async () => approve();
let output = '';

beforeAll(async () => {
  process.env = { ...before, ...own.server.env };
  await applySchedules(own.client, { taskQueue: 'connect-processor', pollIntervalMs: 3_600_000 });
});
beforeEach(() => {
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((output += String(chunk)), true));
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => {
  process.env = before;
});

/** Runs the command. @returns its exit code */
async function doctor(vendor: Vendor, ...words: string[]): Promise<number> {
  const env = {
    CONNECT_API_URL: box.sandbox.connectUrl,
    CONNECT_API_KEY: box.sandbox.vendorKey,
    CONNECT_PRODUCTS: box.sandbox.products.plain,
    VENDOR_API_KEY: 'quite-a-secret',
  };
  let code: number = EXIT.ok;
  const context = {
    config: () => loadConfig(env),
    vendors: async () => new Map([[box.sandbox.products.plain, vendor]]),
  };
  await doctorCommand(new Command(), context, (to) => (code = to)).parseAsync(['node', 'doctor', ...words]);
  return code;
}

test('a note is told apart from what is wrong, and the command ends well', async () => {
  expect(await doctor({ change })).toBe(EXIT.ok);
  expect(output).not.toContain('WRONG');
  expect(output).toMatch(
    /^ok {5}the vendor has the handlers change\nnote {3}the vendor has no `writes`.*\n {7}The vendor's /m,
  );
});

test('what is wrong ends with a code that says so, and shows no key', async () => {
  const check = async () => Promise.reject(new Error('GET /tenant?key=quite-a-secret answered 401'));
  expect(await doctor({ change, writes: {}, check })).toBe(EXIT.failed);
  expect(output).toMatch(
    /^WRONG {2}the vendor's API: GET \/tenant\?key=\[redacted\] answered 401\n {7}Check VENDOR_API_URL/m,
  );
});

test('as JSON a note is ok and has something to do', async () => {
  expect(await doctor({ change, writes: {} }, '--json')).toBe(EXIT.ok);
  const findings: unknown[] = JSON.parse(output);
  expect(findings.at(-2)).toEqual({ ok: true, text: 'the vendor has the handlers change' });
  expect(findings.at(-1)).toEqual({ ok: true, text: expect.stringContaining('`check`'), todo: expect.any(String) });
});
