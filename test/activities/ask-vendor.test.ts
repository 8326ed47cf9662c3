import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { createRedactor } from '../../src/domain/redact';
import {
  approve,
  fail,
  type FulfillmentContext,
  inquire,
  type Outcome,
  placeholder,
  schedule,
  type TierConfigContext,
  type Vendor,
  VendorUnavailable,
  wait,
} from '../../src/sdk';
import { templateName } from '../../src/template-name';
import { shown } from './shown';
import { useActivities } from './start';

const { box, activities, run, failureOf, log } = useActivities();

/** A vendor whose purchase does one thing. */
function buying(create: (request: FulfillmentContext) => Promise<Outcome>, timeLimitSeconds?: number): Vendor {
  return { purchase: { find: async () => undefined, create, ...(timeLimitSeconds && { timeLimitSeconds }) } };
}

const basis = [expect.any(String)]; // no ordering parameter is set
const callsOf = async (method: string) => (await box.control.counters()).calls.filter((call) => call.method === method);
const paramOf = async (id: string, name: string) => {
  const { body } = await box.vendor('GET', `/requests/${id}`);
  return (body.asset.params as { id: string; value: string; value_error: string }[]).find((param) => param.id === name);
};

test('returns what the vendor decided, with the template to approve with', async () => {
  const { id } = await box.control.placePurchase();
  const vendor = buying(async () => approve({ subscription_id: 'S-1' }));
  expect(await run(activities({ vendor }), 'askVendor', [id])).toEqual({
    kind: 'approve',
    params: [{ id: 'subscription_id', value: 'S-1', valueError: '' }],
    basis,
    templateId: 'TL-100-001-001',
  });
});

test('a handler that works on what it is given changes neither what is saved nor what was ordered', async () => {
  const { id } = await box.control.placePurchase();
  const tidy = buying(async ({ items, params }) => {
    for (const item of items) Object.assign(item, { quantity: Number(item.quantity) });
    for (const one of params) Object.assign(one, { value: 'S-1' });
    return approve({ subscription_id: 'S-1' });
  });
  const plain = buying(async () => approve({ subscription_id: 'S-1' }));
  const answerOf = (vendor: Vendor) => run(activities({ vendor }), 'askVendor', [id]);
  expect(await answerOf(tidy)).toEqual(await answerOf(plain));
});

test('hands on a wait and a refusal', async () => {
  const { id } = await box.control.placePurchase();
  const params = { subscription_id: 'S-1' };
  const answerOf = (outcome: Outcome) => run(activities({ vendor: buying(async () => outcome) }), 'askVendor', [id]);
  expect(await answerOf(wait(60, params))).toMatchObject({ kind: 'wait', seconds: 60, params: { length: 1 } });
  expect(await answerOf(fail('No.'))).toEqual({ kind: 'fail', reason: 'No.', params: [], basis });
});

test.each(['', '2027-03-01T00:00:00+00:00'])(
  'hands on a date, beside the one that the request has: "%s"',
  async (had) => {
    const { asset } = await box.control.seedSubscription();
    const order = { type: 'cancel', asset: { id: asset }, ...(had && { planned_date: had }) };
    const { body } = await box.distributor('POST', '/requests', order);
    const vendor = { cancel: { beforePlannedDate: true, handle: async () => schedule('2099-01-01T00:00:00Z') } };
    const asked = { kind: 'schedule', params: [], plannedDate: '2099-01-01T00:00:00Z', plannedBefore: had };
    expect(await run(activities({ vendor }), 'askVendor', [body.id])).toEqual({ ...asked, basis });
  },
);

