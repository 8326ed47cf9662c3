import { describe, expect, test } from '@jest/globals';
import type { Selection } from '../../src/domain/selection';
import type { ValidateHooks } from '../../src/sdk/validation';
import { PRODUCTION } from '../support/selection';
import { fresh, listener, VENDOR_KEY } from './listener';

const param = (id: string, more: object = {}) => ({
  id,
  name: id,
  type: 'text',
  phase: 'ordering',
  value: '',
  ...more,
});
const order = {
  id: 'PR-1-001',
  type: 'purchase',
  status: 'draft',
  unknown_to_us: { stays: true },
  asset: {
    id: 'AS-1',
    status: 'draft',
    product: { id: 'PRD-1', name: 'P', icon: '/p.png' },
    items: [{ id: 'I1', mpn: 'SEAT', quantity: '5', old_quantity: '0' }],
    params: [
      param('subscription_id', { phase: 'fulfillment' }),
      param('hidden', { constraints: { hidden: true } }),
      param('admin_email', { value: 'Ada', value_error: 'from before', constraints: { required: true } }),
      param('region', { value_error: 'from before', structured_error: { city: 'x' }, type: 'address' }),
    ],
  },
};
const tier = {
  id: 'TCR-1-001',
  type: 'setup',
  status: 'draft',
  configuration: { id: 'TC-1', account: { id: 'TA-1' }, product: { id: 'PRD-1' }, tier_level: 2 },
  params: [param('reseller_code', { value: 'x' })],
};

interface Errors {
  value_error?: string;
  structured_error?: object;
}

async function validated(
  document: unknown,
  hooks?: ValidateHooks,
  options: { strict?: boolean; timeLimitMs?: number } = {},
) {
  const { app, done } = await listener({ validation: { hooksOf: () => hooks, ...options } });
  const payload = JSON.stringify(document);
  const headers = { ...fresh(), 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: '/validate', headers, payload });
  return { status: answer.statusCode, body: answer.json(), ...done };
}

test('the hooks are those of the vendor of the product, of a draft of either kind', async () => {
  const asked: string[] = [];
  const hooksOf = (productId: string) => (asked.push(productId), undefined);
  const { app, done } = await listener({ validation: { hooksOf } });
  for (const document of [order, { ...tier, configuration: { ...tier.configuration, product: { id: 'PRD-2' } } }]) {
    await app.inject({ method: 'POST', url: '/validate', headers: fresh(), payload: JSON.stringify(document) });
  }
  expect(asked).toEqual(['PRD-1', 'PRD-2']);
  expect(done.validations).toEqual(['fulfillment unhandled', 'tierConfig unhandled']);
});

test('the errors and values of the hook come back in the document, and nothing else changes', async () => {
  const { status, body, validations } = await validated(order, {
    fulfillment: async (draft) => ({
      errors: { admin_email: `${draft.param('admin_email')} is no e-mail address.` },
      values: { region: { country: 'ES' }, subscription_id: `${draft.type} of ${draft.quantity('SEAT')}` },
    }),
  });
  const [subscription, hidden, email, region] = order.asset.params;
  const { structured_error: _none, ...address } = region as { structured_error?: object };
  expect(status).toBe(200);
  expect(body).toEqual({
    ...order,
    asset: {
      ...order.asset,
      params: [
        { ...subscription, value: 'purchase of 5' },
        hidden,
        { ...email, value_error: 'Ada is no e-mail address.' },
        { ...address, value_error: '', structured_value: { country: 'ES' } },
      ],
    },
  });
  expect(validations).toEqual(['fulfillment errors']);
});

test('an error of the hook takes the place of a structured one', async () => {
  const { body } = await validated(order, { fulfillment: async () => ({ errors: { region: 'Choose another.' } }) });
  expect(body.asset.params[3]).toMatchObject({ value_error: 'Choose another.' });
  expect(body.asset.params[3]).not.toHaveProperty('structured_error');
});

test('a tier config request has its parameters at its top', async () => {
  const { body, validations } = await validated(tier, {
    tierConfig: async ({ level, account }) => ({
      errors: { reseller_code: `wrong for ${account.id}, level ${level}` },
    }),
  });
  expect(body).toEqual({ ...tier, params: [{ ...tier.params[0], value_error: 'wrong for TA-1, level 2' }] });
  expect(validations).toEqual(['tierConfig errors']);
});

test('a draft that is fine loses the errors that it had', async () => {
  const { body, validations } = await validated(order, { fulfillment: async () => undefined });
  expect(body.asset.params.map(({ value_error }: { value_error?: string }) => value_error)).toEqual([
    ...[undefined, undefined, '', ''],
  ]);
  expect(validations).toEqual(['fulfillment passed']);
});

