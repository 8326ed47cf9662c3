import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from '@jest/globals';
import { connectTemporal } from '../../src/temporal/client';
import { findCli } from '../../src/temporal/find-cli';
import { applySchedules } from '../../src/temporal/schedules';
import { findOrStartServer } from '../../src/temporal/server';
import { MAIN } from '../support/command-line';
import { isAlive } from '../support/processes';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const processor = useStack({ worker: false, pollIntervalMs: 3_600_000 }); // no worker here is to have work
const concurrently = test.concurrent;
const closers: (() => void)[] = [];
afterAll(() => closers.splice(0).forEach((close) => close()));

/** A place where Temporal might be. */
async function listening(onConnection: (socket: Socket) => void): Promise<{ address: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
  closers.push(close);
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** Temporal, until it is gone: it ends once the worker's second connection, the one that it is to work by, has had so many answers. */
async function temporalThatGoes(afterAnswers: number): Promise<string> {
  const [host, port] = processor.stack.server.address.split(':');
  let connections = 0;
  let answers = 0;
  const { address, close } = await listening((socket) => {
    const second = ++connections === 2;
    const upstream = connect(Number(port), host).on('error', () => undefined);
    socket.pipe(upstream);
    socket.once('close', () => upstream.destroy());
    upstream.on('data', (chunk: Buffer) => {
      if (second && ++answers > afterAnswers) return close();
      socket.write(chunk);
    });
  });
  return address;
}

function startWorker(settings: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, [MAIN, ...args, 'worker'], {
    env: { ...processor.stack.env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closers.push(() => child.kill('SIGKILL'));
  return { child, ended: once(child, 'exit'), stdout: text(child.stdout), stderr: text(child.stderr) };
}

/** How a worker fares whose server goes away: it ends while it starts, or runs on where it had begun, until the server is back. */
async function fate(answers: number): Promise<'ended with 3' | 'running'> {
  const worker = startWorker({ TEMPORAL_ADDRESS: await temporalThatGoes(answers) });
  let log = '';
  worker.child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const { child } = worker;
  await waitFor(
    `its fate after ${answers} answers`,
    () => child.exitCode !== null || log.includes('worker is running'),
    Boolean,
    100_000, // Temporal's native part tries each of its calls again, for 10 s and more
  );
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    return 'running';
  }
  expect([child.exitCode, await worker.stderr]).toEqual([
    3,
    expect.stringMatching(/^No Temporal server answers at 127\.0\.0\.1/),
  ]);
  return 'ended with 3';
}

concurrently(
  'a server that goes away while the worker starts is named, and the worker ends with 3',
  async () => {
    const fates = await Promise.all([1, 2, 3].map(fate)); // where a start ends and work begins, the network's chunks decide
    expect(fates).toContain('ended with 3');
  },
  120_000,
);

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends a worker that waits for a server, at once', async (signal) => {
  let hasCome = false;
  const { address } = await listening(() => (hasCome = true)); // and never answers
  const worker = startWorker({ TEMPORAL_ADDRESS: address });
  await waitFor('its call', () => hasCome);
  const begun = Date.now();
  worker.child.kill(signal);
  expect([await worker.ended, await worker.stderr]).toEqual([[0, null], '']);
  expect(Date.now() - begun).toBeLessThan(3_000);
  expect(await worker.stdout).toContain('worker has stopped');
});

concurrently('a worker whose parent ended before it had begun ends too', async () => {
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, [process.argv[1], 'worker'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
    require('node:fs').writeSync(1, String(child.pid));
    process.kill(process.pid, 'SIGKILL');`;
  const parent = spawn(process.execPath, ['-e', script, MAIN], {
    env: processor.stack.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = Number(await text(parent.stdout));
  closers.push(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
  await waitFor('its end', () => !isAlive(pid));
});

concurrently('a worker starts where Temporal does not tell whether a schedule polls, and says so', async () => {
  const { file } = await findCli(process.env, () => undefined);
  const withoutSchedules = path.join(processor.stack.folder, 'temporal');
  const option = '--dynamic-config-value worker.perNamespaceWorkerCount=0'; // nobody runs the workflows of schedules
  writeFileSync(withoutSchedules, `#!/bin/sh\n[ "$1" = server ] && set -- "$@" ${option}\nexec '${file}' "$@"\n`);
  chmodSync(withoutSchedules, 0o755);
  const env = { ...process.env, TEMPORAL_ADDRESS: undefined, TEMPORAL_CLI_PATH: withoutSchedules };
  const server = await findOrStartServer({ env, report: () => undefined });
  try {
    const { client, close } = await connectTemporal(server.env);
    await applySchedules(client, { taskQueue: 'connect-processor', pollIntervalMs: 3_600_000, usageTimes: [] });
    await close();
    const worker = startWorker(server.env);
    let log = '';
    worker.child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await waitFor('the line', () => log.includes('"worker is running"'));
    expect(log).toContain('whether a schedule polls Connect in namespace \\"default\\" is not known');
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toEqual([0, null]);
  } finally {
    await server.close();
  }
});

concurrently('a worker says once that it is running, where it takes its work from', async () => {
  const { stack } = processor;
  const worker = startWorker({});
  let log = '';
  worker.child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await waitFor('the line', () => log.includes('"worker is running"'));
  const line = log.split('\n').find((text) => text.includes('worker is running'))!;
  expect(JSON.parse(line)).toMatchObject({
    level: 'info',
    msg: 'worker is running',
    taskQueue: 'connect-processor',
    namespace: stack.server.namespace,
  });
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toEqual([0, null]);
});

concurrently('a worker ends when it has stopped, whatever its vendor holds open', async () => {
  const file = path.join(processor.stack.folder, 'open.cjs');
  writeFileSync(file, 'setInterval(() => {}, 1_000); exports.vendor = { cancel: async () => {} };');
  const worker = startWorker({}, ['--vendor', file]);
  let log = '';
  worker.child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await waitFor('the line', () => log.includes('"worker is running"'));
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toEqual([0, null]);
  expect(await worker.stdout).toMatch(/"worker has stopped"\}\n$/);
});

test('an error that nobody catches while it starts ends it with 1, so that it is started again', async () => {
  const { address } = await listening(() => undefined); // takes a call, and never answers
  const file = path.join(processor.stack.folder, 'bursts.cjs');
  const thrown = "setTimeout(() => { throw new Error('in a timer'); }, 1000)"; // by then it waits for Temporal
  writeFileSync(file, `exports.vendor = () => { ${thrown}; return { change: async () => {} }; };`);
  const worker = startWorker({ TEMPORAL_ADDRESS: address }, ['--vendor', file]);
  expect(await worker.ended).toEqual([1, null]);
  expect(await worker.stdout).toMatch(/"an error was thrown that nobody caught, [^"]*: the worker ends"/);
}, 60_000);