describe('an order that the distributor has placed for a date', () => {
  const DAY_MS = 86_400_000;
  const inFuture = (ms: number) => new Date(Date.now() + ms).toISOString();
  const placed = async (type: string, planned_date: string) => {
    const { asset: id } = await box.control.seedSubscription({ quantity: 5 });
    const { plain } = box.sandbox.products;
    const asset =
      type === 'purchase'
        ? {
            product: { id: plain },
            items: [{ id: `${plain}-0001`, quantity: 1 }],
            params: [{ id: 'admin_email', value: 'a@b.example' }],
          }
        : { id, ...(type === 'change' && { items: [{ id: `${plain}-0001`, quantity: 7 }] }) };
    const { body } = await box.distributor('POST', '/requests', { type, asset, planned_date });
    expect(body.status).toBe('pending');
    return body.id as string;
  };
  const types = ['purchase', 'change', 'cancel', 'suspend'];
  const asked: string[] = [];
  const handle = async ({ type, plannedDate }: FulfillmentContext) => (asked.push(`${type} ${plannedDate}`), approve());
  const purchase = { find: async () => undefined, create: handle };
  const vendor: Vendor = { purchase, change: handle, cancel: handle, suspend: { handle, timeLimitSeconds: 90 } };
  beforeEach(() => void asked.splice(0));

  test.each(types)('%s: is put off until then, and the vendor is not asked', async (type) => {
    const plannedDate = inFuture(DAY_MS);
    const id = await placed(type, plannedDate);
    const putOff = { kind: 'schedule', params: [], plannedDate, plannedBefore: plannedDate };
    expect(await run(activities({ vendor }), 'askVendor', [id])).toEqual(putOff);
    expect(asked).toEqual([]);
  });

  test.each([
    ['is over', -1_000],
    ['is so near that the two clocks may differ by it', 30_000],
  ])('is handled where the date %s', async (_, ms) => {
    const plannedDate = inFuture(ms);
    const id = await placed('cancel', plannedDate);
    expect(await run(activities({ vendor }), 'askVendor', [id])).toMatchObject({ kind: 'approve' });
    expect(asked).toEqual([`cancel ${plannedDate}`]);
  });

  test('is handled at once by a handler that says so', async () => {
    const early: Vendor = {
      purchase: { ...purchase, beforePlannedDate: true },
      cancel: { handle, beforePlannedDate: true },
    };
    const plannedDate = inFuture(DAY_MS);
    for (const type of ['purchase', 'cancel']) {
      const id = await placed(type, plannedDate);
      expect(await run(activities({ vendor: early }), 'askVendor', [id])).toMatchObject({ kind: 'approve' });
    }
    expect(asked).toEqual([`purchase ${plannedDate}`, `cancel ${plannedDate}`]);
  });

  test.each(['when the term ends', '01/02/2099'])(
    'is parked where "%s" is no date, and no handler is asked: it may be too early',
    async (plannedDate) => {
      const early: Vendor = { cancel: { handle, beforePlannedDate: true } };
      const id = await placed('cancel', plannedDate);
      for (const each of [vendor, early]) {
        expect(shown(await failureOf(activities({ vendor: each }), 'askVendor', [id]))).toMatchObject({
          type: 'ConnectContract',
          final: true,
          message: expect.stringContaining(`planned for "${plannedDate}", which is no date`),
        });
      }
      expect(asked).toEqual([]);
    },
  );

  test('is left to a person where its type has no handler', async () => {
    const id = await placed('cancel', inFuture(DAY_MS));
    expect(await run(activities({ vendor: {} }), 'askVendor', [id])).toMatchObject({ kind: 'noop' });
  });
});

test('does nothing for a request that is no longer pending', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.force(id, { status: 'inquiring' });
  let called = false;
  const vendor = buying(async () => ((called = true), approve()));
  const answer = await run(activities({ vendor }), 'askVendor', [id]);
  expect(answer).toMatchObject({ kind: 'noop', status: 'inquiring', reason: expect.stringContaining('not pending') });
  expect(called).toBe(false);
});

test('leaves a request to a person whose type the vendor does not handle', async () => {
  const { asset } = await box.control.seedSubscription();
  const { id } = await box.control.placeOrder({ type: 'change', asset });
  const answer = await run(activities({ vendor: {} }), 'askVendor', [id]);
  expect(answer).toMatchObject({
    kind: 'noop',
    status: 'pending',
    reason: expect.stringContaining('no handler for change'),
  });
});

test('ends where the request does not exist any more', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.remove(id);
  expect(shown(await failureOf(activities(), 'askVendor', [id]))).toMatchObject({ type: 'ConnectGone', final: true });
});

test('finds a missing template before the vendor is called', async () => {
  const { id, product } = await box.control.placePurchase();
  let called = false;
  const failure = await failureOf(
    activities({
      vendor: buying(async () => ((called = true), approve())),
      templateName: (use, productId, type) => templateName({ activation: 'Welcome' }, use, productId, type),
    }),
    'askVendor',
    [id],
  );
  expect(shown(failure)).toMatchObject({ type: 'TemplateMissing', final: true });
  expect(failure.message).toContain(`Product ${product.id} has no fulfillment template "Welcome" in scope asset.`);
  expect(failure.message).toContain('There: "Default Activation Template", "Change Template".');
  expect(called).toBe(false);
});

test('approves with the template that the handler named', async () => {
  const { id } = await box.control.placePurchase();
  const vendor = buying(async () => approve({}, { template: 'Change Template' }));
  expect(await run(activities({ vendor }), 'askVendor', [id])).toMatchObject({ templateId: 'TL-100-001-005' });
  const unknown = buying(async () => approve({}, { template: 'Nowhere' }));
  expect(await failureOf(activities({ vendor: unknown }), 'askVendor', [id])).toMatchObject({
    type: 'TemplateMissing',
  });
});

