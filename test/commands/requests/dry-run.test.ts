import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Runtime } from '@temporalio/worker';
import { Command } from 'commander';
import { EXIT } from '../../../src/commands/command';
import { requestsCommand } from '../../../src/commands/requests';
import { loadConfig } from '../../../src/config';
import { approve, fail, inquire, type Vendor, wait } from '../../../src/sdk';
import { resolveVendor } from '../../../src/sdk/vendor';
import { vendor as example } from '../../../src/vendor';
import { useSandbox } from '../../sandbox/start';

const box = useSandbox();
let output = '';

beforeEach(() => {
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((output += String(chunk)), true));
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => Runtime.instance().shutdown()); // no worker ends it here, and it would keep the process

interface Given {
  vendor?: Vendor;
  settings?: Record<string, string>;
}

/** Runs a dry run of the example vendor, unless another is given, and sees that only reads were sent. @returns its exit code */
async function dryRun(id: string, { vendor, settings = {} }: Given = {}, ...options: string[]): Promise<number> {
  const { connectUrl, vendorKey, vendorUrl, vendorApiKey, products } = box.sandbox;
  const config = loadConfig({
    CONNECT_API_URL: connectUrl,
    CONNECT_API_KEY: vendorKey,
    CONNECT_PRODUCTS: Object.values(products).join(','),
    VENDOR_API_URL: vendorUrl,
    VENDOR_API_KEY: vendorApiKey,
    EXAMPLE_VENDOR: 'allow',
    ...settings,
  });
  let code: number = EXIT.ok;
  const resolved = vendor ?? resolveVendor(example, config.vendor);
  const vendors = new Map(config.connect.products.map((product) => [product, resolved]));
  const context = { config: () => config, vendors: async () => vendors };
  await box.control.clearCounters();
  const words = ['node', 'requests', 'dry-run', id, ...options];
  try {
    await requestsCommand(new Command(), context, (to) => (code = to)).parseAsync(words);
  } finally {
    const { calls } = await box.control.counters();
    expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
  }
  return code;
}

const never = () => Promise.reject(new Error('a dry run creates nothing'));
const calls = async (api: string) =>
  (await box.control.counters()).calls
    .filter((call) => call.api === api)
    .map(({ method, path }) => `${method} ${path}`);
const lines = () => output.trimEnd().split('\n');

test('a purchase: what stands before it, the template, that the vendor has nothing yet, and that it would create', async () => {
  const { plain } = box.sandbox.products;
  const { id, asset } = await box.control.placePurchase({ quantity: 3, admin_email: 'ada@customer.example' });
  expect(await dryRun(id)).toBe(EXIT.ok);
  expect(lines()).toEqual([
    `request     ${id} purchase of ${plain} for ${asset.id}`,
    'in Connect  pending',
    'items       SEAT 3',
    'parameter   admin_email = "ada@customer.example"',
    'parameter   subscription_id = ""',
    'parameter   admin_password = ""',
    'before it   nothing',
    expect.stringMatching(/^template {4}TL-[\d-]+ "Default Activation Template"$/),
    'find        of the vendor found nothing',
    `next        would call purchase.create of the vendor, with the idempotency key ${id}`,
    'changed     nothing, at the vendor or in Connect, but for what `purchase.find` did',
  ]);
  expect(await calls('vendor')).toEqual(['GET /tenant']);
});

test('a purchase whose subscription the vendor has already: what would be saved, and the approval', async () => {
  const { id } = await box.control.placePurchase();
  const vendor = { purchase: { find: async () => approve({ subscription_id: 'T-7' }), create: never } };
  expect(await dryRun(id, { vendor })).toBe(EXIT.ok);
  expect(lines().slice(-4)).toEqual([
    'find        of the vendor found what was made before',
    'next        would save subscription_id = "T-7"',
    expect.stringMatching(/^next {8}would approve with the template TL-/),
    expect.stringContaining('nothing'),
  ]);
});

test('a purchase that is approved with a text and dates of the vendor', async () => {
  const { id } = await box.control.placePurchase();
  const find = async () => approve({}, { activationTile: '# Hello', effectiveDate: '2027-01-01T00:00:00Z' });
  expect(await dryRun(id, { vendor: { purchase: { find, create: never } } })).toBe(EXIT.ok);
  expect(lines().at(-2)).toBe('next        would approve with the text "# Hello", effectiveDate 2027-01-01T00:00:00Z');
});

