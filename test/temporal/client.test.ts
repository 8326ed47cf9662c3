import { expect, test } from '@jest/globals';
import { BadTemporalSettings } from '../../src/temporal/bad-settings';
import { connectTemporal, isUnreachable, temporalSettings } from '../../src/temporal/client';
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

test('without settings it is the server of this machine', () => {
  expect(temporalSettings({})).toMatchObject({ address: 'localhost:7233', namespace: 'default' });
});

test("Temporal's own variables lead to a server", () => {
  const env = { TEMPORAL_ADDRESS: 'temporal.example.com:7233', TEMPORAL_NAMESPACE: 'orders', TEMPORAL_API_KEY: 'key' };
  expect(temporalSettings(env)).toMatchObject({
    address: 'temporal.example.com:7233',
    namespace: 'orders',
    connectionOptions: { apiKey: 'key', tls: true },
  });
});

test.each<[env: Record<string, string>, said: RegExp]>([
  [{ TEMPORAL_TLS: 'maybe' }, /: TEMPORAL_TLS must be true or false\. See/],
  [{ TEMPORAL_CONFIG_FILE: '/no/such.toml' }, /: TEMPORAL_CONFIG_FILE cannot be read: ENOENT\. See/],
  [{ TEMPORAL_PROFILE: 'none' }, /TEMPORAL_PROFILE .*: Profile 'none' not found/],
  [
    { TEMPORAL_TLS: 'maybe', TEMPORAL_TLS_CLIENT_CERT_PATH: '/no/cert', TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/' },
    /TEMPORAL_TLS must .*; TEMPORAL_TLS_CLIENT_CERT_PATH .*: ENOENT; TEMPORAL_TLS_SERVER_CA_CERT_PATH .*: EISDIR/,
  ],
])('settings that are no use are named, all at once: %j', (env, said) => {
  expect(() => temporalSettings(env)).toThrow(BadTemporalSettings);
  expect(() => temporalSettings(env)).toThrow(said);
});

test.each([
  ['true', {}],
  ['false', false],
  ['', false],
])('TEMPORAL_TLS may be "%s"', (TEMPORAL_TLS, tls) => {
  expect(temporalSettings({ TEMPORAL_TLS }).connectionOptions).toEqual({ tls });
});
