import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Inquiry } from '../../src/domain/request-run';
import { waitFor } from '../support/wait-for';
import { shown } from './shown';
import { useActivities } from './start';

const { box, activities, run, failureOf } = useActivities();

const TEMPLATE = 'TL-100-001-001';
const INQUIRE_TEMPLATE = 'TL-100-001-004';
const value = { id: 'subscription_id', value: 'S-1', valueError: '' };
const retry = { attempt: 2 };
const inquiry = (paramErrors: Record<string, string>, again = false): Inquiry => ({
  paramErrors,
  again,
  templateId: INQUIRE_TEMPLATE,
});

let id = '';
let tierId = '';
beforeEach(async () => {
  id = (await box.control.placePurchase()).id;
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  tierId = (await box.control.state()).tierConfigRequests.find(({ level }) => level === 2)!.id;
  await box.control.clearCounters();
});

const statusOf = async (requestId: string) => {
  const path = requestId.startsWith('TCR') ? `/tier/config-requests/${requestId}` : `/requests/${requestId}`;
  return (await box.vendor('GET', path)).body.status as string;
};
const callsTo = async (method: string, path: string) =>
  Object.values(
    (await box.control.counters()).calls.find((call) => call.method === method && call.path === path)?.statuses ?? {},
  ).reduce((sum, count) => sum + count, 0);

/** Each change of a request, for both kinds: what it calls, and where it leads. */
const CHANGES = [
  {
    name: 'approving',
    at: () => ({ id, path: '/requests', action: 'approve' as const, status: 'approved' }),
    before: () => run(activities(), 'saveParams', [id, [value]]),
    args: ['approveRequest', [() => id, () => TEMPLATE]],
  },
  {
    name: 'failing',
    at: () => ({ id, path: '/requests', action: 'fail' as const, status: 'failed' }),
    args: ['failRequest', [() => id, () => 'Not served.']],
  },
  {
    name: 'inquiring',
    at: () => ({ id, path: '/requests', action: 'inquire' as const, status: 'inquiring' }),
    before: () => run(activities(), 'saveParams', [id, [{ id: 'admin_email', valueError: 'Enter one.' }]]),
    args: ['inquireRequest', [() => id, () => inquiry({ admin_email: 'Enter one.' })]],
  },
  {
    name: 'approving a tier configuration',
    at: () => ({ id: tierId, path: '/tier/config-requests', action: 'approve' as const, status: 'approved' }),
    before: () => run(activities(), 'saveTierParams', [tierId, [{ id: 'reseller_id', value: 'R-1', valueError: '' }]]),
    args: ['approveTierConfigRequest', [() => tierId, () => 'TL-100-002-003']],
  },
  {
    name: 'failing a tier configuration',
    at: () => ({ id: tierId, path: '/tier/config-requests', action: 'fail' as const, status: 'failed' }),
    args: ['failTierConfigRequest', [() => tierId, () => 'Not served.']],
  },
  {
    name: 'inquiring about a tier configuration',
    at: () => ({ id: tierId, path: '/tier/config-requests', action: 'inquire' as const, status: 'inquiring' }),
    before: () => run(activities(), 'saveTierParams', [tierId, [{ id: 'reseller_id', valueError: 'Which?' }]]),
    args: ['inquireTierConfigRequest', [() => tierId, () => inquiry({ reseller_id: 'Which?' })]],
  },
] as const;

