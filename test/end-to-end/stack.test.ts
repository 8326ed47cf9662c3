import { expect, test } from '@jest/globals';
import { startStack } from '../../src/commands/stack';
import { isAlive } from '../support/processes';

test('no worker outlives the rest: one that is starting is ended, and none is started any more', async () => {
  const stack = await startStack({ env: process.env, report: () => undefined });
  const starting = stack.startWorker();
  const closed = stack.close();
  await expect(stack.startWorker()).rejects.toThrow('no worker is started any more');
  const { pid } = await starting;
  await closed;
  expect(isAlive(pid)).toBe(false);
}, 60_000);