test.each([
  ['asked about', inquire({ admin_email: 'Which one?' }), 'would ask the customer: {"admin_email":"Which one?"}'],
  ['refused', fail('No such country.'), 'would fail the request: No such country.'],
  ['not ready', wait(600), 'would wait 600 s, and ask the vendor again'],
])('a purchase that find says is %s', async (_, outcome, said) => {
  const { id } = await box.control.placePurchase();
  expect(await dryRun(id, { vendor: { purchase: { find: async () => outcome, create: never } } })).toBe(EXIT.ok);
  expect(lines().at(-2)).toBe(`next        ${said}`);
});

test.each([
  [false, 'would put it off until 2099-03-01T00:00:00+00:00'],
  [true, 'would call cancel of the vendor, with the idempotency key PR-'],
])('an order for a later date, to a handler that is called before it: %s', async (beforePlannedDate, said) => {
  const { asset } = await box.control.seedSubscription();
  const order = { type: 'cancel', asset: { id: asset }, planned_date: '2099-03-01T00:00:00+00:00' };
  const { id } = (await box.distributor('POST', '/requests', order)).body;
  expect(await dryRun(id, { vendor: { cancel: { handle: never, beforePlannedDate } } })).toBe(EXIT.ok);
  expect(output).toMatch(/^planned for +2099-03-01T00:00:00.000Z$/m);
  expect(lines().at(-2)).toContain(`next         ${said}`);
});

test('a password is shown neither of the request nor of what find returned', async () => {
  const { id } = await box.control.placePurchase();
  await box.vendor('PUT', `/requests/${id}`, { asset: { params: [{ id: 'admin_password', value: 'an-older-one' }] } });
  const vendor = {
    purchase: { find: async () => approve({ subscription_id: 'T-7', admin_password: 'hush-hush' }), create: never },
  };
  expect(await dryRun(id, { vendor }, '--json')).toBe(EXIT.ok);
  expect(await dryRun(id, { vendor })).toBe(EXIT.ok);
  expect(output).toContain('would save admin_password = [hidden]');
  expect(output).toContain('"passwords": [\n      "admin_password"\n    ]');
  expect(output).toContain('admin_password = "[hidden]"');
  expect(output).not.toMatch(/hush-hush|an-older-one/);
});

test('a change: its handler would be called, and is not', async () => {
  const { asset } = await box.control.seedSubscription({ quantity: 5 });
  const { id } = await box.control.placeOrder({ type: 'change', asset, quantity: 7 });
  expect(await dryRun(id, {}, '--json')).toBe(EXIT.ok);
  expect(JSON.parse(output)).toMatchObject({
    id,
    type: 'change',
    status: 'pending',
    items: ['SEAT 5 to 7'],
    tierRequests: [],
    template: { name: 'Default Activation Template' },
    next: { step: 'call', handler: 'change', idempotencyKey: id },
  });
  expect(await calls('vendor')).toEqual([]);
});

test('a request behind an older one of its subscription waits for it', async () => {
  const { asset } = await box.control.seedSubscription({ quantity: 5 });
  const older = await box.control.placeOrder({ type: 'change', asset });
  await box.control.force(older.id, { status: 'approved' });
  const { id } = await box.control.placeOrder({ type: 'change', asset });
  await box.control.force(older.id, { status: 'pending' });
  expect(await dryRun(id)).toBe(EXIT.ok);
  expect(output).toMatch(new RegExp(`^before it +${older.id}, of the same subscription`, 'm'));
});

test('what comes before a purchase is of its connection: a reseller of test orders is set up for itself', async () => {
  const { tiered: product } = box.sandbox.products;
  const reseller = 'sells both';
  const open = async () => {
    const { tierConfigRequests } = await box.control.state();
    return tierConfigRequests.find(({ status }) => status === 'pending')!.id;
  };
  await box.control.placePurchase({ product, reseller, connection: 'test' });
  const ofTest = await open();
  const purchase = await box.control.placePurchase({ product, reseller, connection: 'production' });
  expect(await dryRun(purchase.id)).toBe(EXIT.ok);
  expect(output).toMatch(/^before it +TCR-/m);
  expect(output).not.toContain(ofTest);
});

test('a tier config request has the template of its level, and its handler would be called', async () => {
  const { tiered } = box.sandbox.products;
  const purchase = await box.control.placePurchase({ product: tiered });
  const { tierConfigRequests } = await box.control.state();
  const { id, level } = tierConfigRequests.find(({ status }) => status === 'pending')!;
  expect(await dryRun(id)).toBe(EXIT.ok);
  expect(output).toMatch(new RegExp(`^request +${id} tier-setup of ${tiered} for TC-`));
  expect(output).toMatch(
    new RegExp(`^template +${await box.activationTemplate(tiered, `tier${level}`)} "Default Activation`, 'm'),
  );
  expect(output).toMatch(
    new RegExp(`^next +would call tierConfig of the vendor, with the idempotency key ${id}$`, 'm'),
  );

  output = '';
  expect(await dryRun(purchase.id)).toBe(EXIT.ok); // it waits for the resellers
  expect(output).toMatch(new RegExp(`^before it +${id}, tier-setup of tier ${level}$`, 'm'));
  expect(output).toMatch(/^next +nothing: The request is tiers_setup in Connect, not pending\.$/m);
});