test('a key of ours is taken out of what the customer reads', async () => {
  const { body } = await validated(order, {
    fulfillment: async () => ({ errors: { admin_email: `401 for ?key=${encodeURIComponent(VENDOR_KEY)}` } }),
  });
  expect(body.asset.params[2].value_error).toBe('401 for ?key=[redacted]');
});

test('parameters whose ids are whole numbers, and nulls among them, are read and stay as Connect sent them', async () => {
  const params = [
    null,
    param('x', { id: 7, phase: null, value_error: 'from before' }),
    param('y', { id: 8, phase: 1 }),
  ];
  const hooks: ValidateHooks = {
    fulfillment: async (draft) => ({ errors: { 7: `wrong: "${draft.param('7')}"` }, values: { 8: 'b' } }),
    tierConfig: async (draft) => ({ errors: { 7: `wrong: "${draft.param('7')}"` }, values: { 8: 'b' } }),
  };
  const expected = [null, { ...params[1], value_error: 'wrong: ""' }, { ...params[2], value: 'b' }];
  const { status, body } = await validated({ ...order, asset: { ...order.asset, params } }, hooks);
  expect([status, body]).toEqual([200, { ...order, asset: { ...order.asset, params: expected } }]);
  expect((await validated({ ...tier, params }, hooks)).body).toEqual({ ...tier, params: expected });
});

test.each([null, undefined])('a draft whose parameters are %s comes back so', async (params) => {
  const { body } = await validated({ ...tier, params }, { tierConfig: async () => undefined });
  expect(body).toStrictEqual(JSON.parse(JSON.stringify({ ...tier, params })));
});

test('a draft that has no id yet is validated', async () => {
  const { id: _none, ...draft } = { ...order, asset: { ...order.asset, id: null } };
  const hooks: ValidateHooks = { fulfillment: async ({ id }) => ({ errors: { admin_email: `no: "${id}"` } }) };
  expect((await validated(draft, hooks)).body.asset.params[2].value_error).toBe('no: ""');
});

