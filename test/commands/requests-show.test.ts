import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { EXIT } from '../../src/commands/command';
import { requestsCommand } from '../../src/commands/requests';
import { inTemporal } from '../../src/commands/show-request';
import { loadConfig } from '../../src/config';
import { connectTemporal, type TemporalClient } from '../../src/temporal/client';
import { useSandbox } from '../sandbox/start';

const box = useSandbox();
let temporal: TemporalClient;
let output = '';

beforeAll(async () => {
  temporal = await connectTemporal();
});
beforeEach(() => {
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((output += String(chunk)), true));
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => temporal.close());

/** Runs a command. @returns its exit code */
async function requests(...words: string[]): Promise<number> {
  const env = {
    CONNECT_API_URL: box.sandbox.connectUrl,
    CONNECT_API_KEY: box.sandbox.vendorKey,
    CONNECT_PRODUCTS: box.sandbox.products.plain,
  };
  let code: number = EXIT.ok;
  const context = { config: () => loadConfig(env), vendors: async () => new Map() };
  await requestsCommand(new Command(), context, (to) => (code = to)).parseAsync(['node', 'requests', ...words]);
  return code;
}

/** A run that no worker picks up. */
async function openRun(workflowId: string) {
  const options = { workflowId, taskQueue: 'nobody-works-here', args: [{ id: workflowId }] };
  return await temporal.client.workflow.start('fulfillmentRequest', options);
}

async function closedRun(workflowId: string): Promise<void> {
  await (await openRun(workflowId)).terminate('a test');
}

test('shows the status, the subscription with its items, and what was said', async () => {
  const { asset } = await box.control.seedSubscription({ quantity: 5 });
  const { id } = await box.control.placeOrder({ type: 'change', asset, quantity: 7 });
  expect(await requests('note', id, 'The tenant\nis moving.')).toBe(EXIT.ok);
  output = '';

  expect(await requests('show', id)).toBe(EXIT.ok);
  const lines = output.trimEnd().split('\n');
  expect(lines).toEqual([
    `request       ${id}`,
    'in Connect    pending',
    `subscription  ${asset}  active  SEAT 5 to 7`,
    'no run: if the request is pending in Connect and its type has a handler, a round starts one, the next full sweep at the latest',
    expect.stringMatching(/^\S+Z {2}said by Sandbox Person, .+: The tenant is moving\.$/),
  ]);
});

test('says what is the last message already only once', async () => {
  const { id } = await box.control.placePurchase();
  for (const text of ['one', 'one', 'two', 'one']) await requests('note', id, text);
  expect(output.split('\n')).toEqual(['said', 'not said: it is the last message already', 'said', 'said', '']);
});

test('tells as JSON what it tells in words', async () => {
  const { id, asset } = await box.control.placePurchase({ quantity: 3 });
  await requests('show', id, '--json');
  expect(JSON.parse(output)).toEqual({
    id,
    statusInConnect: 'pending',
    messages: [],
    unreadable: [],
    runs: [],
    subscription: { id: asset.id, status: 'processing', items: ['SEAT 3'] },
  });
});

test('shows a tier config request, which has no subscription', async () => {
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  const { id } = (await box.control.state()).tierConfigRequests[0]!;
  expect(await requests('show', id)).toBe(EXIT.ok);
  expect(output).toMatch(new RegExp(`^request +${id}\nin Connect +(pending|tiers_setup)\nno run`));
});

test('shows the runs of a request that Connect does not know any more', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.remove(id);
  await closedRun(id);
  expect(await requests('show', id)).toBe(EXIT.ok);
  expect(output).toMatch(/^in Connect +does not exist there$/m);
  expect(output).toMatch(/^\S+Z {2}run until \S+Z: terminated$/m);
});

test('shows what Temporal knows where Connect cannot be read, and ends with a code that says so', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', status: 503 });
  await box.control.fault({ api: 'connect', method: 'GET', path: '/conversations', body: 'html' });
  await closedRun(id);
  expect(await requests('show', id)).toBe(EXIT.failed);
  expect(output).toMatch(/^in Connect +not known$/m);
  expect(output).toMatch(new RegExp(`^not read +GET /requests/${id} answered 503`, 'm'));
  expect(output).toMatch(/^not read +GET \/conversations\S* answered 502$/m);
  expect(output).toMatch(/^\S+Z {2}run until \S+Z: terminated$/m);
});

test('says that no worker answers for an open run, and shows the rest', async () => {
  const { id } = await box.control.placePurchase();
  const run = await openRun(id);
  try {
    const { progress, silent, runs } = await inTemporal(temporal.client, id, 0.5);
    expect(progress).toBeUndefined();
    expect(silent).toMatch(/^no worker answered within 0\.5 s; is one running\? \(.+\)$/);
    expect(runs).toMatchObject([{ id, status: 'running' }]);
  } finally {
    await run.terminate('a test');
  }
});

test.each(['PR-0000-0000-0000-000', 'TCR-0000-0000-0000-000'])(
  'says of %s, which nobody knows, that nobody knows it',
  async (id) => {
    await expect(requests('show', id)).rejects.toThrow(`Neither Connect nor Temporal knows ${id}. Check the id;`);
    expect(output).toBe('');
  },
);

test('does not call unknown what Connect did not answer about', async () => {
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', body: 'html', status: 404 });
  expect(await requests('show', 'PR-0000-0000-0000-000')).toBe(EXIT.failed);
  expect(output).toMatch(/^in Connect +not known$/m);
});

test('refuses what is no id of a request', async () => {
  await expect(requests('show', 'AS-1')).rejects.toThrow('"AS-1" is no id of a request');
});