describe('what the vendor has made is saved in Connect, whatever goes wrong after its handler has returned:', () => {
  const saved = async (id: string) => (await paramOf(id, 'subscription_id'))?.value;
  const params = { subscription_id: 'S-1' };

  test('a template that it named does not exist', async () => {
    const { id } = await box.control.placePurchase();
    const vendor = buying(async () => approve(params, { template: 'Nowhere' }));
    const { type } = await failureOf(activities({ vendor }), 'askVendor', [id]);
    expect([type, await saved(id)]).toEqual(['TemplateMissing', 'S-1']);
  });

  test('the templates of an inquiry cannot be listed', async () => {
    const { id } = await box.control.placePurchase();
    const list = { api: 'connect' as const, method: 'GET', path: '/products/*/templates' };
    await box.control.fault({ ...list, containing: 'inquire', status: 503 });
    const vendor = buying(async () => inquire({ admin_email: 'Is it yours?' }, { params }));
    const { type } = await failureOf(activities({ vendor }), 'askVendor', [id]);
    expect([type, await saved(id)]).toEqual(['ConnectUnavailable', 'S-1']);
  });

  test('it returned a parameter that the request does not have', async () => {
    const { id } = await box.control.placePurchase();
    const vendor = buying(async () => approve({ ...params, no_such_parameter: '1' }));
    const { type } = await failureOf(activities({ vendor }), 'askVendor', [id]);
    expect([type, await saved(id)]).toEqual(['ParameterMissing', 'S-1']);
  });

  test('it returned a password too, beside a parameter that the request does not have', async () => {
    const { id } = await box.control.placePurchase();
    const returned = { ...params, admin_password: 'hunter2-first', no_such_parameter: '1' };
    const { type } = await failureOf(activities({ vendor: buying(async () => approve(returned)) }), 'askVendor', [id]);
    expect([type, await saved(id)]).toEqual(['ParameterMissing', 'S-1']);
    const puts = (await callsOf('PUT')).reduce((sum, { count }) => sum + count, 0);
    expect([puts, (await paramOf(id, 'admin_password'))?.value]).toEqual([2, expect.stringMatching(/./)]);
  });

  test('Connect refuses a password', async () => {
    const { id } = await box.control.placePurchase();
    await box.control.fault({ api: 'connect', method: 'PUT', path: '/requests/*', status: 400, times: 1 });
    const vendor = buying(async () => approve({ ...params, admin_password: 'hunter2' }));
    const { type } = await failureOf(activities({ vendor }), 'askVendor', [id]);
    expect([type, await saved(id)]).toEqual(['ConnectRejected', 'S-1']);
  });

  test('and where that cannot be saved either, it is tried on, and not parked', async () => {
    const { id } = await box.control.placePurchase();
    await box.control.fault({ api: 'connect', method: 'PUT', path: '/requests/*', status: 503 });
    const vendor = buying(async () => approve(params, { template: 'Nowhere' }));
    const failure = shown(await failureOf(activities({ vendor }), 'askVendor', [id]));
    expect(failure).toMatchObject({ type: 'ConnectUnavailable', final: false });
  });

  test('what stands there already is not saved again', async () => {
    const { id } = await box.control.placePurchase();
    const all = activities({ vendor: buying(async () => approve(params, { template: 'Nowhere' })) });
    for (const _ of [1, 2]) await failureOf(all, 'askVendor', [id]);
    expect(await box.control.effects(id, 'save')).toBe(1);
  });
});

