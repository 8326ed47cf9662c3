import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createWaker } from '../../src/http/waker';
import { waitFor } from '../support/wait-for';

test('the first call wakes at once; a flood costs one more', async () => {
  let triggered = 0;
  const spacingMs = 50;
  const waker = createWaker({ trigger: async () => void (triggered += 1), spacingMs });
  waker.wake();
  expect(triggered).toBe(1);
  for (let n = 0; n < 200; n += 1) waker.wake();
  await waitFor('one more', () => triggered > 1);
  await pause(spacingMs); // begun after that of the waker, so over after it, however busy the machine is
  expect(triggered).toBe(2);
  waker.wake();
  expect(triggered).toBe(3);
  await waker.close();
});

test('what is asked for while a round is being woken is met by one more', async () => {
  const begun: (() => void)[] = [];
  const waker = createWaker({ trigger: () => new Promise((done) => begun.push(done)), spacingMs: 0 });
  for (let n = 0; n < 3; n += 1) waker.wake();
  expect(begun).toHaveLength(1);
  begun[0]!();
  await waitFor('one more', () => begun.length > 1);
  begun[1]!();
  await waker.close();
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
