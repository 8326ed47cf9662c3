import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { RateLimit } from '../../src/connect/rate-limit';

/** Everybody who still waits when a test is over goes home. */
const waiting: AbortController[] = [];
afterEach(() => waiting.splice(0).forEach((one) => one.abort()));

function untilOver(): AbortSignal {
  const controller = new AbortController();
  waiting.push(controller);
  return controller.signal;
}

/** A limit whose clock stands until it is moved. What it sleeps for is real, so the paces here are of milliseconds. */
function limitOf(perSecond: number) {
  const clock = { ms: 1_000 };
  const limit = new RateLimit(perSecond, () => clock.ms);
  const passed: number[] = [];
  const take = (n: number, signal = untilOver()) => {
    const taken = limit.take(signal).then(() => passed.push(n));
    taken.catch(() => undefined);
    return taken;
  };
  return { clock, limit, passed, take };
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let n = 0; n < 5; n++) await turn();
}

test("lets a second's worth of calls pass at once, and no more", async () => {
  const { passed, take } = limitOf(5);
  for (let n = 1; n <= 8; n++) void take(n);
  await settle();
  expect(passed).toEqual([1, 2, 3, 4, 5]);
});

test('lets calls pass at the pace that was set, in the order of asking', async () => {
  const { clock, passed, take } = limitOf(1000);
  const calls = Array.from({ length: 1003 }, (_, n) => take(n + 1));
  await settle();
  expect(passed).toHaveLength(1000);
  clock.ms += 2;
  await calls[1001];
  expect(passed).toHaveLength(1002);
  clock.ms += 1;
  await Promise.all(calls);
  expect(passed).toEqual(Array.from({ length: 1003 }, (_, n) => n + 1));
});

test('lets nobody who asks later pass before those who wait', async () => {
  const { clock, passed, take } = limitOf(1);
  await take(1);
  const waiting = take(2);
  clock.ms += 999;
  await settle();
  clock.ms += 1; // the next one is free, and whoever waits does not know it yet
  void take(3);
  await settle();
  expect(passed).not.toContain(3);
  clock.ms += 1000;
  await waiting;
  expect(passed.slice(0, 2)).toEqual([1, 2]);
});

test('lets nobody take a call at once while others wait, and everybody where nobody does', async () => {
  const { clock, limit, take } = limitOf(1);
  expect(limit.takeNow()).toBe(true);
  expect(limit.takeNow()).toBe(false);
  const waiting = take(1);
  clock.ms += 1_000; // the next one is free, and whoever waits does not know it yet
  expect(limit.takeNow()).toBe(false);
  await waiting;
  clock.ms += 1_000;
  expect(limit.takeNow()).toBe(true);
});

test('forgets who has given up', async () => {
  const { clock, limit, take } = limitOf(1);
  await take(1);
  const gone = new AbortController();
  const waiting = take(2, gone.signal);
  gone.abort();
  await expect(waiting).rejects.toThrow();
  await settle();
  clock.ms += 1_000;
  expect(limit.takeNow()).toBe(true);
});

test('saves no more than one second of quiet', async () => {
  const { clock, passed, take } = limitOf(3);
  clock.ms += 3_600_000;
  for (let n = 1; n <= 9; n++) void take(n);
  await settle();
  expect(passed).toEqual([1, 2, 3]);
});

test('allows a pace slower than a call a second', async () => {
  const { clock, passed, take } = limitOf(0.5);
  await take(1);
  clock.ms += 2_000;
  await take(2);
  expect(passed).toEqual([1, 2]);
});

test('lets nobody pass during a pause, and starts again without a burst', async () => {
  const { clock, limit, passed, take } = limitOf(1000);
  limit.pause(5);
  expect(limit.pausedMs).toBe(5);
  const calls = [1, 2, 3].map((n) => take(n));
  await settle();
  expect(passed).toEqual([]);

  clock.ms += 6; // the pause, and a call's worth
  await calls[0];
  await settle();
  expect(passed).toEqual([1]);
  expect(limit.pausedMs).toBe(0);
  clock.ms += 2;
  await Promise.all(calls);
});

test('keeps the longer of two pauses', () => {
  const { limit } = limitOf(10);
  limit.pause(5_000);
  limit.pause(10);
  expect(limit.pausedMs).toBe(5_000);
});

test('lets go at once of whoever gives up, and of nobody else', async () => {
  const { clock, passed, take } = limitOf(1000);
  for (let n = 0; n < 1000; n++) void take(n);
  const controller = new AbortController();
  const givesUp = take(1000, controller.signal);
  const stays = take(1001);
  await settle();
  controller.abort(new Error('enough'));
  await expect(givesUp).rejects.toThrow('enough');
  clock.ms += 1;
  await stays;
  expect(passed.at(-1)).toBe(1001);
  expect(passed).not.toContain(1000);
});