describe('a key of the configuration that an outcome holds', () => {
  const KEY = 'v-key/0123+456';
  const redact = createRedactor([KEY]);
  const given = (outcome: Outcome) => activities({ vendor: buying(async () => outcome), redact });

  test.each([
    [
      'the reason of a refusal',
      fail(`The API said: 401 for key ${KEY}`),
      { reason: 'The API said: 401 for key [redacted]' },
    ],
    [
      'the sentences of an inquiry, there and in the parameters',
      inquire({ admin_email: `Unknown to ?key=${encodeURIComponent(KEY)}` }),
      {
        paramErrors: { admin_email: 'Unknown to ?key=[redacted]' },
        params: [{ id: 'admin_email', valueError: 'Unknown to ?key=[redacted]' }],
      },
    ],
    [
      'the text of an approval',
      approve({}, { activationTile: `# Your key: ${KEY}` }),
      { approval: { activationTile: '# Your key: [redacted]' } },
    ],
  ])('is taken out of %s', async (_, outcome, answer) => {
    const { id } = await box.control.placePurchase();
    expect(await run(given(outcome), 'askVendor', [id])).toMatchObject(answer);
  });

  test.each([
    ['a text', { subscription_id: 'S-1', admin_email: `ada+${KEY}@customer.example` }, '"admin_email"'],
    ['a structure', { subscription_id: 'S-1', admin_email: { login: { key: KEY } } }, '"admin_email"'],
    ['a password', { subscription_id: 'S-1', admin_password: KEY }, '"admin_password"'],
    ['several', { subscription_id: 'S-1', admin_email: KEY, admin_password: KEY }, '"admin_email", "admin_password"'],
  ])('parks the request where it is the value of a parameter, which is not saved: %s', async (_, params, named) => {
    const { id } = await box.control.placePurchase();
    const failure = await failureOf(given(approve(params)), 'askVendor', [id]);
    expect(shown(failure)).toMatchObject({ type: 'VendorContract', final: true });
    expect(failure.message).toBe(
      `The vendor's handler for purchase does not keep its contract: what it returned for ${named} holds a key or secret of the configuration, and is not saved.`,
    );
    const { body } = await box.vendor('GET', `/requests/${id}`);
    expect(JSON.stringify(body)).not.toContain('0123');
    expect(await paramOf(id, 'subscription_id')).toMatchObject({ value: 'S-1' }); // what the vendor has made is known by it
  });
});

test('saves a password itself, and returns it to nobody', async () => {
  const { id } = await box.control.placePurchase();
  const vendor = buying(async () => approve({ subscription_id: 'S-1', admin_password: 'hunter2hunter2' }));
  const answer = await run(activities({ vendor }), 'askVendor', [id]);
  expect(answer).toMatchObject({ params: [{ id: 'subscription_id' }] });
  expect(JSON.stringify([answer, log])).not.toContain('hunter2');
  expect(await paramOf(id, 'admin_password')).toMatchObject({ value: 'hunter2hunter2' });
  expect(await paramOf(id, 'subscription_id')).toMatchObject({ value: '' }); // a step of its own saves it
});

test('does not save a password that is there already', async () => {
  const { id } = await box.control.placePurchase();
  const all = activities({ vendor: buying(async () => approve({ admin_password: 'hunter2hunter2' })) });
  await run(all, 'askVendor', [id]);
  await run(all, 'askVendor', [id]);
  expect(await box.control.effects(id, 'save')).toBe(1);
});

test.each([
  ['hunter2hunter2', 'admin_password: "hunter2hunter2" is too common.'],
  ['"hunter2"', 'body was {"id":"admin_password","value":"\\"hunter2\\""}'],
])('keeps a password out of the failure where Connect refuses it and repeats it: %s', async (password, error) => {
  const { id } = await box.control.placePurchase();
  const errors = [error];
  await box.control.fault({ api: 'connect', method: 'PUT', path: '/requests/*', status: 400, errors });
  const vendor = buying(async () => approve({ admin_password: password }));
  const failure = await failureOf(activities({ vendor }), 'askVendor', [id]);
  expect(failure).toMatchObject({ type: 'ConnectRejected', message: expect.stringContaining('[redacted]') });
  expect(JSON.stringify(failure) + failure.stack).not.toContain('hunter2');
});

test('keeps every text of a password that is a structure out of the failure', async () => {
  const { id } = await box.control.placePurchase();
  const errors = [
    'VAL_001: {"keys": ["hunter2", "hunter3"], "pin": 5550123, "for": "all"} must be a text for all, and not hunter2.',
  ];
  await box.control.fault({ api: 'connect', method: 'PUT', path: '/requests/*', status: 400, errors });
  const admin_password = { keys: ['hunter2', 'hunter3'], pin: 5550123, for: 'all' };
  const vendor = buying(async () => approve({ admin_password }));
  const failure = await failureOf(activities({ vendor }), 'askVendor', [id]);
  expect(failure).toMatchObject({
    type: 'ConnectRejected',
    message: expect.stringContaining('a text for all, and not [redacted].'),
  });
  expect(JSON.stringify(failure) + failure.stack).not.toMatch(/hunter|5550123/);
});

test.each([400, 480, 490])('keeps it out too where the failure is cut amid it, %i characters in', async (at) => {
  const { id } = await box.control.placePurchase();
  const errors = [`${'x'.repeat(at - 60)} hunter2hunter2hunter2 ${'y'.repeat(500)}`];
  await box.control.fault({ api: 'connect', method: 'PUT', path: '/requests/*', status: 400, errors });
  const vendor = buying(async () => approve({ admin_password: 'hunter2hunter2hunter2' }));
  const failure = await failureOf(activities({ vendor }), 'askVendor', [id]);
  expect(failure.message).toHaveLength(500);
  expect(JSON.stringify(failure) + failure.stack).not.toContain('hunter2');
});

