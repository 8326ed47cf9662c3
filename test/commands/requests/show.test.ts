import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { EXIT } from '../../../src/commands/command';
import { requestsCommand } from '../../../src/commands/requests';
import { inTemporal, printShown } from '../../../src/commands/requests/show';
import { loadConfig } from '../../../src/config';
import { POLL_SCHEDULE_ID } from '../../../src/domain/ids';
import type { Vendor } from '../../../src/sdk';
import { connectTemporal, type TemporalClient } from '../../../src/temporal/client';
import { applySchedules } from '../../../src/temporal/schedules';
import { useSandbox } from '../../sandbox/start';
import { useWorkflows } from '../../support/use-workflows';
import { useOwnNamespace } from '../../temporal/namespace';

const box = useSandbox();
const own = useOwnNamespace();
const workflows = useWorkflows();
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

/** Replaced by tests of what a deployment leaves. */
let settings: Record<string, string> = {};
let vendor: Vendor = {};
/** Set where no vendor can be had. */
let missing: Error | undefined;
beforeEach(() => {
  settings = {};
  missing = undefined;
  vendor = { purchase: { find: never, create: never }, change: never, suspend: never, tierConfig: never };
});

/** Runs a command. @returns its exit code */
async function requests(...words: string[]): Promise<number> {
  const env = {
    CONNECT_API_URL: box.sandbox.connectUrl,
    CONNECT_API_KEY: box.sandbox.vendorKey,
    CONNECT_PRODUCTS: [box.sandbox.products.plain, box.sandbox.products.tiered].join(','),
    ...settings,
  };
  let code: number = EXIT.ok;
  const config = loadConfig(env);
  const vendors = async () => {
    if (missing) throw missing;
    return new Map(config.connect.products.map((product) => [product, vendor]));
  };
  const context = { config: () => config, vendors };
  await requestsCommand(new Command(), context, (to) => (code = to)).parseAsync(['node', 'requests', ...words]);
  return code;
}

/** Nothing here asks the vendor. */
const never = () => Promise.reject(new Error('not asked'));

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
    'no round      would start it: no schedule polls Connect until `connect-processor schedules apply`',
    'no run',
    expect.stringMatching(/^\S+Z {2}said by Sandbox Person, .+: The tenant is moving\.$/),
  ]);
});

test('says what is the last message already only once', async () => {
  const { id } = await box.control.placePurchase();
  for (const text of ['one', 'one', 'two', 'one']) await requests('note', id, text);
  expect(output.split('\n')).toEqual(['said', 'not said: it is the last message already', 'said', 'said', '']);
});

test('shows what somebody wrote, and lets it command no terminal', async () => {
  const { id } = await box.control.placePurchase();
  const said = 'title \u001b]0;mine\u0007 erased \u009b2J';
  await requests('note', id, said);
  output = '';
  await requests('show', id);
  expect(output).toContain(String.raw`: title \u001b]0;mine\u0007 erased \u009b2J`);
  expect(output).not.toMatch(/(?!\n)\p{Cc}/u);
  output = '';
  await requests('show', id, '--json');
  expect(output).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(JSON.parse(output).messages).toMatchObject([{ text: said }]);
});

test('says for when an order is planned', async () => {
  const { asset } = await box.control.seedSubscription();
  const order = { type: 'cancel', asset: { id: asset }, planned_date: '2099-03-01T00:00:00+00:00' };
  const { id } = (await box.distributor('POST', '/requests', order)).body;
  await requests('show', id);
  expect(output).toMatch(/^planned for +2099-03-01T00:00:00.000Z$/m);
  output = '';
  await requests('show', id, '--json');
  expect(JSON.parse(output).plannedDate).toBe('2099-03-01T00:00:00.000Z');
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
    rounds: 'none',
    standing: {},
    subscription: { id: asset.id, status: 'processing', items: ['SEAT 3'] },
  });
});

describe('of a request that no round would start it says why, as `requests list --left` does:', () => {
  const showsOf = async (id: string, why: string) => {
    expect(await requests('show', id)).toBe(EXIT.ok);
    expect(output).toContain(why);
    expect(output).toMatch(/^no run$/m);
    expect(output).not.toContain('a round starts');
    output = '';
    expect(await requests('show', id, '--json')).toBe(EXIT.ok);
  };

  test('it is assigned to a person', async () => {
    const { id } = await box.control.placePurchase({ assignee: 'UR-000-000-007' });
    await showsOf(id, 'no round      would start it: it is assigned to');
    expect(JSON.parse(output).standing.left).toContain('UR-000-000-007');
  });

  test('its marketplace is switched off', async () => {
    const { id } = await box.control.placePurchase();
    settings = { CONNECT_MARKETPLACES_ALLOWED: 'MP-99999' };
    await showsOf(id, 'no round      would start it: the marketplace MP-');
  });

  test('the vendor has no handler', async () => {
    const { id } = await box.control.placePurchase();
    vendor = {};
    await showsOf(id, 'no round      would start it: the vendor has no handler for this type of request');
  });

  test("its product is another deployment's", async () => {
    const { id } = await box.control.placePurchase();
    settings = { CONNECT_PRODUCTS: box.sandbox.products.tiered };
    await showsOf(id, `no round      would start it: CONNECT_PRODUCTS does not list ${box.sandbox.products.plain}`);
  });

  test('an older one is before it', async () => {
    const { asset } = await box.control.seedSubscription();
    const { id: older } = await box.control.placeOrder({ type: 'change', asset, quantity: 7 });
    await box.control.force(older, { status: 'approved' });
    const { id } = await box.control.placeOrder({ type: 'suspend', asset });
    await box.control.force(older, { status: 'pending' });
    await showsOf(id, `before it     ${older}, of the same subscription`);
    expect(JSON.parse(output).standing).toEqual({ behind: older });
  });

  test('a younger one of its subscription has an open run', async () => {
    vendor.adjustment = never;
    const { asset } = await box.control.seedSubscription();
    const { id } = await box.control.placeOrder({ type: 'change', asset, quantity: 7 });
    const { id: younger } = await box.control.placeOrder({ type: 'adjustment', asset });
    const run = await openRun(younger);
    await showsOf(id, `before it     ${younger}, of the same subscription`);
    await run.terminate('a test');
  });
});