describe('a draft whose request would be left to a person', () => {
  const asked: string[] = [];
  const hooks: ValidateHooks = {
    fulfillment: async ({ id }) => (asked.push(id), { errors: { admin_email: 'No.' } }),
    tierConfig: async ({ id }) => (asked.push(id), { errors: { reseller_code: 'No.' } }),
  };
  const connection = { id: 'CT-1', type: 'test' };
  const inTest = { ...order, asset: { ...order.asset, connection } };
  const tierInTest = { ...tier, configuration: { ...tier.configuration, connection } };
  const both: Selection = { ...PRODUCTION, connectionTypes: ['production', 'test'] };
  const met = async (selection: Selection, document: object) => {
    asked.length = 0;
    const { app, done } = await listener({
      validation: { hooksOf: () => hooks, selectionOf: () => selection, strict: true },
    });
    const payload = JSON.stringify(document);
    const headers = { ...fresh(), 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/validate', headers, payload });
    return { body: answer.json(), ...done };
  };

  test.each([
    ['its product is switched off', { ...both, process: false }, inTest],
    ['its type is', { ...both, typesOff: ['purchase'] }, inTest],
    ['its connection type is', PRODUCTION, inTest],
    ['the connection type of its configuration is', PRODUCTION, tierInTest],
    ['its type of tier config request is', { ...both, typesOff: ['tier-setup'] }, tierInTest],
  ])('since %s: the vendor is not asked, and it comes back as it was', async (_why, selection, document) => {
    const { body, validations } = await met(selection, document);
    expect([body, asked]).toEqual([document, []]);
    expect(validations).toEqual([expect.stringContaining('unhandled')]);
  });

  test('is not met so where it does not say where it is sold', async () => {
    const { asset, ...document } = inTest;
    const places = { allowed: ['none of it'], denied: [] };
    const selection = { ...PRODUCTION, marketplaces: places, contracts: places };
    const { validations } = await met(selection, { ...document, asset: { ...asset, connection: undefined } });
    expect([asked, validations]).toEqual([[document.id], [expect.stringContaining('errors')]]);
  });

  test.each([inTest, tierInTest])('is not met so where it is selected: %#', async (document) => {
    const { validations } = await met(both, document);
    expect([asked, validations]).toEqual([[document.id], [expect.stringContaining('errors')]]);
  });
});

test.each([
  ['the vendor validates nothing', undefined, order],
  ['the vendor validates tier config requests alone', { tierConfig: async () => undefined }, order],
  ['the vendor validates fulfillment requests alone', { fulfillment: async () => undefined }, tier],
])('where %s, the document comes back as it was', async (_what, hooks, document) => {
  const { status, body, validations } = await validated(document, hooks);
  expect([status, body]).toEqual([200, document]);
  expect(validations).toEqual([expect.stringContaining('unhandled')]);
});

/** As code does that computes: no timer fires meanwhile. */
function blockFor(ms: number): undefined {
  for (const end = performance.now() + ms; performance.now() < end;);
}

describe('where the hook gives no usable answer', () => {
  const never = () => new Promise<undefined>(() => undefined);
  /** Short only for a hook that is to be late: any other might be late too where the machine is busy. */
  const limit = (outcome: string) => (outcome === 'late' ? { timeLimitMs: 30 } : {});
  const cases: [string, ValidateHooks['fulfillment'], string][] = [
    ['is slow', never, 'late'],
    ['blocks for so long', async () => blockFor(60), 'late'],
    ['throws', () => Promise.reject(new Error('out of order')), 'threw'],
    ['throws at once', () => JSON.parse('{') as Promise<undefined>, 'threw'],
    ['asks for a parameter that is not there', async (draft) => ({ errors: { x: draft.param('x') } }), 'threw'],
    ['names a parameter that is not there', async () => ({ errors: { x: 'wrong' } }), 'unfit'],
    ['says nothing', async () => ({ errors: { region: ' ' } }), 'unfit'],
    ['says too much', async () => ({ errors: { region: 'x'.repeat(513) } }), 'unfit'],
    ['sets a value that is too long', async () => ({ values: { region: 'x'.repeat(2049) } }), 'unfit'],
    ['sets a value that is no JSON', async () => ({ values: { region: { list: new Set(['eu']) } } }), 'unfit'],
    ['sets a value that holds a key of ours', async () => ({ values: { region: { key: VENDOR_KEY } } }), 'unfit'],
    ['returns a list', async () => [] as object, 'unfit'],
    ['returns errors that are a text', async () => ({ errors: 'wrong' }) as object, 'unfit'],
  ];

  const params = order.asset.params.map(
    ({ structured_error: _none, ...one }: (typeof order.asset.params)[number] & Errors) =>
      one.value_error === undefined ? one : { ...one, value_error: '' },
  );

  test.each(cases)('since it %s, the order passes; it is logged and counted', async (_what, hook, outcome) => {
    const { status, body, validations, lines } = await validated(order, { fulfillment: hook! }, limit(outcome));
    expect([status, body]).toEqual([200, { ...order, asset: { ...order.asset, params } }]); // without errors of an earlier answer
    expect(validations).toEqual([`fulfillment ${outcome}`]);
    const fields = expect.objectContaining({ requestId: 'PR-1-001', callId: expect.any(String) });
    expect(lines).toContainEqual({ level: 'warn', message: expect.stringContaining('let through'), fields });
  });

  test.each(cases)('and it is strict, since it %s, the order is held back', async (_what, hook, outcome) => {
    const options = { strict: true, ...limit(outcome) };
    const { status, body, validations } = await validated(order, { fulfillment: hook! }, options);
    expect(status).toBe(200);
    expect(body.asset.params[2].value_error).toMatch(/cannot be checked at the moment/);
    expect(validations).toEqual([`fulfillment ${outcome}`]);
  });

  test('and there is no parameter to hold it back by, it passes', async () => {
    const bare = { ...tier, params: [] };
    const { status, body } = await validated(bare, { tierConfig: never }, { strict: true, timeLimitMs: 30 });
    expect([status, body]).toEqual([200, bare]);
  });
});

test('the hook is told when its time is over', async () => {
  let aborted: unknown;
  const fulfillment: ValidateHooks['fulfillment'] = ({ signal }) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject((aborted = signal.reason) as Error)),
    );
  expect((await validated(order, { fulfillment }, { timeLimitMs: 20 })).validations).toEqual(['fulfillment late']);
  expect(String(aborted)).toContain('20 ms');
});

test.each([
  ['a list', []],
  ['nothing', null],
  ['an empty object', {}],
  ['no product', { ...order, asset: { id: 'AS-1' } }],
  ['parameters that are no list', { ...order, asset: { ...order.asset, params: {} } }],
  ['a parameter without an id', { ...tier, params: [{ value: 'x' }] }],
])('%s is no request', async (_what, document) => {
  const { status, body } = await validated(document, { fulfillment: async () => undefined });
  expect(status).toBe(400);
  expect(body.error).toMatch(/request/);
});

test('it is for Connect alone', async () => {
  const { app } = await listener({ validation: { hooksOf: () => ({ fulfillment: async () => undefined }) } });
  expect((await app.inject({ method: 'POST', url: '/validate', payload: order })).statusCode).toBe(401);
});
