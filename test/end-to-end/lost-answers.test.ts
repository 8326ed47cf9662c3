import { describe, expect, test } from '@jest/globals';
import { type Meet, useStack } from './use-stack';

const processor = useStack();
/** Each order has faults of its own, and waits most of its time: they may run at the same time. */
const concurrently = test.concurrent;
const ONCE = { status: 'approved', approvals: 1, tenants: 1 };

const create: Meet = { api: 'vendor', method: 'POST', path: '/tenant' };
const save: Meet = { api: 'connect', method: 'PUT', path: '/requests/{id}' };
const approve: Meet = { api: 'connect', method: 'POST', path: '/requests/{id}/approve' };
const fail: Meet = { api: 'connect', method: 'POST', path: '/requests/{id}/fail' };
const inquire: Meet = { api: 'connect', method: 'POST', path: '/requests/{id}/inquire' };

describe('an answer is lost after the change was made', () => {
  concurrently.each([
    ['of the creation', create],
    ['of the save', save],
    ['of the approval', approve],
  ])('%s: one approval, one subscription', async (_name, meets) => {
    const order = await processor.purchaseMeeting([{ ...meets, times: 1, reset: 'after' }]);
    expect(await processor.outcomeOf(order)).toEqual(ONCE);
  });

  concurrently('of each of the three, of the same order', async () => {
    const lost = [create, save, approve].map((meets): Meet => ({ ...meets, times: 1, reset: 'after' }));
    expect(await processor.outcomeOf(await processor.purchaseMeeting(lost))).toEqual(ONCE);
  });

  concurrently('of the refusal: failed once, with the vendor’s reason', async () => {
    const order = await processor.purchaseMeeting([{ ...fail, times: 1, reset: 'after' }], {
      admin_email: 'refused@customer.example',
    });
    expect(await processor.outcomeOf(order)).toEqual({ status: 'failed', approvals: 0, tenants: 0 });
    expect(await processor.runOf(order.id).result()).toMatchObject({ outcome: 'failed' });
    expect(await processor.control.effects(order.id, 'fail')).toBe(1);
  });

  concurrently('of the inquiry: the customer is asked once, answers, and gets it', async () => {
    const order = await processor.purchaseMeeting([{ ...inquire, times: 1, reset: 'after' }], {
      admin_email: 'nobody',
    });
    await processor.control.untilSettled(order.id, { statuses: ['inquiring'] });
    expect(await processor.runOf(order.id).result()).toEqual({
      outcome: 'inquired',
      reason: 'admin_email: Enter the e-mail address of an administrator.',
    });

    await processor.control.answer(order.id, { admin_email: 'ada@customer.example' });
    expect(await processor.outcomeOf(order)).toEqual(ONCE);
    expect(await processor.control.effects(order.id, 'inquire')).toBe(1);
  });
});

describe('Connect or the vendor answers with trouble', () => {
  concurrently.each<[string, Meet]>([
    ['Connect answers 500 twice', { api: 'connect', method: '*', path: '/requests/{id}', times: 2, status: 500 }],
    ['Connect asks to slow down', { ...approve, times: 1, status: 429, headers: { 'Retry-After': '1' } }],
    ['Connect asks to slow down, after it has approved', { ...approve, times: 1, status: 429, applied: true }],
    ['a proxy answers with a page', { ...approve, times: 1, body: 'html' }],
    ['a proxy answers 404 with a page', { ...approve, times: 1, body: 'html', status: 404 }],
    ['an answer of 5 MB says 500', { ...approve, times: 1, body: 'huge' }],
    [
      'the JSON of an answer breaks off',
      { api: 'connect', method: 'GET', path: '/requests/{id}', times: 1, body: 'malformed' },
    ],
    ['the vendor answers 503', { ...create, times: 2, status: 503 }],
    ['the vendor resets the connection before it creates', { ...create, times: 1, reset: 'before' }],
  ])('%s: it ends right by itself', async (_name, meets) => {
    expect(await processor.outcomeOf(await processor.purchaseMeeting([meets]))).toEqual(ONCE);
  });

  test('an order in trouble blocks nobody else', async () => {
    const troubled = await processor.purchaseMeeting([
      { api: 'connect', method: '*', path: '/requests/{id}', status: 500 },
    ]);
    const others = await processor.control.placeOrders({
      type: 'purchase',
      product: processor.stack.sandbox.products.plain,
      count: 10,
    });
    for (const other of others) expect(await processor.outcomeOf(other)).toEqual(ONCE);
    expect((await processor.control.timeline(troubled.id)).at(-1)?.to).toBe('pending');

    expect((await processor.control.getFault(troubled.faults[0]!.id)).hits).toBeGreaterThan(0);
    await processor.control.clearFaults();
    expect(await processor.outcomeOf({ ...troubled, faults: [] })).toEqual(ONCE);
  });

  test('half a minute of a proxy’s 502 for every call: all that is open ends right by itself', async () => {
    const { control } = processor;
    const place = () => control.placeOrders({ type: 'purchase', product: control.sandbox.products.plain, count: 5 });
    await control.setLatency(100);
    const before = await place();
    await control.fault({ api: 'connect', method: '*', path: '**', forMs: 30_000, body: 'html' });
    const during = await place();
    for (const order of [...before, ...during]) expect(await processor.outcomeOf(order, 75_000)).toEqual(ONCE);
    await control.setLatency(0);
  }, 90_000);
});