test('a request that is not pending: nothing would be done, and the vendor is not asked', async () => {
  const { id } = await box.control.placePurchase();
  await box.approve(id);
  expect(await dryRun(id)).toBe(EXIT.ok);
  expect(output).toMatch(/^next +nothing: The request is approved in Connect, not pending\.$/m);
  expect(await calls('vendor')).toEqual([]);
});

test('a request that is being revoked: the handler of that would be called', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.force(id, { status: 'revoking' });
  expect(await dryRun(id)).toBe(EXIT.ok);
  expect(lines()).toContainEqual(expect.stringMatching(/^next +would call revoke of the vendor/));
});

test('a type without a handler is left for a person', async () => {
  const { asset } = await box.control.seedSubscription();
  const { id } = await box.control.placeOrder({ type: 'suspend', asset });
  expect(await dryRun(id, { vendor: {} })).toBe(EXIT.ok);
  expect(output).toMatch(/^no round +would start it: the vendor has no handler for this type of request$/m);
  expect(output).toMatch(/^next +nothing: The vendor has no handler for suspend/m);
});

test('a request that the configuration leaves says why, and so does one of a product that is not ours', async () => {
  const { plain, tiered } = box.sandbox.products;
  const { id } = await box.control.placePurchase();
  expect(await dryRun(id, { settings: { CONNECT_ENVIRONMENTS: 'test' } })).toBe(EXIT.ok);
  expect(output).toMatch(/^no round +would start it: the connection type production is not processed$/m);
  output = '';
  expect(await dryRun(id, { settings: { CONNECT_PRODUCTS: tiered } })).toBe(EXIT.ok);
  expect(output).toMatch(new RegExp(`^no round +would start it: CONNECT_PRODUCTS does not list ${plain}$`, 'm'));
  expect(output).toMatch(/^next +nothing: The request is left for a person: CONNECT_PRODUCTS does not list /m);
});

test('a missing template is found before the vendor is asked: the run would be parked', async () => {
  const { id } = await box.control.placePurchase();
  expect(await dryRun(id, { settings: { CONNECT_ACTIVATION_TEMPLATE: 'None of ours' } })).toBe(EXIT.failed);
  expect(output).toMatch(/^next +would be parked: TemplateMissing\nnext +Product .+ has no .+"None of ours"/m);
  expect(await calls('vendor')).toEqual([]);
});

test('a vendor that cannot be asked: the run would be tried on', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ api: 'vendor', method: 'GET', path: '/tenant', status: 503 });
  expect(await dryRun(id)).toBe(EXIT.failed);
  expect(output).toMatch(/^next +would be tried on, and parked if it lasts: VendorUnavailable\nnext +GET .+ 503$/m);
});

test('what find throws is shown without our keys', async () => {
  const { id } = await box.control.placePurchase();
  const find = () => Promise.reject(new Error(`refused ${box.sandbox.vendorApiKey}`));
  expect(await dryRun(id, { vendor: { purchase: { find, create: never } } })).toBe(EXIT.failed);
  expect(output).toContain('threw Error: refused [redacted]');
});

test('what find logs is said without our keys, and commands no terminal', async () => {
  let said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => ((said += String(chunk)), true));
  const { id } = await box.control.placePurchase();
  const find: NonNullable<Vendor['purchase']>['find'] = async ({ log }) =>
    log.info(`\u001b[31masks with ${box.sandbox.vendorApiKey}`) as undefined;
  expect(await dryRun(id, { vendor: { purchase: { find, create: never } } })).toBe(EXIT.ok);
  expect(said).toBe('\\u001b[31masks with [redacted]\n');
});

test.each(['PR-0000-0000-0000-000', 'TCR-0000-0000-0000-000'])('%s, which Connect does not know', async (id) => {
  await expect(dryRun(id)).rejects.toThrow(`Connect does not know ${id}. Check the id; then whose account`);
  expect(output).toBe('');
});

test('a Connect that is not there is said as everywhere', async () => {
  const settings = { CONNECT_API_URL: 'http://127.0.0.1:9' };
  await expect(dryRun('PR-0000-0000-0000-000', { settings })).rejects.toThrow('ECONNREFUSED');
});

test('what is no id of a request is refused', async () => {
  await expect(dryRun('AS-1')).rejects.toThrow('"AS-1" is no id of a request');
});
