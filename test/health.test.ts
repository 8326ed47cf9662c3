import { afterEach, expect, test } from '@jest/globals';
import { startHealth } from '../src/health';

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));

test('a process is alive as long as it answers, and ready only while its worker takes work', async () => {
  let ready = false;
  const health = await startHealth(0, () => ready);
  open.push(health);
  const status = async (path: string, method = 'GET') =>
    (await fetch(`http://127.0.0.1:${health.port}${path}`, { method, headers: { connection: 'close' } })).status;
  expect([await status('/live'), await status('/ready')]).toEqual([200, 503]);
  ready = true;
  expect([await status('/live'), await status('/ready')]).toEqual([200, 200]);
  expect([await status('/'), await status('/live', 'POST')]).toEqual([404, 404]);
});

test('a port that is taken is refused', async () => {
  const first = await startHealth(0, () => true);
  open.push(first);
  await expect(startHealth(first.port, () => true)).rejects.toThrow('EADDRINUSE');
});
