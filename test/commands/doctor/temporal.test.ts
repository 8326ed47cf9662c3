import { isDeepStrictEqual } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import type { Finding } from '../../../src/commands/doctor/finding';
import { checkSchedules, checkTemporal, temporalTrouble } from '../../../src/commands/doctor/temporal';
import { checkWorkers } from '../../../src/commands/doctor/workers';
import { POLL_SCHEDULE_ID } from '../../../src/domain/ids';
import { applySchedules } from '../../../src/temporal/schedules';
import { freePort } from '../../../src/temporal/server';
import { TemporalUnreachable } from '../../../src/temporal/unreachable';
import { waitFor } from '../../support/wait-for';
import { useOwnNamespace } from '../../temporal/namespace';

const LOCKED_OUT = /^Temporal at t:7233 does not let us into namespace "orders"$/;
const CONFIG = { taskQueue: 'mine', pollIntervalMs: 3_600_000, usageTimes: [] };
const own = useOwnNamespace();
const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

async function findings(variables: Record<string, string>): Promise<Finding[]> {
  Object.assign(process.env, variables);
  return await all(checkTemporal(CONFIG, new Map()));
}

async function all(checks: AsyncIterable<Finding>): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of checks) found.push(finding);
  return found;
}

test('a namespace that does not exist is one sentence, and nothing is said to be well', async () => {
  expect(await findings({ TEMPORAL_NAMESPACE: 'no-such' })).toEqual([
    {
      ok: false,
      text: `Temporal at ${before['TEMPORAL_ADDRESS']} has no namespace "no-such"`,
      todo: expect.stringMatching(
        /^An operator creates it \(.* --namespace no-such\), or corrects TEMPORAL_NAMESPACE\./,
      ),
    },
  ]);
});

test('a server that does not answer is one sentence', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  expect(await findings({ TEMPORAL_ADDRESS: address })).toEqual([
    {
      ok: false,
      text: `no Temporal server answers at ${address}`,
      todo: expect.stringMatching(/^An operator starts one, or corrects TEMPORAL_ADDRESS /),
    },
  ]);
}, 15_000);

