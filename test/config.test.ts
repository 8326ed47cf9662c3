import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '../src/config';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const PRD = 'PRD-100-000-001';
const KEY = 'ApiKey SU-000-000-001:abcdef';
const least = { CONNECT_API_KEY: KEY, CONNECT_PRODUCTS: 'PRD-100-000-001' };

function problems(env: Record<string, string>, options?: { file: string }): readonly string[] {
  try {
    loadConfig(env, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

async function file(content: unknown): Promise<string> {
  const name = path.join(folder, `${Math.random()}.json`);
  await writeFile(name, typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

test('two settings are enough', () => {
  expect(loadConfig(least)).toMatchObject({
    connect: {
      url: 'https://api.connect.cloudblue.com/public/v1',
      apiKey: KEY,
      products: ['PRD-100-000-001'],
      requestsPerSecond: 50,
    },
    vendor: { apiUrl: undefined, apiKey: undefined, exampleAllowed: false },
    taskQueue: 'connect-processor',
    pollIntervalMs: 60_000,
    fullSweepIntervalMs: 900_000,
    logLevel: 'info',
    patience: { quietMs: 300_000, retryMs: 43_200_000, parkedMs: 86_400_000 },
    metricsPort: undefined,
    healthPort: undefined,
  });
});

test('everything that is wrong is said at once, by the name of its variable, and without its value', () => {
  const wrong = {
    CONNECT_API_URL: 'ftp://wr0ng',
    CONNECT_API_KEY: 'wr0ng',
    CONNECT_PRODUCTS: 'PRD-1,wr0ng',
    CONNECT_REQUESTS_PER_SECOND: 'wr0ng',
    VENDOR_API_URL: 'wr0ng',
    EXAMPLE_VENDOR: 'wr0ng',
    POLL_INTERVAL: 'wr0ng',
    FULL_SWEEP_INTERVAL: '-5m',
    RETRY_FOR: '',
    RETRY_QUIETLY_FOR: 'wr0ng',
    PARKED_FOR: '0s',
    METRICS_PORT: 'wr0ng',
    HEALTH_PORT: '70000',
    LOG_LEVEL: 'wr0ng',
  };
  const found = problems(wrong);
  const { RETRY_FOR: _, ...named } = wrong; // an empty text is as good as none
  for (const name of Object.keys(named)) expect(found).toContainEqual(expect.stringContaining(name));
  expect(found).toHaveLength(Object.keys(named).length);
  expect(found.join()).not.toMatch(/wr0ng|70000/);
});

test('what must be set is asked for', () => {
  expect(problems({})).toEqual([
    expect.stringMatching(/^CONNECT_API_KEY is not set: create a token/),
    expect.stringMatching(/^CONNECT_PRODUCTS is not set: give the ids/),
  ]);
  expect(problems({ ...least, CONNECT_PRODUCTS: ' , ' })).toEqual([
    expect.stringContaining('CONNECT_PRODUCTS is empty'),
  ]);
});

test('the key may come with or without its scheme', () => {
  for (const key of [KEY, 'SU-000-000-001:abcdef']) expect(problems({ ...least, CONNECT_API_KEY: key })).toEqual([]);
});

test.each([
  ['90', 90_000],
  ['90s', 90_000],
  ['2m', 120_000],
  ['1 hour', 3_600_000],
  ['1.5h', 5_400_000],
])('a duration of "%s" is understood', (text, ms) => {
  expect(loadConfig({ ...least, POLL_INTERVAL: text }).pollIntervalMs).toBe(ms);
});

test.each([
  ...['POLL_INTERVAL', 'FULL_SWEEP_INTERVAL', 'PARKED_FOR', 'RETRY_FOR', 'RETRY_QUIETLY_FOR'],
  'VALIDATION_TIME_LIMIT',
])('a duration of more than a year is refused, since nobody means it: %s', (name) => {
  for (const text of ['300000y', '366d', `${366 * 86_400}`, '9'.repeat(400)]) {
    expect(problems({ ...least, [name]: text })).toContainEqual(
      expect.stringMatching(new RegExp(`^${name} must be a duration of at least \\S+ and at most a year, such as`)),
    );
  }
});

test('a duration of a year is taken', () => {
  expect(loadConfig({ ...least, PARKED_FOR: '365d' }).patience.parkedMs).toBe(365 * 86_400_000);
});

test('addresses lose the slash at their end, and products their doubles', () => {
  const env = {
    ...least,
    CONNECT_API_URL: 'http://127.0.0.1:4000/public/v1//',
    CONNECT_PRODUCTS: 'PRD-1, PRD-2 ,PRD-1',
  };
  expect(loadConfig(env).connect).toMatchObject({
    url: 'http://127.0.0.1:4000/public/v1',
    products: ['PRD-1', 'PRD-2'],
  });
});

test.each(['CONNECT_API_URL', 'VENDOR_API_URL', 'WEBHOOK_URL'])(
  '%s, to which paths are appended, has neither a query nor a fragment',
  (name) => {
    for (const end of ['?wr0ng=1', '/api?', '#wr0ng', '/#']) {
      expect(problems({ ...least, [name]: `https://host.example${end}` })).toEqual([
        `${name} must have neither a query (?…) nor a fragment (#…)`,
      ]);
    }
  },
);

test.each(['CONNECT_API_URL', 'VENDOR_API_URL', 'WEBHOOK_URL'])('%s has no user name and no password', (name) => {
  for (const user of ['wr0ng', 'wr0ng:wr0ng', ':wr0ng']) {
    expect(problems({ ...least, [name]: `https://${user}@host.example/api` })).toEqual([
      `${name} must have no user name and no password`,
    ]);
  }
});

test('patience that ends before it begins is refused, beside whatever else is wrong', () => {
  const wrong = { RETRY_FOR: '1m', RETRY_QUIETLY_FOR: '2m' };
  const refused = 'RETRY_FOR must not be shorter than RETRY_QUIETLY_FOR';
  expect(problems({ ...least, ...wrong })).toEqual([refused]);
  expect(problems({ ...least, RETRY_FOR: '4m' })).toEqual([refused]); // the default is 5m
  expect(problems({ ...wrong, CONNECT_PRODUCTS: 'PRD-1', LOG_LEVEL: 'loud' })).toEqual([
    expect.stringContaining('CONNECT_API_KEY is not set'),
    expect.stringContaining('LOG_LEVEL must be'),
    refused,
  ]);
});

test.each([
  ['METRICS_PORT', '1.5', 'METRICS_PORT must be a whole number'],
  ['HEALTH_PORT', '70000', 'HEALTH_PORT must be a number from 1 to 65535'],
  ['CONNECT_REQUESTS_PER_SECOND', '0', 'CONNECT_REQUESTS_PER_SECOND must be a number from 0.1 to 1000'],
  ['POLL_INTERVAL', '1 '.repeat(60), expect.stringMatching(/^POLL_INTERVAL must be a duration of at least 1s/)],
])('a number that does not fit is refused in plain words: %s', (name, value, problem) => {
  expect(problems({ ...least, [name]: value })).toEqual([problem]);
});

test('a secret may stand in a file, with a line end or without', async () => {
  const name = await file(`${KEY}\n`);
  const env = { CONNECT_PRODUCTS: 'PRD-1', CONNECT_API_KEY_FILE: name, VENDOR_API_KEY_FILE: await file('v-key') };
  expect(loadConfig(env)).toMatchObject({ connect: { apiKey: KEY }, vendor: { apiKey: 'v-key' } });
});

test('a secret in a file that does not fit is said to stand there', async () => {
  const env = { CONNECT_PRODUCTS: 'PRD-1', CONNECT_API_KEY_FILE: await file('no key\n') };
  expect(problems(env)).toEqual([
    expect.stringMatching(/^CONNECT_API_KEY_FILE names a file whose content must look like/),
  ]);
});

test('a file may begin with the mark that some editors write', async () => {
  const env = { CONNECT_API_KEY_FILE: await file(`\uFEFF${KEY}\r\n`) };
  const config = loadConfig(env, { file: await file('\uFEFF{ "CONNECT_PRODUCTS": "PRD-1" }') });
  expect(config.connect).toMatchObject({ apiKey: KEY, products: ['PRD-1'] });
});

test('a secret that is set twice, or in a file that is not there or empty, is refused', async () => {
  expect(problems({ ...least, CONNECT_API_KEY_FILE: await file(KEY) })).toEqual([
    'CONNECT_API_KEY and CONNECT_API_KEY_FILE are both set: keep one',
  ]);
  const missing = { ...least, VENDOR_API_KEY_FILE: path.join(folder, 'none') };
  expect(problems(missing)).toEqual(['VENDOR_API_KEY_FILE cannot be read: ENOENT']);
  const empty = { ...least, VENDOR_API_KEY_FILE: await file('\n') };
  expect(problems(empty)).toEqual(['VENDOR_API_KEY_FILE names a file that is empty']);
});

test('a key whose file cannot be read is not said to be missing', () => {
  const env = { CONNECT_PRODUCTS: 'PRD-1', CONNECT_API_KEY_FILE: path.join(folder, 'none') };
  expect(problems(env)).toEqual(['CONNECT_API_KEY_FILE cannot be read: ENOENT']);
});

test('nothing is said to be missing that may stand in a file which cannot be read', async () => {
  const found = problems({ LOG_LEVEL: 'loud' }, { file: await file('{ "CONNECT_PRODUCTS": ') });
  expect(found).toEqual([expect.stringContaining('it is not JSON'), expect.stringContaining('LOG_LEVEL must be')]);
  expect(problems({}, { file: await file({ ...least, CONNECT_PRODUCTS: ['PRD-1'], LOG_LEVLE: 'info' }) })).toEqual([
    expect.stringMatching(/: CONNECT_PRODUCTS must be a text or a number$/),
    expect.stringMatching(/: LOG_LEVLE: no such setting$/),
  ]);
});

test('a file has the same settings, and the environment wins', async () => {
  const templates = {
    activation: 'Welcome',
    inquire: 'Tell us',
    products: { 'PRD-100-000-001': { types: { cancel: { activation: 'Bye' } } } },
  };
  const name = await file({ ...least, POLL_INTERVAL: 30, METRICS_PORT: 9464, LOG_LEVEL: 'warn', templates });
  const config = loadConfig({
    CONNECT_PROCESSOR_CONFIG: name,
    LOG_LEVEL: 'debug',
    CONNECT_ACTIVATION_TEMPLATE: 'Hello',
  });
  expect(config).toMatchObject({
    pollIntervalMs: 30_000,
    metricsPort: 9464,
    logLevel: 'debug',
    templates: { ...templates, activation: 'Hello' },
  });
});

test('an empty text counts as not set, in the file too', async () => {
  const name = await file({ ...least, TASK_QUEUE: '', CONNECT_INQUIRE_TEMPLATE: '', VENDOR_API_KEY: '' });
  expect(loadConfig({ LOG_LEVEL: '' }, { file: name })).toMatchObject({
    taskQueue: 'connect-processor',
    logLevel: 'info',
    vendor: { apiKey: undefined },
    templates: { inquire: undefined },
  });
});

const OF_THE_ENVIRONMENT = /: [A-Z_]+ belongs in the environment, where alone it is read$/;

test.each([
  ['is not there', undefined, /cannot be read: ENOENT$/],
  ['is no JSON', '{ "LOG_LEVEL": ', /cannot be read: it is not JSON$/],
  ['is a list', [], /cannot be read: it is no object with names of settings$/],
  ['has what only the environment may', { ...least, TEMPORAL_ADDRESS: 'temporal:7233' }, OF_THE_ENVIRONMENT],
  ['names the file of a secret', { ...least, VENDOR_API_KEY_FILE: 'vendor-key' }, OF_THE_ENVIRONMENT],
  ['names the file itself', { ...least, CONNECT_PROCESSOR_CONFIG: 'config.json' }, OF_THE_ENVIRONMENT],
  ['has a setting that does not exist', { ...least, LOG_LEVLE: 'info' }, /: LOG_LEVLE: no such setting$/],
  ['has a setting that is neither text nor number', { LOG_LEVEL: true }, /: LOG_LEVEL must be a text or a number$/],
  [
    'has a template of no known use',
    { templates: { approval: 'x' } },
    /: templates\.approval: no such setting; possible here: activation, inquire, types, products$/,
  ],
  [
    'has templates that are no object',
    { templates: 'x' },
    /: templates must be an object; possible in it: activation, /,
  ],
  ['has a template without a name', { templates: { activation: 5 } }, /: templates\.activation must be a text: /],
  [
    'has templates of a product that is not ours',
    { templates: { products: { 'PRD-9': { activation: 'x' } } } },
    /: templates\.products\.PRD-9: CONNECT_PRODUCTS does not list this product/,
  ],
])('a file that %s is refused by its name', async (_, content, problem) => {
  const name = content === undefined ? path.join(folder, 'none.json') : await file(content);
  const found = problems(least, { file: name });
  expect(found).toEqual([expect.stringMatching(problem)]);
  expect(found[0]).toContain(name);
});

test('all that is wrong with the templates is said at once, beside the rest', async () => {
  const templates = {
    types: { cancle: { activation: 'x' }, change: { inquiry: 'x' } },
    products: { 'PRD-9': {}, 'PRD 1': {}, 'PRD-100-000-001': { typs: {} } },
  };
  const name = await file({ ...least, templates, LOG_LEVEL: 'loud' });
  expect(problems({}, { file: name }).map((problem) => problem.replace(`${name}: `, ''))).toEqual([
    'LOG_LEVEL must be debug, info, warn or error',
    'templates.types.change.inquiry: no such setting; possible here: activation, inquire',
    expect.stringMatching(
      /^templates\.types\.cancle: no type of request that has a handler; possible here: purchase, /,
    ),
    'templates.products.PRD 1 is no id of a product: one looks like PRD-000-000-000',
    'templates.products.PRD-100-000-001.typs: no such setting; possible here: activation, inquire, types',
    expect.stringMatching(/^templates\.products\.PRD-9: CONNECT_PRODUCTS does not list this product/),
  ]);
});

const DAY = 'must be a day of the month, from 1 to 28';
const TIME = 'must be a time of day from "04:00", such as "05:17"';
const ZONE = 'must be the name of a time zone, such as "UTC" or "Europe/Madrid"';

test('usage is reported on the 5th at 05:17 UTC, unless somebody says otherwise', () => {
  const product = { productId: 'PRD-100-000-001' };
  expect(loadConfig(least).usageTimes).toEqual([{ ...product, day: 5, time: '05:17', timeZone: 'UTC' }]);
  const otherwise = { USAGE_DAY: '28', USAGE_TIME: '23:59', USAGE_TIMEZONE: 'Asia/Kolkata' };
  expect(loadConfig({ ...least, ...otherwise }).usageTimes).toEqual([
    { ...product, day: 28, time: '23:59', timeZone: 'Asia/Kolkata' },
  ]);
  expect(loadConfig({ ...least, USAGE_DAY: '', USAGE_TIME: '', USAGE_TIMEZONE: '' }).usageTimes).toHaveLength(1);
});

test.each([
  ['USAGE_DAY', 'fifth', `USAGE_DAY ${DAY}`],
  ['USAGE_DAY', '0', `USAGE_DAY ${DAY}`],
  ['USAGE_DAY', '31', `USAGE_DAY ${DAY}: not every month has a later one`],
  ['USAGE_TIME', '03:59', `USAGE_TIME ${TIME}`],
  ['USAGE_TIME', '5:17', `USAGE_TIME ${TIME}`],
  ['USAGE_TIMEZONE', 'CEST', `USAGE_TIMEZONE ${ZONE}`],
  ['USAGE_TIMEZONE', 'europe/madrid', `USAGE_TIMEZONE ${ZONE}`],
])('a time of usage reports that does not fit is refused in plain words: %s=%s', (name, value, problem) => {
  expect(problems({ ...least, [name]: value })).toEqual([problem]);
});

test('a time of usage reports before the month is over in UTC is refused, of every product that has it', async () => {
  const products = { 'PRD-1': { time: '09:00' }, 'PRD-2': { report: false }, 'PRD-3': { day: 2 } };
  const name = await file({ ...least, CONNECT_PRODUCTS: 'PRD-1,PRD-2,PRD-3,PRD-4', usage: { products } });
  const [problem, ...more] = problems({ USAGE_DAY: '1', USAGE_TIMEZONE: 'Asia/Tokyo' }, { file: name });
  expect(problem).toMatch(/^USAGE_TIME must be "09:00" or later.* on day 1 at 05:17 Asia\/Tokyo.*PRD-4/);
  expect(more).toEqual([]);
});

test('a product may differ in the file, in a part of its time or in not being reported', async () => {
  const products = {
    'PRD-1': { day: 2, timezone: 'Europe/Madrid' },
    'PRD-2': { report: false },
    'PRD-3': { time: '23:00', report: true },
  };
  const CONNECT_PRODUCTS = 'PRD-1,PRD-2,PRD-3,PRD-4';
  const name = await file({ ...least, CONNECT_PRODUCTS, USAGE_DAY: 7, USAGE_TIME: '06:00', usage: { products } });
  expect(loadConfig({ USAGE_TIME: '06:30' }, { file: name }).usageTimes).toEqual([
    { productId: 'PRD-1', day: 2, time: '06:30', timeZone: 'Europe/Madrid' },
    { productId: 'PRD-3', day: 7, time: '23:00', timeZone: 'UTC' },
    { productId: 'PRD-4', day: 7, time: '06:30', timeZone: 'UTC' },
  ]);
  for (const nothing of [{}, { products: {} }, { products: { 'PRD-1': {} } }]) {
    const other = await file({ ...least, CONNECT_PRODUCTS, usage: nothing });
    expect(loadConfig({}, { file: other }).usageTimes).toHaveLength(4);
  }
});

test.each<[unknown, string]>([
  [{ day: 5 }, 'usage.day: no such setting; possible here: products'],
  [[], 'usage must be an object; possible in it: products'],
  [null, 'usage must be an object; possible in it: products'],
  [{ products: ['PRD-1'] }, 'usage.products must be an object with ids of products as its names'],
  [{ products: { 'PRD 1': {} } }, 'usage.products.PRD 1 is no id of a product: one looks like PRD-000-000-000'],
  [
    { products: { 'PRD-9': {} } },
    'usage.products.PRD-9: CONNECT_PRODUCTS does not list this product, so nothing would use it',
  ],
  [
    { products: { 'PRD-1': true } },
    'usage.products.PRD-1 must be an object; possible in it: report, day, time, timezone',
  ],
  [
    { products: { 'PRD-1': { timeZone: 'UTC' } } },
    'usage.products.PRD-1.timeZone: no such setting; possible here: report, day, time, timezone',
  ],
  [{ products: { 'PRD-1': { report: 'no' } } }, 'usage.products.PRD-1.report must be true or false'],
  [{ products: { 'PRD-1': { day: 29 } } }, `usage.products.PRD-1.day ${DAY}: not every month has a later one`],
  [{ products: { 'PRD-1': { day: true } } }, `usage.products.PRD-1.day ${DAY}`],
  [{ products: { 'PRD-1': { time: 517 } } }, `usage.products.PRD-1.time ${TIME}`],
  [{ products: { 'PRD-1': { timezone: 'Madrid' } } }, `usage.products.PRD-1.timezone ${ZONE}`],
])('a file with the usage %j is refused by the place of what does not fit', async (usage, problem) => {
  const name = await file({ ...least, CONNECT_PRODUCTS: 'PRD-1', usage });
  expect(problems({}, { file: name })).toEqual([`${name}: ${problem}`]);
});

test('all that is wrong with the usage is said at once, beside the rest', async () => {
  const products = { 'PRD-9': {}, 'PRD-100-000-001': { day: 0, time: 'noon', zone: 'UTC' } };
  const name = await file({ ...least, usage: { products }, USAGE_DAY: 31 });
  expect(problems({}, { file: name }).map((problem) => problem.replace(`${name}: `, ''))).toEqual([
    `USAGE_DAY ${DAY}: not every month has a later one`,
    `usage.products.PRD-100-000-001.day ${DAY}`,
    `usage.products.PRD-100-000-001.time ${TIME}`,
    'usage.products.PRD-100-000-001.zone: no such setting; possible here: report, day, time, timezone',
    'usage.products.PRD-9: CONNECT_PRODUCTS does not list this product, so nothing would use it',
  ]);
});

test('a product may have a module of its own, whose path is from the folder of the file', async () => {
  const products = { 'PRD-1': './phones/desk.js', 'PRD-2': '/opt/fax.js' };
  const name = await file({ ...least, CONNECT_PRODUCTS: 'PRD-1,PRD-2,PRD-3', vendors: { products } });
  expect(loadConfig({}, { file: path.relative('.', name) }).vendorFiles).toMatchObject({
    'PRD-1': { path: path.join(folder, 'phones/desk.js') },
    'PRD-2': { path: '/opt/fax.js' },
  });
  expect(loadConfig({ ...least }).vendorFiles).toEqual({});
});

test('all that is wrong with the vendors is said at once, by its place', async () => {
  const products = { [PRD]: '', 'PRD-9': './x.js', 'PRD 1': './x.js' };
  const name = await file({ ...least, vendors: { products, all: './x.js' } });
  expect(problems({}, { file: name }).map((problem) => problem.replace(`${name}: `, ''))).toEqual([
    'vendors.products.PRD-100-000-001 must be the path of a module, from the folder of this file',
    'vendors.products.PRD 1 is no id of a product: one looks like PRD-000-000-000',
    'vendors.all: no such setting; possible here: products',
    'vendors.products.PRD-9: CONNECT_PRODUCTS does not list this product, so nothing would use it',
  ]);
  const other = await file({ ...least, vendors: { products: { [PRD]: { file: './x.js' } } } });
  expect(problems({}, { file: other })).toEqual([
    `${other}: vendors.products.${PRD} must be the path of a module, from the folder of this file`,
  ]);
});

test('the message holds every line and where to read more', () => {
  expect(() => loadConfig({})).toThrow(
    /^The configuration is not usable:\n {2}CONNECT_API_KEY .*\n {2}CONNECT_PRODUCTS .*\nSee docs\/configuration\.md\.$/,
  );
});

const ALL = ['production', 'test', 'preview'];

test.each([
  ['https://api.connect.cloudblue.com/public/v1', ['production']],
  ['http://sandbox:4000/public/v1', ['production']],
  ['http://localhost.example/public/v1', ['production']],
  ['http://127.0.0.1.example/public/v1', ['production']],
  ['http://127.0.0.1:4000/public/v1', ALL],
  ['http://localhost:4000/public/v1', ALL],
  ['http://[::1]:4000/public/v1', ALL],
])('which connection types are processed where nothing says so, of the Connect at %s', (url, expected) => {
  expect(loadConfig({ ...least, CONNECT_API_URL: url }).selections[PRD]?.connectionTypes).toEqual(expected);
  const asked = loadConfig({ ...least, CONNECT_API_URL: url, CONNECT_ENVIRONMENTS: ' test , preview,test' });
  expect(asked.selections[PRD]?.connectionTypes).toEqual(['test', 'preview']);
});

test('every marketplace and contract will do, and a request that a person has taken is left, unless somebody says otherwise', () => {
  expect(loadConfig(least).selections).toEqual({
    [PRD]: {
      process: true,
      typesOff: [],
      connectionTypes: ['production'],
      assigned: 'leave',
      marketplaces: { allowed: undefined, denied: [] },
      contracts: { allowed: undefined, denied: [] },
    },
  });
  const otherwise = {
    CONNECT_MARKETPLACES_ALLOWED: 'MP-10001, MP-10002',
    CONNECT_MARKETPLACES_DENIED: 'MP-10002',
    CONNECT_CONTRACTS_ALLOWED: 'CRD-10000-20000-30001',
    CONNECT_CONTRACTS_DENIED: 'CRD-10000-20000-30002',
    CONNECT_ASSIGNED_REQUESTS: 'process',
  };
  expect(loadConfig({ ...least, ...otherwise }).selections[PRD]).toMatchObject({
    marketplaces: { allowed: ['MP-10001', 'MP-10002'], denied: ['MP-10002'] },
    contracts: { allowed: ['CRD-10000-20000-30001'], denied: ['CRD-10000-20000-30002'] },
    assigned: 'process',
  });
});

test.each([
  ['CONNECT_ENVIRONMENTS', 'prod', 'must be connection types of Connect: production, test, preview'],
  ['CONNECT_ENVIRONMENTS', ' , ', 'must be connection types of Connect: production, test, preview'],
  ['CONNECT_MARKETPLACES_ALLOWED', 'Iberia', 'must be ids of marketplaces such as MP-00000'],
  ['CONNECT_MARKETPLACES_DENIED', 'CRD-1', 'must be ids of marketplaces such as MP-00000'],
  ['CONNECT_CONTRACTS_ALLOWED', 'MP-1', 'must be ids of contracts such as CRD-00000-00000-00000'],
  ['CONNECT_CONTRACTS_DENIED', 'x', 'must be ids of contracts such as CRD-00000-00000-00000'],
  ['CONNECT_ASSIGNED_REQUESTS', 'skip', 'must be "leave" or "process"'],
])('a selection that nobody can mean is refused in plain words: %s=%s', (name, value, problem) => {
  expect(problems({ ...least, [name]: value })).toEqual([expect.stringContaining(`${name} ${problem}`)]);
});

test('a product may differ in the file: what is set for it replaces what is set for all', async () => {
  const products = {
    'PRD-1': { environments: ['test'], types: { suspend: false, resume: true }, assigned: 'process' },
    'PRD-2': { process: false },
    'PRD-3': { marketplacesAllowed: ['MP-2'], marketplacesDenied: [] },
  };
  const all = { CONNECT_MARKETPLACES_ALLOWED: 'MP-1', CONNECT_MARKETPLACES_DENIED: 'MP-3' };
  const name = await file({ ...least, ...all, CONNECT_PRODUCTS: 'PRD-1,PRD-2,PRD-3', selection: { products } });
  const { selections, usageTimes } = loadConfig({}, { file: name });
  expect(selections).toMatchObject({
    'PRD-1': { connectionTypes: ['test'], typesOff: ['suspend'], assigned: 'process' },
    'PRD-2': { process: false, connectionTypes: ['production'] },
    'PRD-3': { process: true, marketplaces: { allowed: ['MP-2'], denied: [] } },
  });
  expect(selections['PRD-1']?.marketplaces).toEqual({ allowed: ['MP-1'], denied: ['MP-3'] });
  expect(usageTimes.map(({ productId }) => productId)).toEqual(['PRD-1', 'PRD-3']);
});

test('all that is wrong with a selection is said at once, by its place', async () => {
  const own = { process: 'no', types: { suspnd: false }, environments: [], marketplacesAllowed: ['x'], assigned: 1 };
  const name = await file({ ...least, selection: { products: { [PRD]: own, 'PRD-9': {} } } });
  const found = problems({}, { file: name }).map((problem) => problem.replace(`${name}: `, ''));
  expect(found.sort()).toEqual([
    'selection.products.PRD-100-000-001.assigned must be "leave" or "process"',
    'selection.products.PRD-100-000-001.environments must be connection types of Connect: production, test, preview',
    'selection.products.PRD-100-000-001.marketplacesAllowed must be ids of marketplaces such as MP-00000',
    'selection.products.PRD-100-000-001.process must be true or false',
    expect.stringMatching(
      /^selection\.products\.PRD-100-000-001\.types\.suspnd: no type of request that has a handler/,
    ),
    'selection.products.PRD-9: CONNECT_PRODUCTS does not list this product, so nothing would use it',
  ]);
});

test('what does not fit together is said beside whatever else is wrong', () => {
  const env = {
    ...least,
    USAGE_DAY: '1',
    USAGE_TIMEZONE: 'Asia/Tokyo',
    LOG_LEVEL: 'loud',
    METRICS_PORT: '80',
    HEALTH_PORT: '080',
    LISTEN_PORT: '80', // a worker's own alone where it listens too
  };
  expect(problems(env)).toEqual([
    expect.stringMatching(/^LOG_LEVEL must be/),
    'HEALTH_PORT must be another port than METRICS_PORT',
    expect.stringMatching(/^USAGE_TIME must be "09:00" or later/),
  ]);
});

test('of a product that is switched off no time is too early', async () => {
  const name = await file({ ...least, selection: { products: { [PRD]: { process: false } } } });
  expect(problems({ USAGE_DAY: '1', USAGE_TIMEZONE: 'Asia/Tokyo', LOG_LEVEL: 'loud' }, { file: name })).toHaveLength(1);
});

test('blanks alone are as good as nothing, in the file too', async () => {
  const name = await file({ ...least, TASK_QUEUE: ' ' });
  expect(
    loadConfig({ CONNECT_ACTIVATION_TEMPLATE: ' ', VENDOR_API_KEY: '  ', TASK_QUEUE: '\t' }, { file: name }),
  ).toMatchObject({
    taskQueue: 'connect-processor',
    templates: { activation: undefined },
    vendor: { apiKey: undefined },
  });
  expect(problems({ CONNECT_API_KEY: ' ', CONNECT_PRODUCTS: PRD })).toEqual([
    expect.stringMatching(/^CONNECT_API_KEY is not set/),
  ]);
});

test.each(['', ' ', '\t'])('where a file would be named, "%s" names none', (nothing) => {
  const env = {
    ...least,
    CONNECT_PROCESSOR_CONFIG: nothing,
    CONNECT_API_KEY_FILE: nothing,
    ACTION_SECRET_FILE: nothing,
  };
  expect(problems(env)).toEqual([]);
});

test.each([
  ['METRICS_PORT', '0x50', 'METRICS_PORT must be a number from 1 to 65535'],
  ['CONNECT_REQUESTS_PER_SECOND', '1e2', 'CONNECT_REQUESTS_PER_SECOND must be a number from 0.1 to 1000'],
  ['LISTEN_HOST', 'a b', 'LISTEN_HOST must be an address or the name of a host'],
])('what no person would mean is refused: %s=%s', (name, value, problem) => {
  expect(problems({ ...least, [name]: value })).toEqual([problem]);
});

test.each(['0.0.0.0', '::1', 'fe80::1%eth0', 'connect-listener.internal'])('LISTEN_HOST may be %s', (LISTEN_HOST) => {
  expect(problems({ ...least, LISTEN_HOST })).toEqual([]);
});
