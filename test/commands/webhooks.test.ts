import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { webhooksCommand } from '../../src/commands/webhooks';
import { loadConfig } from '../../src/config';
import type { Vendor } from '../../src/sdk';
import { useSandbox } from '../sandbox/start';

const box = useSandbox();
const SECRET = 'a-secret-of-the-webhooks';
const VENDOR: Vendor = { validate: { fulfillment: async () => undefined, validators: ['validator'] } };

let output = { stdout: '', stderr: '' };
beforeEach(() => {
  output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[name], 'write').mockImplementation((chunk) => ((output[name] += String(chunk)), true));
  }
});
afterEach(() => void jest.restoreAllMocks());

const products = () => [box.sandbox.products.plain, box.sandbox.products.tiered];

async function webhooks(...args: string[]): Promise<void> {
  const config = loadConfig({
    CONNECT_API_URL: box.sandbox.connectUrl,
    CONNECT_API_KEY: box.sandbox.vendorKey,
    CONNECT_PRODUCTS: products().join(),
    WEBHOOK_URL: 'https://connect.vendor.example',
    WEBHOOK_SECRET: SECRET,
  });
  const vendors = async () => new Map(products().map((id) => [id, VENDOR]));
  await webhooksCommand(new Command(), { config: () => config, vendors }).parseAsync(['node', 'webhooks', ...args]);
}

test('a refusal names product and type, shows no secret, and keeps no other webhook from being made', async () => {
  const [plain, tiered] = products() as [string, string];
  await box.control.fault({
    api: 'connect',
    method: 'POST',
    path: '/notifications/webhooks',
    containing: '"validator"',
    times: 1,
    status: 400,
    error_code: 'VAL_001',
    errors: [`type: no capability, ${SECRET}`],
  });
  await expect(webhooks('apply')).rejects.toThrow('Connect refused 1 of 6, named above; the others are done.');
  expect(output.stderr).toBe(
    `${plain} validator fulfillment_request: POST /notifications/webhooks answered 400 VAL_001 type: no capability, [redacted]\n`,
  );
  const made = [...output.stdout.matchAll(/ created: (.+)/g)].map(([, what]) => what);
  expect(made).toEqual([
    ...[plain, tiered].flatMap((id) => [`${id} event fulfillment_request`, `${id} event tier_config_request`]),
    `${tiered} validator fulfillment_request`,
  ]);

  output.stdout = '';
  await webhooks('apply');
  expect(output.stdout).toMatch(new RegExp(`^WH-\\S+ created: ${plain} validator fulfillment_request$`, 'm'));
  expect(output.stdout.match(/ unchanged: /g)).toHaveLength(5);
});

test('what cannot be removed is named, and the rest is removed', async () => {
  await webhooks('apply');
  const [{ id }] = (await box.vendor('GET', '/notifications/webhooks')).body as [{ id: string }];
  await box.control.fault({ api: 'connect', method: 'DELETE', path: `/notifications/webhooks/${id}`, status: 500 });
  await expect(webhooks('remove')).rejects.toThrow('Connect refused 1 of 6');
  expect(output.stderr).toMatch(new RegExp(`: DELETE /notifications/webhooks/${id} answered 500`));
  expect((await box.vendor('GET', '/notifications/webhooks')).body).toMatchObject([{ id }]);
});

test('a Connect that is gone is said once', async () => {
  await box.control.fault({ api: 'connect', method: 'POST', path: '/notifications/webhooks', reset: 'before' });
  await expect(webhooks('apply')).rejects.toThrow('POST /notifications/webhooks failed: ');
  expect(output.stderr).toBe('');
});