test('settings of Temporal that cannot be used are said to be those', async () => {
  expect(await findings({ TEMPORAL_CONFIG_FILE: '/no/such.toml', TEMPORAL_PROFILE: 'none' })).toEqual([
    {
      ok: false,
      text: expect.stringMatching(/^Temporal's own settings cannot be used: /),
      todo: expect.stringContaining('TEMPORAL_CONFIG_FILE'),
    },
  ]);
});

test('a namespace that is there is asked further', async () => {
  const found = await findings({});
  expect(found[0]).toEqual({
    ok: true,
    text: `Temporal answers at ${before['TEMPORAL_ADDRESS']}, namespace "${before['TEMPORAL_NAMESPACE'] ?? 'default'}"`,
  });
  expect(found.length).toBeGreaterThan(1);
});

test('a schedule of which the server does not tell in time is no server that is away', async () => {
  await applySchedules(own.client, { taskQueue: 'mine', pollIntervalMs: 3_600_000 });
  const found = (withinMs?: number) => all(checkSchedules(own.client, 'orders', CONFIG, new Map(), withinMs));
  expect(await found(0)).toEqual([
    {
      ok: false,
      text: 'Temporal answers, but does not tell how a schedule stands',
      todo: expect.stringMatching(
        /^Run `connect-processor doctor` again in a minute\. .* worker service runs the schedules\.$/,
      ),
    },
  ]);
  expect(await found()).toEqual([{ ok: true, text: 'a schedule polls Connect for task queue "mine"' }]);
});

test('a schedule that polls at other times than configured is noted; one that has ended is wrong', async () => {
  await applySchedules(own.client, { taskQueue: 'mine', pollIntervalMs: 3_600_000 });
  const polls = { ok: true, text: 'a schedule polls Connect for task queue "mine"' };
  const todo = 'Run `connect-processor schedules apply`, which sets it as configured.';
  const found = (pollIntervalMs = CONFIG.pollIntervalMs) =>
    all(checkSchedules(own.client, 'orders', { ...CONFIG, pollIntervalMs }, new Map()));
  expect(await found(5_000)).toEqual([
    polls,
    { ok: true, text: 'the schedule polls every 3600 s, and POLL_INTERVAL is 5 s', todo },
  ]);

  const schedule = own.client.schedule.getHandle(POLL_SCHEDULE_ID);
  await schedule.update((now) => ({ ...now, spec: { calendars: [{ hour: 3 }] } }));
  const calendar = {
    ok: true,
    text: 'the schedule polls at times that somebody has set, and POLL_INTERVAL is 3600 s',
    todo,
  };
  await waitFor('the calendar', found, (said) => isDeepStrictEqual(said, [polls, calendar]));

  const over = { intervals: [{ every: CONFIG.pollIntervalMs }], endAt: new Date('2020-01-01') };
  await schedule.update((now) => ({ ...now, spec: over }));
  const ended = { ok: false, text: 'the schedule that polls Connect has no next time: it has ended', todo };
  await waitFor('the end', found, (said) => isDeepStrictEqual(said, [ended]));
});

test('a queue that no worker polls is noted, and whoever polls it is named', async () => {
  const taskQueue = 'of-workers';
  const found = () => checkWorkers(own.client, taskQueue);
  expect(await found()).toEqual({
    ok: true,
    text: 'no worker polls task queue "of-workers"',
    todo: expect.stringMatching(/^Run `connect-processor worker`\. .* is not lost\.$/),
  });
  const one = startPolling(taskQueue, '7@one');
  await waitFor('the poll', found, ({ text }) =>
    /^a worker polls task queue "of-workers", last 7@one, \d+ s ago$/.test(text),
  );
  const two = startPolling(taskQueue, '8@two');
  await waitFor('both', found, ({ text }) => /^2 workers poll task queue "of-workers", last [78]@/.test(text));
  await Promise.all([one(), two()]);
});

/** Asks for work as a worker does. @returns ends it */
function startPolling(name: string, identity: string): () => Promise<void> {
  const { client, connection } = own;
  const ending = new AbortController();
  const polling = connection.withAbortSignal(ending.signal, () =>
    connection.workflowService.pollWorkflowTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name },
      identity,
    }),
  );
  return async () => {
    ending.abort();
    await expect(polling).rejects.toThrow('CANCELLED');
  };
}

test.each([
  [
    'a key without rights, at once',
    new TemporalUnreachable('t:7233', new Error('7 PERMISSION_DENIED: No.')),
    LOCKED_OUT,
  ],
  ['a key that is not known', new Error('16 UNAUTHENTICATED: invalid API key'), LOCKED_OUT],
  [
    'a lost connection',
    new Error('14 UNAVAILABLE: No connection established.'),
    /^no Temporal server answers at t:7233$/,
  ],
  ['another answer', new Error('3 INVALID_ARGUMENT: Odd name.'), /^Temporal at t:7233 refuses to tell: Odd name\.$/],
  ['what is not of gRPC', new Error('a surprise'), /^Temporal at t:7233 refuses to tell: a surprise$/],
])('without the words of gRPC: %s', (_, error, text) => {
  const finding = temporalTrouble(error, { address: 't:7233', namespace: 'orders' });
  expect(finding).toEqual({
    ok: false,
    text: expect.stringMatching(text),
    todo: expect.stringMatching(/^An operator /),
  });
});

test('a search attribute of another type is for an operator, one that is missing for `schedules apply`', async () => {
  const { connection, server } = own;
  const { namespace } = server;
  const found = async () => (await findings(server.env)).find(({ text }) => text.startsWith('search attributes'));
  const searchAttributes = ['ConnectSliZone'];
  await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes });
  expect(await found()).toMatchObject({
    ok: false,
    todo: expect.stringMatching(/^Run `connect-processor schedules apply`/),
  });

  const TEXT = 1; // temporal.api.enums.v1.IndexedValueType
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { ConnectSliZone: TEXT } });
  expect(await found()).toEqual({
    ok: false,
    text: 'search attributes: ConnectSliZone is registered with another type than Int',
    todo: expect.stringMatching(/^An operator removes it .* Then run `connect-processor schedules apply`/),
  });
});
