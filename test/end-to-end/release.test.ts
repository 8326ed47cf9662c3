import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { PlacedOrder } from '../../sandbox/control-client';
import { waitFor } from '../support/wait-for';
import { type TroubledOrder, useStack } from './use-stack';

const VENDOR = path.join(__dirname, 'fixtures/releasing-vendor.cjs');
/** Orders that meet no fault may run at the same time. */
const concurrently = test.concurrent;
const DELETE = { api: 'vendor', method: 'DELETE', path: '/tenant/*' } as const;

describe('a purchase that comes to nothing', () => {
  const processor = useStack({
    worker: ['--vendor', VENDOR],
    settings: { FULL_SWEEP_INTERVAL: '1s', RETRY_QUIETLY_FOR: '1s', RETRY_FOR: '1s' },
  });
  afterEach(() => processor.control.clearFaults());

  const { purchase, statusesOf, untilWaiting } = orders(processor);

  concurrently('is failed after its tenant was made: the tenant is gone, and the request failed', async () => {
    const order = await purchase('fails');
    expect(await processor.control.untilSettled(order.id)).toBe('failed');
    expect(await processor.runOf(order.id).result()).toMatchObject({ outcome: 'failed', release: 'released' });
    expect(await processor.outcomeOf(order)).toEqual({ status: 'failed', approvals: 0, tenants: 1 });
    expect(await statusesOf(order)).toEqual(['deleted']);
  });

  concurrently('is failed by somebody else while its run waits: the tenant is gone', async () => {
    const order = await purchase('waits');
    await untilWaiting(order);
    expect(await statusesOf(order)).toEqual(['enabled']);
    await processor.control.force(order.id, { status: 'failed' });
    expect(await processor.runOf(order.id).result()).toMatchObject({
      outcome: 'noop',
      status: 'failed',
      release: 'released',
    });
    expect(await statusesOf(order)).toEqual(['deleted']);
  });

  test('is failed by somebody else before its values are saved: the refusal tells it, and the tenant is gone', async () => {
    const down = {
      api: 'connect',
      method: 'PUT',
      path: '/requests/{id}',
      slowMs: 1_500,
      status: 503,
      times: 1,
    } as const;
    const order = await processor.purchaseMeeting([down], { admin_email: 'fine@example.com' });
    await waitFor('the save', async () => (await processor.control.getFault(order.faults[0]!.id)).hits === 1);
    await processor.control.force(order.id, { status: 'failed' });
    expect(await processor.runOf(order.id).result()).toMatchObject({ outcome: 'noop', release: 'released' });
    expect(await statusesOf(order)).toEqual(['deleted']);
  });

  test('loses the answer of the call that gives back: it is given back once, and that is that', async () => {
    const order = await purchase('waits');
    await untilWaiting(order);
    const lost = await processor.control.fault({ ...DELETE, times: 1, reset: 'after' });
    await processor.control.force(order.id, { status: 'failed' });
    expect(await processor.runOf(order.id).result()).toMatchObject({ release: 'nothing' });
    expect((await processor.control.getFault(lost.id)).hits).toBe(1);
    expect(await statusesOf(order)).toEqual(['deleted']);
  });

  test('cannot be given back: it is parked, and given back after reprocess', async () => {
    const order = await purchase('waits');
    await untilWaiting(order);
    await processor.control.fault({ ...DELETE, status: 500 });
    await processor.control.force(order.id, { status: 'failed' });
    const { step, failureType, reason } = await processor.untilPhase(order.id, 'parked');
    expect([step, failureType]).toEqual(['release', 'ReleaseFailed']);
    expect(reason).toMatch(/^What the purchase made is not given back yet\. DELETE \/tenant\/tenant-\d+ answered 500$/);
    expect(await statusesOf(order)).toEqual(['enabled']);

    await processor.control.clearFaults();
    expect((await processor.run(['requests', 'reprocess', order.id])).code).toBe(0);
    expect(await processor.runOf(order.id).result()).toMatchObject({ release: 'released' });
    expect(await statusesOf(order)).toEqual(['deleted']);
  });

  test('is cancelled by an operator: the tenant is gone; nothing is done to one that is approved', async () => {
    const [order, approved] = [await purchase('waits'), await purchase('waits')];
    await untilWaiting(order);
    await untilWaiting(approved);
    await processor.run(['schedules', 'pause']); // or the next full sweep would begin anew with what is pending
    await processor.control.force(approved.id, { status: 'approved' });
    for (const { id } of [order, approved]) await processor.runOf(id).cancel();
    for (const { id } of [order, approved]) {
      await waitFor('its end', async () => (await processor.runOf(id).status()) === 'CANCELLED');
    }
    expect(await statusesOf(order)).toEqual(['deleted']);
    expect(await statusesOf(approved)).toEqual(['enabled']);
    const { logFile, metricsPort } = processor.worker;
    const cancelled = () =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => line.includes('"outcome":"cancelled"'))
        .map((line) => JSON.parse(line) as object);
    const lines = await waitFor('the lines of both', cancelled, ({ length }) => length === 2);
    const lineOf = ({ id }: PlacedOrder, release: string) =>
      expect.objectContaining({ requestId: id, type: 'purchase', release });
    expect(lines).toEqual(expect.arrayContaining([lineOf(order, 'released'), lineOf(approved, 'kept')]));
    const metrics = async () => await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const counted = /^connect_requests_ended(_total)?\{[^}]*outcome="cancelled"[^}]*type="purchase"[^}]*\} 2$/m;
    await waitFor('the metrics', metrics, (text) => counted.test(text));

    await processor.run(['schedules', 'resume']);
    await untilWaiting(order);
    expect(await statusesOf(order)).toEqual(['deleted', 'enabled']);
  });

  concurrently('is approved after all: nothing is given back', async () => {
    const order = await purchase('fine');
    expect(await processor.control.untilSettled(order.id)).toBe('approved');
    expect(await processor.runOf(order.id).result()).toEqual({ outcome: 'approved' });
    expect(await statusesOf(order)).toEqual(['enabled']);
  });
});

