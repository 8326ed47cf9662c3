import { expect, test } from '@jest/globals';
import * as sdk from '../../src/sdk';
import {
  approve,
  defineVendor,
  fail,
  inquire,
  NotWritten,
  placeholder,
  schedule,
  type Vendor,
  wait,
} from '../../src/sdk';
import { outcomeProblems } from '../../src/sdk/contract';
import { callFor, fulfillmentCall, REQUEST_TYPES, tierConfigCall } from '../../src/sdk/handlers';
import { resolveVendor } from '../../src/sdk/vendor';

const handler = async () => approve();
const settings = { apiUrl: undefined, apiKey: undefined, exampleAllowed: false };

test('a vendor that fits is handed back as it is', () => {
  const vendor: Vendor = { purchase: { find: async () => undefined, create: handler }, change: { handle: handler } };
  expect(defineVendor(vendor)).toBe(vendor);
  expect(resolveVendor(vendor, settings)).toBe(vendor);
});

test('a handler that is an object of a class may have more than is asked for', () => {
  class Purchases {
    api = 'https://vendor.example';
    find = async () => undefined;
    create = handler;
  }
  const vendor = { purchase: new Purchases() };
  expect(defineVendor(vendor)).toBe(vendor);
});

test('everything that does not fit is named at once', () => {
  const vendor = {
    purchase: { find: handler },
    change: 'later',
    suspend: { handle: handler, timeLimitSeconds: 7200 },
    renew: { handle: handler, beforePlannedDate: 'yes', timeLimit: 5 },
    resume: { timeLimitSeconds: 5 },
    cancel: null,
    tierConfig: {},
    buy: handler,
  };
  expect(() => defineVendor(vendor as never)).toThrow(TypeError);
  expect(() => defineVendor(vendor as never)).toThrow(
    [
      'The vendor does not fit: "buy" is not one of purchase, tierConfig, usage, validate, action, writes, check, change, suspend, resume, cancel, renew, transfer, adjustment, revoke',
      'purchase.create must be a function',
      'change must be a function, or have a function "handle"',
      'resume must be a function, or have a function "handle"',
      'cancel must be a function, or have a function "handle"',
      'tierConfig must be a function, or have a function "handle"',
      'suspend.timeLimitSeconds must be more than 0 and at most 3600',
      'renew.timeLimit is not one of handle, timeLimitSeconds, beforePlannedDate',
      'renew.beforePlannedDate must be true or false. See docs/write-your-vendor.md.',
    ].join('; '),
  );
});

test.each([undefined, null, 'vendor', 7, []])('%p is no vendor', (vendor) => {
  expect(() => resolveVendor(vendor as never, settings)).toThrow('The vendor does not fit');
});

test.each([Promise.resolve({ change: handler }), async () => ({ change: handler })])(
  'a promise of a vendor is none, and is named as such',
  (vendor) => {
    expect(() => resolveVendor(vendor as never, settings)).toThrow(
      'The vendor does not fit: it is a promise: give the vendor itself, or a function that returns it at once.',
    );
  },
);

test.each<[object, string]>([
  [{ check: 5 }, 'check must be a function'],
  [{ check: null }, 'check must be a function'],
  [{ action: 5 }, 'action must be a function'],
  [{ writes: 5 }, 'writes must be an object with lists of parameter ids: asset, tier1, tier2'],
  [{ writes: null }, 'writes must be an object'],
  [{ writes: ['subscription_id'] }, 'writes must be an object'],
  [{ writes: { asset: 'subscription_id' } }, 'writes.asset must be a list of parameter ids'],
  [{ writes: { tier1: [7] } }, 'writes.tier1 must be a list of parameter ids'],
  [{ writes: { tier2: [''] } }, 'writes.tier2 must be a list of parameter ids'],
  [{ writes: { assets: [] } }, 'writes.assets is not one of asset, tier1, tier2'],
])('a vendor with %j does not fit', (vendor, problem) => {
  expect(() => defineVendor(vendor as never)).toThrow(problem);
});

test('a vendor may leave out what it does not write', () => {
  const vendor = { change: handler, writes: { asset: ['id'], tier1: undefined }, check: async () => undefined };
  expect(resolveVendor(vendor as never, settings)).toBe(vendor);
});