describe.each(CHANGES)('$name', ({ at, args: [activity, makers], ...change }) => {
  const call = (info?: { attempt: number }) => run(activities(), activity, makers.map((make) => make()) as never, info);
  const failed = (info?: { attempt: number }) =>
    failureOf(activities(), activity, makers.map((make) => make()) as never, info);
  beforeEach(async () => {
    if ('before' in change) await change.before();
    await box.control.clearCounters();
  });

  test('is done once, without a look back', async () => {
    const { id: request, action, path, status } = at();
    await call();
    expect(await callsTo('GET', `${path}/{id}`)).toBe(0);
    expect([await statusOf(request), await box.control.effects(request, action)]).toEqual([status, 1]);
  });

  test('is done once where its answer was lost and it is tried again', async () => {
    const { id: request, action, path, status } = at();
    const fault = { api: 'connect' as const, method: 'POST', path: `${path}/*/${action}` };
    await box.control.fault({ ...fault, reset: 'after', times: 1 });
    expect(shown(await failed())).toMatchObject({ type: 'ConnectUnavailable', final: false });
    await call(retry);
    expect(await callsTo('POST', `${path}/{id}/${action}`)).toBe(1); // the retry looked first
    expect([await statusOf(request), await box.control.effects(request, action)]).toEqual([status, 1]);
  });

  test('is done where Connect refuses a repeat of what got through', async () => {
    const { id: request, action, path, status } = at();
    const fault = { api: 'connect' as const, method: 'POST', path: `${path}/*/${action}` };
    await box.control.fault({ ...fault, status: 409, applied: true, times: 1 }); // done, and answered as refused
    await call();
    expect([await statusOf(request), await box.control.effects(request, action)]).toEqual([status, 1]);
  });

  test('is done where it got through and the refusal of its repeat has no words of Connect', async () => {
    const { id: request, action, path, status } = at();
    const fault = { api: 'connect' as const, method: 'POST', path: `${path}/*/${action}` };
    await box.control.fault({ ...fault, status: 400, json: { detail: 'no' }, applied: true, times: 1 });
    await call();
    expect([await statusOf(request), await box.control.effects(request, action)]).toEqual([status, 1]);
  });

  test('is done by the next attempt where nothing had got through', async () => {
    const { id: request, action, path, status } = at();
    const fault = { api: 'connect' as const, method: 'POST', path: `${path}/*/${action}` };
    await box.control.fault({ ...fault, status: 503, times: 1 });
    expect(shown(await failed())).toMatchObject({ type: 'ConnectUnavailable', final: false });
    await call(retry);
    expect([await statusOf(request), await box.control.effects(request, action)]).toEqual([status, 1]);
  });

  test.each([
    [400, 'ConnectRejected'],
    [422, 'ConnectRejected'],
    [409, 'ConnectConflict'],
  ])("is refused with %i, which parks the request with Connect's own words", async (code, type) => {
    const { action, path } = at();
    const fault = { api: 'connect' as const, method: 'POST', path: `${path}/*/${action}` };
    await box.control.fault({ ...fault, status: code, error_code: 'VAL_001', errors: ['Nobody knows why.'] });
    const failure = shown(await failed());
    expect(failure).toMatchObject({ type, final: true });
    expect(failure.message).toContain(`answered ${code} VAL_001 Nobody knows why.`);
  });

  test('ends where the request does not exist any more', async () => {
    await box.control.remove(at().id);
    expect(shown(await failed())).toMatchObject({ type: 'ConnectGone', final: true });
  });

  test('does not take it for gone where the 404 is not Connect’s own: a proxy may answer so', async () => {
    const { action, path } = at();
    await box.control.fault({ api: 'connect', method: 'POST', path: `${path}/*/${action}`, status: 503, times: 1 });
    await failed();
    await box.control.fault({
      api: 'connect',
      method: 'GET',
      path: `${path}/*`,
      status: 404,
      json: { message: 'no route' },
    });
    expect(shown(await failed(retry))).not.toMatchObject({ type: 'ConnectGone' });
  });

  test('parks where somebody else brought the request to another end', async () => {
    const { id: request, status } = at();
    const other = status === 'failed' ? 'approved' : 'failed';
    if (request.startsWith('PR')) await box.control.force(request, { status: other });
    else if (other === 'failed') await box.vendor('POST', `/tier/config-requests/${request}/fail`, { reason: 'x' });
    else {
      await run(activities(), 'saveTierParams', [tierId, [{ id: 'reseller_id', value: 'R-1', valueError: '' }]]);
      await run(activities(), 'approveTierConfigRequest', [tierId, 'TL-100-002-003']);
    }
    expect(shown(await failed())).toMatchObject({ final: true, type: expect.stringMatching(/Rejected|Conflict/) });
    expect(await statusOf(request)).toBe(other);
  });
});

test.each(['scheduled', 'pending', 'revoking', 'revoked'] as const)(
  'is put off once where the answer was lost, and the request is %s when it is tried again',
  async (status) => {
    const planned = '2099-01-01T00:00:00.000Z';
    await box.control.fault({ api: 'connect', method: 'POST', path: '/requests/*/schedule', reset: 'after', times: 1 });
    expect(shown(await failureOf(activities(), 'scheduleRequest', [id, planned, '']))).toMatchObject({ final: false });
    if (status !== 'scheduled') await box.control.force(id, { status });
    const found = await run(activities(), 'scheduleRequest', [id, planned, ''], retry);
    expect(found).toBe(status === 'pending' ? 'due' : 'done');
    expect(await callsTo('POST', '/requests/{id}/schedule')).toBe(1);
    expect(await statusOf(id)).toBe(status);
  },
);

