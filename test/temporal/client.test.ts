import { expect, test } from '@jest/globals';
import { connectTemporal, isUnreachable } from '../../src/temporal/client';
import { TemporalUnreachable } from '../../src/temporal/unreachable';
import { freePort } from '../../src/temporal/server';
import { silentProxy } from '../support/silent-proxy';

test('a server that does not answer is named by its address, with the variables that lead elsewhere', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const error = await connectTemporal({ TEMPORAL_ADDRESS: address }).catch((failed: unknown) => failed as Error);
  expect(error).toBeInstanceOf(TemporalUnreachable);
  expect((error as Error).message).toMatch(
    new RegExp(
      `^No Temporal server answers at ${address} \\(.+\\). Start one, or set TEMPORAL_ADDRESS and, where it needs them, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and TEMPORAL_TLS…$`,
    ),
  );
}, 15_000);

test('a server that hangs is not waited for without end, and is named', async () => {
  const proxy = await silentProxy(process.env['TEMPORAL_ADDRESS']!);
  const { client, close } = await connectTemporal({ TEMPORAL_ADDRESS: proxy.address }, 300);
  proxy.fallSilent();
  const describeIt = client.schedule.getHandle('poll').describe();
  const error = await describeIt.catch((failed: unknown) => failed);
  expect([isUnreachable(error), isUnreachable(new Error('of ours'))]).toEqual([true, false]);
  expect(new TemporalUnreachable(proxy.address, error).message).toMatch(
    /\(Failed to describe schedule: 4 DEADLINE_EXCEEDED: .*\)\. Start one/,
  );
  await close();
  proxy.close();
});