test('returns only the parameters that differ', async () => {
  const { id } = await box.control.placePurchase({ params: {} });
  await box.vendor('PUT', `/requests/${id}`, { asset: { params: [{ id: 'subscription_id', value: 'S-1' }] } });
  const vendor = buying(async () => approve({ subscription_id: 'S-1', admin_email: 'new@customer.example' }));
  expect(await run(activities({ vendor }), 'askVendor', [id])).toMatchObject({
    params: [{ id: 'admin_email', value: 'new@customer.example', valueError: '' }],
  });
});

test('parks a request for which the handler writes a parameter that does not exist', async () => {
  const { id } = await box.control.placePurchase();
  for (const outcome of [approve({ licence: 'L-1' }), inquire({ licence: 'Enter one.' })]) {
    const failure = await failureOf(activities({ vendor: buying(async () => outcome) }), 'askVendor', [id]);
    expect(shown(failure)).toMatchObject({ type: 'ParameterMissing', final: true });
    expect(failure.message).toMatch(/no parameter "licence"\. It has: .*subscription_id/);
  }
});

test('parks a request whose handler reads a parameter that does not exist', async () => {
  const { id } = await box.control.placePurchase();
  const vendor = buying(async (request) => approve({ subscription_id: request.param('mail') }));
  expect(shown(await failureOf(activities({ vendor }), 'askVendor', [id]))).toMatchObject({
    type: 'ParameterMissing',
    final: true,
  });
});

test('an odd quantity parks the request of a handler that reads it, by item, and no other', async () => {
  const { id } = await box.control.placePurchase();
  const { body } = await box.vendor('GET', `/requests/${id}`);
  const odd = { ...body.asset.items[0], id: 'PRD_1_0009', mpn: 'DISK', quantity: 'a dozen' };
  const json = { ...body, asset: { ...body.asset, items: [...body.asset.items, odd] } };
  await box.control.fault({ api: 'connect', method: 'GET', path: `/requests/${id}`, json });
  const seats = buying(async (request) => wait(request.quantity('SEAT')));
  expect(await run(activities({ vendor: seats }), 'askVendor', [id])).toMatchObject({ kind: 'wait', seconds: 5 });
  const changes = buying(async (request) => wait(request.changes.added.length));
  expect(shown(await failureOf(activities({ vendor: changes }), 'askVendor', [id]))).toMatchObject({
    type: 'ConnectContract',
    final: true,
    message: expect.stringContaining('Item "DISK" (PRD_1_0009) has the quantity "a dozen".'),
  });
});

test('takes away the errors that the customer has answered, but not those that it asks about now', async () => {
  const { id } = await box.control.placePurchase();
  const flag = (name: string) => ({ id: name, value_error: 'Wrong.' });
  const flags = [flag('admin_email'), flag('subscription_id')];
  await box.vendor('PUT', `/requests/${id}`, { asset: { params: flags } });
  const vendor = buying(async () => inquire({ admin_email: 'Still wrong.' }));
  expect(await run(activities({ vendor }), 'askVendor', [id])).toEqual({
    kind: 'inquire',
    params: [
      { id: 'admin_email', valueError: 'Still wrong.' },
      { id: 'subscription_id', valueError: '' },
    ],
    basis,
    paramErrors: { admin_email: 'Still wrong.' },
    templateId: 'TL-100-001-004',
  });
});

test('hands on values and errors together, so that one call saves them', async () => {
  const { id } = await box.control.placePurchase({ admin_email: 'ada@customer.example' });
  const params = { subscription_id: 'S-1', admin_email: 'ada@customer.example' };
  const vendor = buying(async () => inquire({ admin_email: 'Is it yours?', subscription_id: 'Taken.' }, { params }));
  expect(await run(activities({ vendor }), 'askVendor', [id])).toMatchObject({
    params: [
      { id: 'subscription_id', value: 'S-1', valueError: 'Taken.' },
      { id: 'admin_email', value: 'ada@customer.example', valueError: 'Is it yours?' },
    ],
  });
});

test('hands on no error that stands there already', async () => {
  const { id } = await box.control.placePurchase();
  const flags = [{ id: 'admin_email', value_error: 'Wrong.' }];
  await box.vendor('PUT', `/requests/${id}`, { asset: { params: flags } });
  const vendor = buying(async () => inquire({ admin_email: 'Wrong.' }));
  expect(await run(activities({ vendor }), 'askVendor', [id])).toMatchObject({
    params: [],
    paramErrors: { admin_email: 'Wrong.' },
  });
});