describe('one that came with the date for which it is to be put off', () => {
  const planned = '2099-01-01T00:00:00+00:00';
  const schedule = [planned, planned] as const;
  const path = '/requests/*/schedule';
  const placed = async (planned_date = planned) => {
    const { asset } = await box.control.seedSubscription();
    const { body } = await box.distributor('POST', '/requests', { type: 'cancel', asset: { id: asset }, planned_date });
    return body.id as string;
  };

  test('is put off once where the answer was lost', async () => {
    const cancel = await placed();
    await box.control.fault({ api: 'connect', method: 'POST', path, reset: 'after', times: 1 });
    await failureOf(activities(), 'scheduleRequest', [cancel, ...schedule]);
    expect(await run(activities(), 'scheduleRequest', [cancel, ...schedule], retry)).toBe('done');
    expect(await callsTo('POST', '/requests/{id}/schedule')).toBe(1);
    expect(await statusOf(cancel)).toBe('scheduled');
  });

  test.each([1, 2])('is not taken for put off where Connect refuses, attempt %i', async (attempt) => {
    const cancel = await placed();
    await box.control.fault({ api: 'connect', method: 'POST', path, status: 400, error_code: 'REQ_003' });
    const failed = await failureOf(activities(), 'scheduleRequest', [cancel, ...schedule], { attempt });
    expect(shown(failed)).toMatchObject({ type: 'ConnectRejected', final: true });
    expect(await statusOf(cancel)).toBe('pending');
  });

  test.each([
    ['is over', -1_000],
    ["is over by Connect's clock, perhaps, and not yet by ours", 30_000],
  ])('need not be put off any more where the date %s', async (_, ms) => {
    const over = new Date(Date.now() + ms).toISOString();
    const cancel = await placed(over);
    await box.control.fault({ api: 'connect', method: 'POST', path, status: 400, error_code: 'REQ_003' });
    expect(await run(activities(), 'scheduleRequest', [cancel, over, over])).toBe('due');
    expect(await statusOf(cancel)).toBe('pending');
  });
});

test('saves parameters, and a repeat of it saves nothing', async () => {
  await run(activities(), 'saveParams', [id, [value]]);
  await run(activities(), 'saveParams', [id, [value]], retry);
  expect(await callsTo('PUT', '/requests/{id}')).toBe(1);
});

test('saves what a lost answer left unsure', async () => {
  await box.control.fault({ api: 'connect', method: 'PUT', path: '/requests/*', reset: 'before', times: 1 });
  await failureOf(activities(), 'saveParams', [id, [value]]);
  await run(activities(), 'saveParams', [id, [value]], retry);
  expect(await box.control.effects(id, 'save')).toBe(1);
});

test("saves a reseller's parameters, which Connect keeps at another place", async () => {
  const params = [{ id: 'reseller_id', value: 'R-1', valueError: '' }];
  await run(activities(), 'saveTierParams', [tierId, params]);
  await run(activities(), 'saveTierParams', [tierId, params], retry);
  expect(await callsTo('PUT', '/tier/config-requests/{id}')).toBe(1);
  const { body } = await box.vendor('GET', `/tier/config-requests/${tierId}`);
  expect(body.params).toContainEqual(expect.objectContaining({ id: 'reseller_id', value: 'R-1' }));
});

test('counts a refused save as done where the values are there', async () => {
  const path = '/requests/*';
  await box.control.fault({ api: 'connect', method: 'PUT', path, status: 409, applied: true, times: 1 });
  expect(await run(activities(), 'saveParams', [id, [value]])).toBe('done');
  await run(activities(), 'approveRequest', [id, TEMPLATE]);
  const other = { ...value, value: 'S-2' };
  expect(await failureOf(activities(), 'saveParams', [id, [other]])).toMatchObject({ type: 'ConnectRejected' }); // as of any that has ended
});