test.each([null, 'soon', 7])('%p is no purchase handler', (purchase) => {
  expect(() => defineVendor({ purchase } as never)).toThrow('purchase.find must be a function');
});

test.each([0, -1, 3601, Number.NaN, '60s'])('%p is no time limit', (timeLimitSeconds) => {
  expect(() => defineVendor({ change: { handle: handler, timeLimitSeconds } } as never)).toThrow('timeLimitSeconds');
});

test('a vendor that is built from its settings is checked when it is built', () => {
  const factory = defineVendor(({ apiUrl }) => ({ change: handler, [apiUrl ?? 'none']: handler }));
  expect(() => resolveVendor(factory, { ...settings, apiUrl: 'x' })).toThrow('"x" is not one of');
  expect(resolveVendor(factory, { ...settings, apiUrl: 'cancel' })).toHaveProperty('cancel');
});

test('a type without a handler has none, and a type that Connect has added since neither', () => {
  for (const type of [...REQUEST_TYPES, 'listing', 'toString', 'check', 'writes', '']) {
    expect(callFor({}, type)).toBeUndefined();
  }
  for (const type of ['listing', 'toString', 'check', 'writes', '']) {
    expect(fulfillmentCall({ check: async () => undefined, writes: {} }, type)).toBeUndefined();
  }
});

test('every type of request has its handler, with its own time limit', () => {
  const timed = { handle: handler, timeLimitSeconds: 90 };
  const vendor: Vendor = {
    purchase: { find: async () => undefined, create: handler, timeLimitSeconds: 90 },
    change: timed,
    suspend: timed,
    resume: timed,
    cancel: timed,
    adjustment: timed,
    tierConfig: timed,
    renew: timed,
    transfer: timed,
    revoke: timed,
  };
  for (const type of REQUEST_TYPES) expect(callFor(vendor, type)?.seconds).toBe(90);
  expect(callFor({ change: handler }, 'change')).toMatchObject({ seconds: undefined });
});

test('a purchase creates only where nothing is found', async () => {
  const asked: string[] = [];
  const call = (found: sdk.Outcome | undefined) =>
    fulfillmentCall(
      {
        purchase: {
          find: async () => (asked.push('find'), found),
          create: async () => (asked.push('create'), approve({ id: 'created' })),
        },
      },
      'purchase',
    );
  const request = sdk.testRequest();
  expect(await call(approve({ id: 'found' }))?.run(request)).toMatchObject({ params: { id: 'found' } });
  expect(await call(undefined)?.run(request)).toMatchObject({ params: { id: 'created' } });
  expect(asked).toEqual(['find', 'find', 'create']);
});

test('a handler that is an object keeps what belongs to it', async () => {
  class Change {
    private readonly reason = 'No.';
    handle = async () => fail(this.reason);
  }
  expect(await fulfillmentCall({ change: new Change() }, 'change')?.run(sdk.testRequest())).toEqual(fail('No.'));
  expect(await tierConfigCall({ tierConfig: new Change() })?.run(sdk.testTierRequest())).toEqual(fail('No.'));
});

test('a placeholder says where to write', async () => {
  await expect(placeholder('src/vendor/change.ts')()).rejects.toThrow(NotWritten);
  await expect(placeholder('src/vendor/change.ts')()).rejects.toThrow('Write it in src/vendor/change.ts.');
});

test.each([
  approve(),
  approve({ id: 'T-1', phone: { country_code: '+34' } }, { template: 'Welcome' }),
  approve({ object: { list: [1, true, null, { at: new Date(0) }], none: undefined } }),
  inquire({ email: 'Enter one.' }, { params: { note: '' }, template: 'Ask' }),
  fail('This customer is not served.', { params: { note: 'no' } }),
  wait(1),
  wait(31_536_000, { id: 'T-1' }),
  JSON.parse('{"kind":"approve","params":{}}'), // a second copy of the SDK, or none
])('the contract takes %j', (outcome) => {
  expect(outcomeProblems(outcome)).toEqual([]);
});

const circle: Record<string, unknown> = {};
circle['itself'] = circle;