test('saves a password with its error itself, and hands on an error without a password', async () => {
  const { id } = await box.control.placePurchase();
  const error = { admin_password: 'Too short.' };
  const answerOf = (params: Record<string, string>) =>
    run(activities({ vendor: buying(async () => inquire(error, { params })) }), 'askVendor', [id]);
  expect(await answerOf({})).toMatchObject({ params: [{ id: 'admin_password', valueError: 'Too short.' }] });
  expect(await box.control.effects(id, 'save')).toBe(0);
  expect(await answerOf({ admin_password: 'hunter2' })).toMatchObject({ params: [], paramErrors: error });
  expect(await paramOf(id, 'admin_password')).toMatchObject({ value: 'hunter2', value_error: 'Too short.' });
});

test('calls the handler with the request as it stands in Connect now', async () => {
  const { id, asset } = await box.control.placePurchase({ quantity: 3, admin_email: 'ada@customer.example' });
  let seen: unknown;
  const vendor = buying(async (request) => {
    seen = [
      request.id,
      request.idempotencyKey,
      request.asset.id,
      request.param('admin_email'),
      request.quantity('SEAT'),
    ];
    request.log.info('creating', { seats: 3 });
    return wait(1);
  });
  await run(activities({ vendor }), 'askVendor', [id]);
  expect(seen).toEqual([id, id, asset.id, 'ada@customer.example', 3]);
  expect(log).toContainEqual(expect.objectContaining({ message: 'creating', level: 'INFO', requestId: id, seats: 3 }));
});

test("gives the handler the reseller's parameters, and asks Connect for them once", async () => {
  const { tiered: product } = box.sandbox.products;
  const { asset } = await box.control.seedSubscription({ product });
  const { id } = await box.control.placeOrder({ type: 'change', asset });
  await box.control.clearCounters();
  const read: unknown[] = [];
  const change = async (request: FulfillmentContext) => {
    for (const level of [1, 1, 2] as const) read.push((await request.tierParams(level)).map((param) => param.id));
    return approve();
  };
  await run(activities({ vendor: { change } }), 'askVendor', [id]);
  expect(read).toEqual(Array(3).fill(['reseller_id', 'tax_number']));
  const calls = (await callsOf('GET')).filter(({ path }) => path === '/tier/configs');
  expect(calls).toMatchObject([{ statuses: { 200: 2 } }]);
});

test("gives the handler the reseller's parameters of the connection by which the order came", async () => {
  const { tiered: product } = box.sandbox.products;
  const pendingTier = async () =>
    (await box.control.state()).tierConfigRequests.find(({ status }) => status === 'pending');
  for (const connection of ['test', 'production']) {
    const { id } = await box.control.placePurchase({ product, reseller: 'sells both', connection });
    for (let tier; (tier = await pendingTier());) {
      const params = [{ id: 'reseller_id', value: `R-${connection}` }];
      await box.vendor('PUT', `/tier/config-requests/${tier.id}`, { params });
      const template = { id: await box.activationTemplate(product, `tier${tier.level}`) };
      await box.vendor('POST', `/tier/config-requests/${tier.id}/approve`, { template });
    }
    let read: unknown;
    const create = async (request: FulfillmentContext) => {
      read = (await request.tierParams(1)).find((param) => param.id === 'reseller_id')?.value;
      return approve();
    };
    await run(activities({ vendor: buying(create) }), 'askVendor', [id]);
    expect(read).toBe(`R-${connection}`);
  }
});

test.each([
  [
    'an error of its own',
    () => new TypeError('x is undefined'),
    'VendorFault',
    'The vendor\'s handler "purchase" threw TypeError: x is undefined',
  ],
  ['a text', () => 'no luck', 'VendorFault', 'threw Error: no luck'],
  ['nothing', () => undefined, 'VendorFault', 'threw Error: undefined'],
  ['an object', () => ({ some: 'object' }), 'VendorFault', 'threw Error: {"some":"object"}'],
  [
    'an odd error',
    () => ({ name: 'Odd', message: { code: 7 } }),
    'VendorFault',
    'threw Odd: {"name":"Odd","message":{"code":7}}',
  ],
  [
    "an error that bears the name of one of Temporal's",
    () => Object.assign(new Error('mine'), { name: 'CancelledFailure' }),
    'VendorFault',
    'threw CancelledFailure: mine',
  ],
  [
    'a failure of a type of its own',
    () => ApplicationFailure.nonRetryable('mine', 'OutOfStock'),
    'VendorFault',
    'threw ApplicationFailure: mine',
  ],
  [
    'that its API is away',
    () => new VendorUnavailable('POST /tenant answered 503'),
    'VendorUnavailable',
    'POST /tenant answered 503',
  ],
])('tries on where a handler throws %s', async (_, error, type, message) => {
  const { id } = await box.control.placePurchase();
  const thrown = error() as Error; // whatever it is
  const vendor = buying(() => Promise.reject(thrown));
  const failure = shown(await failureOf(activities({ vendor }), 'askVendor', [id]));
  expect(failure).toMatchObject({ type, final: false, message: expect.stringContaining(message) });
});