describe.each([
  {
    of: 'a purchase',
    ask: 'askVendor',
    at: () => ({ request: id, path: '/requests', param: 'admin_email' }),
    steps: [
      { name: 'saveParams', args: [[value]], done: 'save' },
      { name: 'approveRequest', args: [TEMPLATE], done: 'approve' },
      { name: 'failRequest', args: ['No.'], done: 'fail' },
    ],
  },
  {
    of: 'a tier configuration',
    ask: 'askVendorForTierConfig',
    at: () => ({ request: tierId, path: '/tier/config-requests', param: 'tax_number' }),
    steps: [
      { name: 'saveTierParams', args: [[{ id: 'reseller_id', value: 'R-1', valueError: '' }]], done: 'save' },
      { name: 'approveTierConfigRequest', args: ['TL-100-002-003'], done: 'approve' },
      { name: 'failTierConfigRequest', args: ['No.'], done: 'fail' },
    ],
  },
] as const)('$of that is another by now', ({ ask, at, steps }) => {
  const WAYS = [
    { when: 'tried again by the workflow', tried: { again: true }, info: {} },
    { when: 'tried again by Temporal', tried: { again: false }, info: retry },
    { when: 'late', tried: { again: false }, info: { scheduledTimestampMs: Date.now() - 3_600_000 } },
  ];
  const late = steps.flatMap((step) => WAYS.map((way) => ({ ...step, ...way })));
  type Late = (typeof late)[number];

  /** As somebody does in the portal. */
  async function inquire(): Promise<void> {
    const { request, path, param } = at();
    const params = [{ id: param, value_error: 'Enter another.' }];
    await box.vendor('PUT', `${path}/${request}`, path === '/requests' ? { asset: { params } } : { params });
    await box.vendor('POST', `${path}/${request}/inquire`, {});
    expect(await statusOf(request)).toBe('inquiring');
  }
  async function decided() {
    const answer = await run(activities(), ask, [at().request]);
    return 'basis' in answer && answer.basis ? { basis: answer.basis } : {};
  }
  const tryStep = ({ name, args, tried, info }: Late, about: object = {}): Promise<unknown> =>
    run(activities(), name, [at().request, ...args, { ...tried, ...about }] as never, info);
  const timesDone = async ({ done }: Late) => (await box.control.effects(at().request, done)) ?? 0;

  test.each(late)('$name, $when, is not done where the customer is being asked', async (step) => {
    const about = await decided();
    await inquire();
    const before = await timesDone(step);
    expect(await tryStep(step, about)).toBe('changed');
    expect([await timesDone(step), await statusOf(at().request)]).toEqual([before, 'inquiring']);
  });

  test.each(late)('$name, $when, is not done where the customer has answered', async (step) => {
    const about = await decided();
    await inquire();
    await box.control.answer(at().request, { [at().param]: 'another@customer.example' });
    const before = await timesDone(step);
    expect(await tryStep(step, about)).toBe('changed');
    expect([await timesDone(step), await statusOf(at().request)]).toEqual([before, 'pending']);
  });

  test.each(late)('$name, $when, is done where nothing has changed but what the decision sets', async (step) => {
    const about = await decided();
    if (step.done === 'approve') await tryStep({ ...step, ...steps[0], ...WAYS[0]! });
    const before = await timesDone(step);
    expect(await tryStep(step, about)).toBe('done');
    expect(await timesDone(step)).toBe(before + 1);
  });
});

test('parks an approval without a parameter that is required', async () => {
  const failure = shown(await failureOf(activities(), 'approveRequest', [id, TEMPLATE]));
  expect(failure).toMatchObject({ type: 'ConnectRejected', final: true });
  expect(failure.message).toContain('subscription_id');
});

test('saves the sentence of a parameter, and leaves its value', async () => {
  await run(activities(), 'saveParams', [id, [{ id: 'admin_email', valueError: 'Enter one.' }]]);
  const { body } = await box.vendor('GET', `/requests/${id}`);
  expect(body.asset.params).toContainEqual(
    expect.objectContaining({ id: 'admin_email', value: 'admin-1@customer.example', value_error: 'Enter one.' }),
  );
});