describe('the worker process is killed', () => {
  const processor = useStack({ worker: false });
  afterEach(() => processor.control.clearFaults());
  const { purchase, statusesOf } = orders(processor);

  test('in a release, before the tenant is gone and after: another worker gives each back', async () => {
    const worker = await processor.stack.startWorker({}, ['--vendor', VENDOR]);
    const met: TroubledOrder[] = [];
    for (const applied of [false, true]) {
      const { id } = await processor.control.fault({ ...DELETE, times: 1, hang: true, applied });
      met.push(await purchase('fails'));
      await waitFor('the call', async () => (await processor.control.getFault(id)).hits === 1);
    }
    await worker.stop('SIGKILL');

    const next = await processor.stack.startWorker({}, ['--vendor', VENDOR]);
    for (const [order, release] of [
      [met[0]!, 'released'],
      [met[1]!, 'nothing'], // it was gone, and nobody had heard of it
    ] as const) {
      expect(await processor.runOf(order.id).result()).toMatchObject({ outcome: 'failed', release });
      expect(await statusesOf(order)).toEqual(['deleted']);
    }
    await next.stop();
  }, 60_000);
});

function orders(processor: ReturnType<typeof useStack>) {
  return {
    purchase: (kind: string): Promise<TroubledOrder> =>
      processor.purchaseMeeting([], { admin_email: `${kind}@example.com` }),
    statusesOf: async ({ asset }: PlacedOrder) =>
      (await processor.control.tenantsOf(asset.id)).map(({ status }) => status),
    untilWaiting: async ({ id }: PlacedOrder) => {
      await waitFor('its run', () => processor.runOf(id).status());
      await processor.runOf(id).untilStep('vendor asked to wait');
    },
  };
}
