import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { startStack } from '../../src/commands/stack';
import type * as WorkerProcess from '../../src/commands/worker-process';
import type * as Server from '../../src/temporal/server';
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

/** To start a worker, where the first port that is chosen for it is this one. */
function startingOn(port: number): typeof WorkerProcess.startWorkerProcess {
  const server = jest.requireActual<typeof Server>('../../src/temporal/server');
  const freePort = jest.fn(server.freePort).mockResolvedValueOnce(port);
  jest.resetModules();
  jest.doMock('../../src/temporal/server', () => ({ ...server, freePort }));
  return jest.requireActual<typeof WorkerProcess>('../../src/commands/worker-process').startWorkerProcess;
}

test('a worker whose port somebody takes before it does, and answers there, gets another; what ends it else is told', async () => {
  const taken = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const stack = await startStack({ env: process.env, report: () => undefined });
  try {
    const start = startingOn((taken.address() as AddressInfo).port);
    const worker = await start(stack.env, path.join(stack.folder, 'on-another-port.log'));
    expect(worker.hasEnded()).toBe(false);
    expect(readFileSync(worker.logFile, 'utf8')).toContain('"worker is running"');
    await worker.stop();
    const keyless = stack.startWorker({ CONNECT_API_KEY: '' });
    await expect(keyless).rejects.toThrow(/before it was ready: .*CONNECT_API_KEY/s);
  } finally {
    await stack.close();
    taken.close();
  }
}, 60_000);
