import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createWaker } from '../../src/http/waker';

test('the first call wakes at once; a flood costs one more', async () => {
  let triggered = 0;
  const waker = createWaker({ trigger: async () => void (triggered += 1), spacingMs: 50 });
  waker.wake();
  expect(triggered).toBe(1);
  for (let n = 0; n < 200; n += 1) waker.wake();
  await pause(200);
  expect(triggered).toBe(2);
  waker.wake();
  expect(triggered).toBe(3);
  await waker.close();
});

test('what is asked for while a round is being woken is met by one more', async () => {
  const begun: number[] = [];
  const waker = createWaker({ trigger: async () => (begun.push(Date.now()), pause(30)), spacingMs: 0 });
  waker.wake();
  await pause(10);
  waker.wake();
  await pause(100);
  expect(begun).toHaveLength(2);
});

test('at its end it wakes what was asked for, without waiting', async () => {
  let triggered = 0;
  const waker = createWaker({ trigger: async () => void (triggered += 1), spacingMs: 60_000 });
  waker.wake();
  waker.wake();
  await waker.close();
  expect(triggered).toBe(2);
});
