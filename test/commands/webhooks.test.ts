import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { webhooksCommand } from '../../src/commands/webhooks';
import { type Config, loadConfig } from '../../src/config';
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

const webhooks = (...args: string[]) => webhooksOf({}, ...args);

const configOfBoth = () =>
  loadConfig({
    CONNECT_API_URL: box.sandbox.connectUrl,
    CONNECT_API_KEY: box.sandbox.vendorKey,
    CONNECT_PRODUCTS: products().join(),
    WEBHOOK_URL: 'https://connect.vendor.example',
    WEBHOOK_SECRET: SECRET,
  });

/** @param other what differs from `configOfBoth` */
async function webhooksOf(other: Partial<Config>, ...args: string[]): Promise<void> {
  const config = { ...configOfBoth(), ...other };
  const vendors = async () => new Map(config.connect.products.map((id) => [id, VENDOR]));
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

test('what Connect says of a refusal commands no terminal', async () => {
  const errors = ['type: \u001b[31mno capability\u009b0m'];
  const fault = { api: 'connect', method: 'POST', path: '/notifications/webhooks', times: 1, status: 400 } as const;
  await box.control.fault({ ...fault, error_code: 'VAL_001', errors });
  await expect(webhooks('apply')).rejects.toThrow('Connect refused 1 of 6');
  expect(output.stderr).toContain('VAL_001 type: \\u001b[31mno capability\\u009b0m\n');
});

test('those of a product that is not listed any more are removed, as long as they call this deployment', async () => {
  const [plain, tiered] = products() as [string, string];
  await webhooks('apply');
  const plainAlone = { connect: { ...configOfBoth().connect, products: [plain] } };
  const theirs = { listen: { ...configOfBoth().listen, webhookUrl: 'https://other.vendor.example' } };
  const removed = () => [...output.stdout.matchAll(/ removed: (PRD-\S+)/g)].map(([, product]) => product);

  await webhooksOf({ ...plainAlone, ...theirs }, 'apply', '--take-over');
  expect(removed()).toEqual([]);

  await webhooksOf(plainAlone, 'apply', '--take-over');
  expect(removed()).toEqual([tiered, tiered, tiered]);
  expect(output.stdout).toMatch(new RegExp(`updated: ${plain} event`));
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

describe('webhooks of a product that is switched off here, and that another deployment serves', () => {
  const [HERE, THERE] = ['https://connect.vendor.example', 'https://other.example'];
  const urls = async () => {
    const { body } = await box.vendor('GET', '/notifications/webhooks');
    return (body as { external_url: string }[]).map(({ external_url }) => new URL(external_url).origin);
  };
  /** This deployment, of which the first product is switched off, and another that serves it alone. */
  function deployments() {
    const [off] = products() as [string, string];
    const { connect, selections } = configOfBoth();
    const here = { selections: { ...selections, [off]: { ...selections[off]!, process: false } } };
    const listen = { ...configOfBoth().listen, webhookUrl: THERE };
    return { off, here, there: { connect: { ...connect, products: [off] }, listen } };
  }

  test('are passed over by apply and remove, which say so', async () => {
    const { off, here, there } = deployments();
    await webhooksOf(there, 'apply');
    const passedOver = new RegExp(
      `^WH-\\S+ passed over: ${off} .* calls ${THERE}/\\S+; the product is switched off here$`,
      'gm',
    );
    for (const args of [['apply'], ['apply', '--take-over']]) {
      output.stdout = '';
      await webhooksOf(here, ...args);
      expect(output.stdout.match(passedOver)).toHaveLength(3);
      expect((await urls()).sort()).toEqual([HERE, HERE, HERE, THERE, THERE, THERE]);
    }
    output.stdout = '';
    await webhooksOf(here, 'remove');
    expect(output.stdout.match(passedOver)).toHaveLength(3);
    expect(await urls()).toEqual([THERE, THERE, THERE]);
    await webhooksOf(here, 'remove', '--take-over');
    expect(await urls()).toEqual([]);
  });

  test('those that call this one are removed as before', async () => {
    await webhooks('apply');
    await webhooksOf(deployments().here, 'apply');
    expect(output.stdout.match(/ removed: /g)).toHaveLength(3);
    expect(output.stdout).not.toContain('passed over');
  });
});
