import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { CallCount } from '../../sandbox/control-client';
import { createStories } from '../../sandbox/stories';
import { Play } from '../../src/commands/demo/play';
import { waitFor } from '../support/wait-for';
import { type Meet, type TroubledOrder, useStack } from './use-stack';

/** As the demo's: one of its stories is of a product that has a module of its own. */
const CONNECT_PROCESSOR_CONFIG = path.join(__dirname, 'fixtures/backup-vendor.json');
const processor = useStack({ worker: false, settings: { CONNECT_PROCESSOR_CONFIG } });
const PROGRESS_WITHIN_MS = 15_000;

afterEach(() => processor.control.clearFaults());

/** Where the three orders are when it happens: each waits for an answer that does not come. */
const POINTS: Record<string, Meet> = {
  'the vendor created, its answer was not recorded': { api: 'vendor', method: 'POST', path: '/tenant', applied: true },
  'the parameters are saved, the approval is not made': {
    api: 'connect',
    method: 'POST',
    path: '/requests/{id}/approve',
  },
  'the approval went out': { api: 'connect', method: 'POST', path: '/requests/{id}/approve', applied: true },
};

describe('the worker process is killed', () => {
  test('at three points of a purchase: a new one ends each, once', async () => {
    const { control } = processor;
    const worker = await processor.stack.startWorker();
    const orders: Record<string, TroubledOrder> = {};
    for (const [point, meets] of Object.entries(POINTS)) {
      orders[point] = await processor.purchaseMeeting([{ ...meets, times: 1, hang: true }]);
    }
    for (const [point, { faults }] of Object.entries(orders)) {
      await waitFor(point, async () => (await control.getFault(faults[0]!.id)).hits === 1);
    }
    await worker.stop('SIGKILL');

    const next = await processor.stack.startWorker();
    for (const [point, order] of Object.entries(orders)) {
      await processor.runOf(order.id).result();
      const outcome = await processor.outcomeOf(order);
      expect([point, outcome]).toEqual([point, { status: 'approved', approvals: 1, tenants: 1 }]);
    }
    await next.stop();
  }, 60_000);

  test('again and again while every kind of order is under way: all ends right, and progress is back in 15 s', async () => {
    const { control, stack } = processor;
    await control.setLatency(50);
    const play = new Play(control, stack.client);
    await play.place(createStories());
    const recoveries: number[] = [];
    /** Starts the next worker. Ends when that one has changed something, told since it takes work: what the last one sent is counted by then. */
    const restart = async () => {
      const killedAt = Date.now();
      const next = await stack.startWorker();
      await control.clearCounters();
      await waitFor('a change', async () => (await play.advance(0), (await calls(isChange)) > 0), Boolean, 30_000);
      recoveries.push(Date.now() - killedAt);
      return next;
    };
    let worker = await stack.startWorker();
    for (const callsUntilKill of [4, 9, 20, 35]) {
      await control.clearCounters();
      await waitFor(`${callsUntilKill} calls`, async () => (await play.advance(0), (await calls()) >= callsUntilKill));
      await worker.stop('SIGKILL');
      worker = await restart();
    }
    // Whoever was at work when the last worker was killed is missed only once its step's time is over.
    const left = async () => {
      await play.advance(0);
      return [...play.open.map(({ story, id, status, phase }) => [story.name, id, status, phase]), ...play.ahead];
    };
    await waitFor('the end', left, ({ length }) => length === 0, 120_000);

    const wrong = (await play.verdicts()).filter(({ ok }) => !ok);
    expect(wrong).toEqual([]);
    expect(Math.max(...recoveries)).toBeLessThan(PROGRESS_WITHIN_MS);
    await worker.stop();
    await control.setLatency(0);
  }, 240_000);
});

/** What a worker does and nobody in the stories: it saves parameters and approves. */
const isChange = ({ method, path }: CallCount) => method === 'PUT' || path.endsWith('/approve');

async function calls(which: (call: CallCount) => boolean = () => true): Promise<number> {
  const { calls: counted } = await processor.control.counters();
  return counted.filter(which).reduce((total, { count }) => total + count, 0);
}

test('a worker process that is frozen is killed once its time to end is over', async () => {
  const worker = await processor.stack.startWorker();
  process.kill(worker.pid, 'SIGSTOP');
  await worker.stop('SIGTERM', 100);
  expect(worker.hasEnded()).toBe(true);
}, 20_000);