describe.each([
  {
    of: 'a purchase',
    at: () => ({ request: id, path: '/requests', param: 'admin_email' }),
    steps: { save: 'saveParams', inquire: 'inquireRequest' },
  },
  {
    of: 'a tier configuration',
    at: () => ({ request: tierId, path: '/tier/config-requests', param: 'reseller_id' }),
    steps: { save: 'saveTierParams', inquire: 'inquireTierConfigRequest' },
  },
] as const)('an inquiry about $of whose answer was lost', ({ at, steps: { save, inquire } }) => {
  const errors = () => ({ [at().param]: 'Enter another.' });
  const found = async () => {
    const { request, path, param } = at();
    const { body } = await box.vendor('GET', `${path}/${request}`);
    return (body.asset ?? body).params.find((one: { id: string }) => one.id === param);
  };
  const tryAgain = {
    'by Temporal': () => run(activities(), inquire, [at().request, inquiry(errors())], retry),
    'by the workflow': () => run(activities(), inquire, [at().request, inquiry(errors(), true)]),
  };
  const ways = Object.entries(tryAgain);
  beforeEach(async () => {
    const { request, path, param } = at();
    await run(activities(), save, [request, [{ id: param, valueError: 'Enter another.' }]]);
    await box.control.fault({ api: 'connect', method: 'POST', path: `${path}/*/inquire`, reset: 'after', times: 1 });
    await failureOf(activities(), inquire, [request, inquiry(errors())]);
    expect(await statusOf(request)).toBe('inquiring');
  });

  test.each(ways)('is done where nobody has answered yet, when tried again %s', async (_, again) => {
    expect(await again()).toBe('done');
    expect(await box.control.effects(at().request, 'inquire')).toBe(1);
  });

  test.each(ways)('leaves alone what was answered meanwhile, when tried again %s', async (_, again) => {
    const { request, param } = at();
    await box.control.answer(request, { [param]: 'corrected@customer.example' });
    expect(await again()).toBe('changed');
    expect(await box.control.effects(request, 'inquire')).toBe(1);
    expect(await statusOf(request)).toBe('pending');
    expect(await found()).toMatchObject({ value: 'corrected@customer.example', value_error: '' });
  });

  test.each(ways)('leaves alone what somebody else flagged meanwhile, when tried again %s', async (_, again) => {
    const { request, param } = at();
    await box.control.answer(request, {});
    await run(activities(), save, [request, [{ id: param, valueError: 'By somebody else.' }]]);
    expect(await again()).toBe('changed');
    expect(await box.control.effects(request, 'inquire')).toBe(1);
  });

  test.each(ways)('leaves alone what somebody else ended meanwhile, when tried again %s', async (_, again) => {
    const { request, path } = at();
    await box.control.answer(request, {});
    await box.vendor('POST', `${path}/${request}/fail`, { reason: 'By phone.' });
    expect(await again()).toBe('changed');
    expect(await statusOf(request)).toBe('failed');
  });
});

test.each([
  ['tried again by the workflow', true, {}],
  ['tried again by Temporal', false, retry],
])('inquires where nothing had got through, when %s', async (_, again, info) => {
  await run(activities(), 'saveParams', [id, [{ id: 'admin_email', valueError: 'Enter one.' }]]);
  expect(await run(activities(), 'inquireRequest', [id, inquiry({ admin_email: 'Enter one.' }, again)], info)).toBe(
    'done',
  );
  expect(await box.control.effects(id, 'inquire')).toBe(1);
});

test('of two attempts at once, one inquires and both are done', async () => {
  await run(activities(), 'saveParams', [id, [{ id: 'admin_email', valueError: 'Enter one.' }]]);
  const attempt = () => run(activities(), 'inquireRequest', [id, inquiry({ admin_email: 'Enter one.' }, true)]);
  expect(await Promise.all([attempt(), attempt()])).toEqual(['done', 'done']);
  expect(await box.control.effects(id, 'inquire')).toBe(1);
});

test('sees an answer that came between its look and its call', async () => {
  await run(activities(), 'saveParams', [id, [{ id: 'admin_email', valueError: 'Enter one.' }]]);
  const inquiring = { api: 'connect', method: 'POST', path: '/requests/*/inquire' } as const;
  const slow = await box.control.fault({ ...inquiring, slowMs: 500, times: 1 });
  const late = run(activities(), 'inquireRequest', [id, inquiry({ admin_email: 'Enter one.' }, true)]);
  await waitFor('its call', async () => (await box.control.getFault(slow.id)).hits > 0);
  await box.vendor('POST', `/requests/${id}/inquire`, {}); // an attempt that overlaps
  await box.control.answer(id, { admin_email: 'corrected@customer.example' });
  expect(await late).toBe('changed');
  expect(await box.control.effects(id, 'inquire')).toBe(1);
});

test('parks an inquiry that Connect refuses at once, for want of a parameter that is marked', async () => {
  const failure = shown(await failureOf(activities(), 'inquireRequest', [id, inquiry({ admin_email: 'Enter one.' })]));
  expect(failure).toMatchObject({ type: 'ConnectRejected', final: true });
  expect(failure.message).toContain('at least one parameter');
});

test('cuts the reason of a failed tier configuration to what Connect takes', async () => {
  await run(activities(), 'failTierConfigRequest', [tierId, 'x'.repeat(700)]);
  const { body } = await box.vendor('GET', `/tier/config-requests/${tierId}`);
  expect(body.reason).toBe(`${'x'.repeat(499)}…`);
});
