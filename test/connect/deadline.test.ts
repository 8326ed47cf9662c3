import { getEventListeners, once } from 'node:events';
import { expect, test } from '@jest/globals';
import { Deadline } from '../../src/connect/deadline';

test('aborts when its time is over', async () => {
  const deadline = new Deadline(1, undefined);
  await once(deadline.signal, 'abort');
  expect(deadline.isOver).toBe(true);
});

test.each(['before', 'after'])("aborts with its caller's reason, where the caller did so %s it began", (when) => {
  const caller = new AbortController();
  if (when === 'before') caller.abort('shutting down');
  const deadline = new Deadline(60_000, caller.signal);
  caller.abort('shutting down');
  expect(deadline.signal.aborted).toBe(true);
  expect(deadline.signal.reason).toBe('shutting down');
  expect(deadline.isOver).toBe(false);
  deadline.release();
});

test('leaves nothing behind with a caller that goes on', () => {
  const caller = new AbortController();
  const deadline = new Deadline(60_000, caller.signal);
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
  deadline.release();
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
});
