import { beforeEach, describe, expect, test } from '@jest/globals';
import { shown } from './shown';
import { useActivities } from './start';

const { box, activities, run, failureOf } = useActivities();

const TEMPLATE = 'TL-100-001-001';
const INQUIRE_TEMPLATE = 'TL-100-001-004';
const value = { id: 'subscription_id', value: 'S-1', valueError: '' };
const retry = { attempt: 2 };

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
    args: ['inquireRequest', [() => id, () => ({ admin_email: 'Enter one.' }), () => INQUIRE_TEMPLATE]],
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
    args: ['inquireTierConfigRequest', [() => tierId, () => ({ reseller_id: 'Which?' })]],
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
  await run(activities(), 'saveParams', [id, [value]]);
  await run(activities(), 'approveRequest', [id, TEMPLATE]);
  await run(activities(), 'saveParams', [id, [value]]); // Connect takes no parameters of an approved request
  const other = { ...value, value: 'S-2' };
  expect(await failureOf(activities(), 'saveParams', [id, [other]])).toMatchObject({ type: 'ConnectRejected' });
});

test('parks an approval without a parameter that is required', async () => {
  const failure = shown(await failureOf(activities(), 'approveRequest', [id, TEMPLATE]));
  expect(failure).toMatchObject({ type: 'ConnectRejected', final: true });
  expect(failure.message).toContain('subscription_id');
});

test('flags each parameter with its sentence, and leaves the values', async () => {
  await run(activities(), 'inquireRequest', [id, { admin_email: 'Enter one.' }, INQUIRE_TEMPLATE]);
  const { body } = await box.vendor('GET', `/requests/${id}`);
  expect(body.asset.params).toContainEqual(
    expect.objectContaining({ id: 'admin_email', value: 'admin-1@customer.example', value_error: 'Enter one.' }),
  );
});

test('cuts the reason of a failed tier configuration to what Connect takes', async () => {
  await run(activities(), 'failTierConfigRequest', [tierId, 'x'.repeat(700)]);
  const { body } = await box.vendor('GET', `/tier/config-requests/${tierId}`);
  expect(body.reason).toBe(`${'x'.repeat(499)}…`);
});