test('where the vendor cannot be had, all else is shown, and that is said', async () => {
  missing = new Error('vendor.cjs is not there: give the path of a module.');
  const { id, asset } = await box.control.placePurchase();
  expect(await requests('show', id)).toBe(EXIT.failed);
  expect(output).toContain(asset.id);
  expect(output).toMatch(/not read +whether a round starts it: vendor\.cjs is not there/);
});

test('of a request that is pending again, and left, it says so beside the runs that it had', async () => {
  const { id } = await box.control.placePurchase({ assignee: 'UR-000-000-007' });
  await closedRun(id);
  expect(await requests('show', id)).toBe(EXIT.ok);
  expect(output).toMatch(/^no round +would start it: it is assigned to/m);
  expect(output).toMatch(/^\S+Z {2}run until \S+Z: terminated$/m);
});

test('whether a round starts it is not asked of one that is not pending, or has a run', async () => {
  const { id } = await box.control.placePurchase({ assignee: 'UR-000-000-007', draft: true });
  expect(await requests('show', id)).toBe(EXIT.ok);
  expect(output).toMatch(/^in Connect +draft\n/m);
  expect(output).not.toContain('round');
});

test('shows a tier config request, which has no subscription', async () => {
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  const { id } = (await box.control.state()).tierConfigRequests[0]!;
  expect(await requests('show', id)).toBe(EXIT.ok);
  expect(output).toMatch(new RegExp(`^request +${id}\nin Connect +(pending|tiers_setup)\n(no round .*\n)?no run`));
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

test.each([
  ['released', 'what the purchase had made was given back'],
  ['nothing', 'the purchase had made nothing that was to be given back'],
  ['kept', 'what the purchase had made was kept'],
] as const)('tells in the story what became of a purchase that failed: %s', async (release, words) => {
  const { id } = await box.control.placePurchase();
  await closedRun(id);
  const found = await inTemporal(temporal.client, id);
  const result = { outcome: 'failed', reason: 'no', release } as const;
  printShown({
    id,
    statusInConnect: 'failed',
    plannedDate: undefined,
    subscription: undefined,
    standing: undefined,
    messages: [],
    unreadable: [],
    ...found,
    runs: found.runs.map((run) => ({ ...run, result })),
  });
  expect(output).toMatch(new RegExp(`run until \\S+Z: failed \\(no\\); ${words}$`, 'm'));
});

test('says what Connect answers without the key, should the answer repeat it', async () => {
  const { id } = await box.control.placePurchase();
  const { vendorKey } = box.sandbox;
  const token = vendorKey.replace('ApiKey ', '');
  const refused = { api: 'connect', method: 'GET', path: `/requests/${id}`, status: 403 } as const;
  await box.control.fault({ ...refused, errors: [`${token} may not read this.`] });
  await closedRun(id);
  for (const form of [[], ['--json']]) {
    output = '';
    expect(await requests('show', id, ...form)).toBe(EXIT.failed);
    expect(output).toContain('[redacted] may not read this.');
    expect(output).not.toContain(token.split(':')[1]);
  }
});

test('tells in the story what the vendor had asked for where a run went on after a wait', async () => {
  const run = await workflows.start({
    askVendor: (call) =>
      call === 1 ? { kind: 'wait', params: [], seconds: 600 } : { kind: 'approve', params: [], templateId: 'TL-1' },
  });
  const { nextAttempt: until } = await run.untilStep('vendor asked to wait');
  await run.reprocess();
  await run.result();
  printShown({
    id: run.id,
    statusInConnect: 'approved',
    plannedDate: undefined,
    subscription: undefined,
    standing: undefined,
    messages: [],
    unreadable: [],
    ...(await inTemporal(workflows.client, run.id)),
  });
  const story = output.trimEnd().split('\n').slice(-2);
  expect(story.map((line) => line.replace(/^.*?: /, ''))).toEqual([
    `vendor asked to wait until ${until} (wait 1), went on in the next run`,
    'approved',
  ]);
});

test('promises no round where no schedule polls, nor while it is paused', async () => {
  const id = 'PR-1000-0000-0000-001';
  const due = {
    id,
    statusInConnect: 'pending',
    plannedDate: undefined,
    subscription: undefined,
    standing: { left: undefined, behind: undefined },
    messages: [],
    unreadable: [],
  };
  printShown({ ...due, ...(await inTemporal(own.client, id)) });
  expect(output).toContain(
    'would start it: no schedule polls Connect until `connect-processor schedules apply`\nno run\n',
  );

  output = '';
  await applySchedules(own.client, { taskQueue: 'nobody-works-here', pollIntervalMs: 3_600_000 });
  const schedule = own.client.schedule.getHandle(POLL_SCHEDULE_ID);
  await schedule.pause();
  printShown({ ...due, ...(await inTemporal(own.client, id)) });
  expect(output).toContain(
    'would start it: the rounds are paused until `connect-processor schedules resume`\nno run\n',
  );

  output = '';
  await schedule.unpause();
  printShown({ ...due, ...(await inTemporal(own.client, id)) });
  expect(output).not.toContain('paused');
  expect(output).toContain('no run yet: a round starts one');
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