test.each([
  ['a bigint', { a: [{ b: 1n }] }],
  ['a circle', { circle }],
  ['no number', { a: Number.NaN }],
  ['a function', { a: () => 'x' }],
  ['a Map', { a: new Map([['b', 1]]) }],
  ['what nobody awaited', Promise.resolve('T-1')],
  ['a Date, which is a text', new Date(0)],
  ['what JSON leaves out as a whole', { toJSON: () => undefined }],
])('the contract takes no value that holds %s', (_, value) => {
  expect(outcomeProblems(approve({ id: value as never }))).toEqual([
    'the value of "id" must be JSON: an object of texts, numbers, true, false, null, lists and objects',
  ]);
});

test.each([
  [undefined, 'it returned nothing'],
  [null, 'it returned null'],
  ['approve', 'it returned a string'],
  [true, 'it returned a boolean'],
  [[approve()], 'it returned an array'],
  [{}, 'it returned an object of no known kind'],
  [{ kind: 'accept', params: {} }, 'an object of no known kind'],
  [{ kind: 'approve' }, 'params must be an object'],
  [{ kind: 'approve', params: [] }, 'params must be an object'],
  [approve({ id: 7 as never }), 'the value of "id" must be a text or an object, not a number'],
  [approve({ id: null as never }), 'the value of "id" must be a text or an object, not null'],
  [approve({ id: ['a'] as never }), 'the value of "id" must be a text or an object, not an array'],
  [approve({ id: 'x'.repeat(2049) }), 'the value of "id" is longer than 2048 characters'],
  [approve({}, { template: '' }), 'the template must be a name'],
  [fail(''), 'fail needs a reason'],
  [fail(undefined as never), 'fail needs a reason'],
  [inquire({}), 'inquire needs a sentence for at least one parameter'],
  [inquire({ email: ' ' }), 'inquire needs a sentence for "email"'],
  [inquire({ email: 'x'.repeat(513) }), 'longer than 512 characters'],
  [wait(0.5), 'wait needs a number of seconds'],
  [wait(Number.NaN), 'wait needs a number of seconds'],
  [wait(Infinity), 'wait needs a number of seconds'],
  [wait('60' as never), 'wait needs a number of seconds'],
  [wait(Date.now()), 'wait needs a number of seconds, from 1 to 31536000'],
])('the contract does not take %j', (outcome, problem) => {
  expect(outcomeProblems(outcome)).toEqual([expect.stringContaining(problem)]);
});

test.each([
  ['a reason', fail('x'.repeat(300_000))],
  ['a value', approve({ id: { list: Array.from({ length: 100 }, () => 'x'.repeat(3_000)) } })],
  ['a text', approve({}, { activationTile: 'x'.repeat(300_000) })],
])('the contract does not take what no history holds: %s', (_, outcome) => {
  expect(outcomeProblems(outcome)).toEqual(['it is larger than 256 KB']);
});

test('what an outcome of another kind would hold is not looked at', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(outcomeProblems({ ...wait(5), reason: 10n })).toEqual([]);
  expect(outcomeProblems({ ...approve(), paramErrors: circle })).toEqual([]);
});

const next = new Date().getUTCFullYear() + 1;

test.each([new Date(Date.now() + 60_000), `${next}-01-01T00:00Z`, `${next}-01-31T23:59:59.5+02:00`])(
  'a request may be put off until %s',
  (date) => {
    expect(outcomeProblems(schedule(date))).toEqual([]);
  },
);

test.each<[date: unknown, why: string]>([
  [String(next), 'a year alone'],
  [`${next}-01-01`, 'a day alone'],
  [`${next}-01-01T00:00:00`, "anybody's hour"],
  [`${next}-02-30T00:00:00Z`, 'no day of any year'],
  [`1 January ${next}`, 'no ISO 8601'],
  ['2020-01-01T00:00:00Z', 'the past'],
  [new Date(NaN), 'no date'],
  [undefined, 'nothing'],
])('a request cannot be put off until %s: %s', (date) => {
  expect(outcomeProblems(schedule(date as string))).toEqual([
    'schedule needs a Date, or a time as in 2027-01-01T00:00:00Z, in the future',
  ]);
});

test('a problem never shows the value that has it', () => {
  const secret = { toString: () => 'hunter2', hunter2: 'hunter2' };
  for (const outcome of ['hunter2', secret, approve({ id: 'hunter2'.repeat(400) }), fail(secret as never)]) {
    const problems = outcomeProblems(outcome);
    expect(problems).not.toEqual([]);
    expect(problems.join()).not.toContain('hunter2');
  }
});
