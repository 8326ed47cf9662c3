import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { wakeRound } from '../../src/commands/wake-round';
import { POLL_SCHEDULE_ID } from '../../src/domain/ids';
import { connectTemporal } from '../../src/temporal/client';
import { applySchedules } from '../../src/temporal/schedules';
import { silentProxy } from '../support/silent-proxy';
import { useOwnNamespace } from '../temporal/namespace';

const own = useOwnNamespace();
const schedule = () => own.client.schedule.getHandle(POLL_SCHEDULE_ID);
const taken = async () => (await schedule().describe()).info.numActionsTaken;
beforeEach(() => applySchedules(own.client, { taskQueue: 'nobody', pollIntervalMs: 3_600_000 }));
afterEach(() => schedule().delete());

test('where the rounds are paused none is woken', async () => {
  await schedule().pause();
  expect(await wakeRound(own.client)).toBe('paused');
  expect(await taken()).toBe(0);
});

test('where there is no schedule, what is to be done is said', async () => {
  await schedule().delete();
  await expect(wakeRound(own.client)).rejects.toThrow('run `connect-processor schedules apply` once');
  await applySchedules(own.client, { taskQueue: 'nobody', pollIntervalMs: 3_600_000 });
});

test('a Temporal that hangs is not waited for without end', async () => {
  const proxy = await silentProxy(own.server.address);
  const temporal = await connectTemporal({ ...own.server.env, TEMPORAL_ADDRESS: proxy.address });
  proxy.fallSilent();
  await expect(wakeRound(temporal.client, 300)).rejects.toThrow();
  await temporal.close();
  proxy.close();
});