test('parks a request for which a handler returns what cannot be written down', async () => {
  const { id } = await box.control.placePurchase();
  for (const type of ['text', 'password']) {
    const param = type === 'text' ? 'subscription_id' : 'admin_password';
    const vendor = buying(async () => ({ kind: 'approve', params: { [param]: { a: 1n } }, template: undefined }));
    expect(shown(await failureOf(activities({ vendor }), 'askVendor', [id]))).toMatchObject({
      type: 'VendorContract',
      final: true,
      message: expect.stringContaining(`the value of "${param}" must be JSON`),
    });
  }
});

test('confirms a revocation or waits for it, and parks it where the handler answers anything else', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.force(id, { status: 'revoking' });
  const revoking = (outcome: Outcome) => activities({ vendor: { revoke: async () => outcome } });
  const args: [string, undefined, 'revoke'] = [id, undefined, 'revoke'];
  expect(await run(revoking(approve()), 'askVendor', args)).toEqual({ kind: 'confirm', params: [] });
  expect(await run(revoking(wait(60)), 'askVendor', args)).toEqual({ kind: 'wait', params: [], seconds: 60 });
  for (const outcome of [fail('No.'), approve({ subscription_id: 'S-1' }), approve({}, { activationTile: 'Gone.' })]) {
    expect(shown(await failureOf(revoking(outcome), 'askVendor', args))).toMatchObject({
      type: 'VendorContract',
      final: true,
      message: expect.stringContaining('a revocation can only be confirmed, by approve(), or waited for'),
    });
  }
});

test('asks nobody about a revocation where the run is about something else', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.force(id, { status: 'revoking' });
  const vendor = { revoke: () => Promise.reject(new Error('asked')) };
  const waited = { times: 3, since: '2026-11-24T12:00:00.000Z' };
  expect(await run(activities({ vendor }), 'askVendor', [id, waited])).toEqual({ kind: 'revoking' });
});

test("keeps the stack of a vendor's error, for the developer who reads the run", async () => {
  const { id } = await box.control.placePurchase();
  const deepInTheVendorsCode = () => {
    throw new Error('here');
  };
  const { stack } = await failureOf(activities({ vendor: buying(async () => deepInTheVendorsCode()) }), 'askVendor', [
    id,
  ]);
  expect(stack).toContain('deepInTheVendorsCode');
});

test('leaves the vendor alone for as long as it asked', async () => {
  const { id } = await box.control.placePurchase();
  const away = (retryAfterSeconds: number) =>
    buying(() => Promise.reject(new VendorUnavailable('away', { retryAfterSeconds })));
  const failed = async (seconds: number) =>
    shown(await failureOf(activities({ vendor: away(seconds) }), 'askVendor', [id]));
  expect(await failed(5)).toMatchObject({ final: false, retryAfterMs: 5_000 });
  expect(await failed(60)).toMatchObject({ final: true, retryAfterMs: 60_000, type: 'VendorUnavailable' }); // the workflow waits
});

test('knows the errors of a second copy of the SDK', async () => {
  const { id } = await box.control.placePurchase();
  const foreign = (name: string) => buying(() => Promise.reject(Object.assign(new Error('…'), { name })));
  const type = async (name: string) => (await failureOf(activities({ vendor: foreign(name) }), 'askVendor', [id])).type;
  expect([await type('NotWritten'), await type('VendorUnavailable')]).toEqual([
    'VendorNotWritten',
    'VendorUnavailable',
  ]);
});

test('parks a request whose handler is a placeholder, and says where to write', async () => {
  const { id } = await box.control.placePurchase();
  const vendor = buying(placeholder('src/vendor/purchase.ts'));
  const failure = shown(await failureOf(activities({ vendor }), 'askVendor', [id]));
  expect(failure).toMatchObject({
    type: 'VendorNotWritten',
    final: true,
    message: expect.stringContaining('src/vendor/purchase.ts'),
  });
});

test.each([
  ['nothing', undefined, 'it returned nothing'],
  ['a boolean', true, 'it returned a boolean'],
  ['a wait in milliseconds since 1970', wait(Date.now()), 'wait needs a number of seconds'],
])('parks a request whose handler returns %s', async (_, outcome, problem) => {
  const { id } = await box.control.placePurchase();
  const failure = shown(
    await failureOf(activities({ vendor: buying(async () => outcome as never) }), 'askVendor', [id]),
  );
  expect(failure).toMatchObject({ type: 'VendorContract', final: true, message: expect.stringContaining(problem) });
  expect((await callsOf('PUT')).length).toBe(0);
});

test('gives up a handler that never returns, tells it so, and leaves it to the workflow to try on', async () => {
  const { id } = await box.control.placePurchase();
  const told: unknown[] = [];
  const vendor = buying(({ signal }) => {
    signal.addEventListener('abort', () => told.push((signal.reason as Error).message));
    return new Promise(() => undefined);
  }, 0.05);
  const failure = shown(await failureOf(activities({ vendor }), 'askVendor', [id]));
  const message = 'The vendor\'s handler "purchase" did not return within 0.05 s.';
  expect(failure).toMatchObject({ type: 'VendorTimeout', final: true, message });
  expect(told).toEqual([message]);
});

test('a handler that never returns keeps no worker from ending: its time ends with its attempt', async () => {
  const { id } = await box.control.placePurchase();
  const started = jest.spyOn(globalThis, 'setTimeout');
  const stopped = jest.spyOn(globalThis, 'clearTimeout');
  let cancel!: () => void;
  const until = new Promise<void>((resolve) => (cancel = resolve));
  const vendor = buying(() => (cancel(), new Promise(() => undefined)), 3_600);
  await expect(run(activities({ vendor }), 'askVendor', [id], { until })).rejects.toThrow('CANCELLED');
  const at = started.mock.calls.findIndex(([, ms]) => ms === 3_600_000);
  expect(stopped).toHaveBeenCalledWith(started.mock.results[at]?.value as NodeJS.Timeout);
  jest.restoreAllMocks();
});

test("says that the time was over, and not what the handler's own call said of being stopped", async () => {
  const { asset } = await box.control.seedSubscription();
  const { id } = await box.control.placeOrder({ type: 'change', asset });
  const handle = ({ signal }: FulfillmentContext) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  const vendor: Vendor = { change: { handle, timeLimitSeconds: 0.05 } };
  expect(await failureOf(activities({ vendor }), 'askVendor', [id])).toMatchObject({ type: 'VendorTimeout' });
});

test('stops the handler where the worker stops, which is no fault of the vendor', async () => {
  const { id } = await box.control.placePurchase();
  let aborted = false;
  let begin = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const vendor = buying(({ signal }) => {
    begin();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error(`${(aborted = true)}`))));
  });
  const call = run(activities({ vendor }), 'askVendor', [id], { until: begun });
  await expect(call).rejects.toThrow(CancelledFailure);
  expect(aborted).toBe(true);
});

test('asks about a tier configuration in the same way, by the templates of its tier', async () => {
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  const setups = (await box.control.state()).tierConfigRequests;
  const seen: unknown[] = [];
  const tierConfig = async (request: TierConfigContext) => {
    seen.push([request.id, request.type, request.level]);
    return request.level === 2 ? approve({ reseller_id: 'R-1' }) : inquire({ reseller_id: 'Which?' });
  };
  const all = activities({ vendor: { tierConfig } });
  const of = (level: number) => setups.find((request) => request.level === level)!.id;
  expect(await run(all, 'askVendorForTierConfig', [of(2)])).toEqual({
    kind: 'approve',
    params: [{ id: 'reseller_id', value: 'R-1', valueError: '' }],
    basis,
    templateId: 'TL-100-002-003',
  });
  expect(await run(all, 'askVendorForTierConfig', [of(1)])).toMatchObject({ kind: 'noop', status: 'tiers_setup' });
  expect(seen).toEqual([[of(2), 'setup', 2]]);
});

test('inquires about a tier configuration without a template', async () => {
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  const { id } = (await box.control.state()).tierConfigRequests.find(({ level }) => level === 2)!;
  const all = activities({ vendor: { tierConfig: async () => inquire({ reseller_id: 'Which?' }) } });
  const answer = await run(all, 'askVendorForTierConfig', [id]);
  expect(answer).toEqual({
    kind: 'inquire',
    params: [{ id: 'reseller_id', valueError: 'Which?' }],
    basis,
    paramErrors: { reseller_id: 'Which?' },
  });
  expect(await run(activities({ vendor: {} }), 'askVendorForTierConfig', [id])).toMatchObject({
    kind: 'noop',
    reason: expect.stringContaining('no handler for tier-setup'),
  });
});
