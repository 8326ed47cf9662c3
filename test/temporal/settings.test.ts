import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { BadTemporalSettings } from '../../src/temporal/bad-settings';
import { connectTemporal } from '../../src/temporal/client';
import { temporalSecrets, temporalSettings } from '../../src/temporal/settings';

const folder = mkdtempSync(path.join(tmpdir(), 'temporal-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A `temporal.toml`, for `TEMPORAL_CONFIG_FILE`. */
function toml(text: string): { TEMPORAL_CONFIG_FILE: string } {
  const file = path.join(folder, `${Math.random()}.toml`);
  writeFileSync(file, text);
  return { TEMPORAL_CONFIG_FILE: file };
}

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

const KEY = 'tmprl-secret-abc';
const refusal = (env: Record<string, string>) => {
  try {
    temporalSettings(env);
  } catch (error) {
    if (error instanceof BadTemporalSettings) return error.message;
    throw error;
  }
  return undefined;
};

describe('an API key and headers', () => {
  const server = { TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS']!, TEMPORAL_TLS: 'false' };

  test.each(['TEMPORAL_API_KEY', 'TEMPORAL_GRPC_META_X_TOKEN'])(
    '%s may end with a line end, as a mounted secret does: the server takes it',
    async (name) => {
      const { client, close } = await connectTemporal({ ...server, [name]: `${KEY}\r\n` });
      await expect(client.workflow.count()).resolves.toMatchObject({ count: expect.any(Number) });
      await close();
    },
  );

  test.each<[env: Record<string, string>, named: string]>([
    [{ TEMPORAL_API_KEY: `${KEY}\nmore` }, 'TEMPORAL_API_KEY, or api_key of the profile, must be one line'],
    [{ TEMPORAL_GRPC_META_X_TOKEN: `${KEY}é` }, 'TEMPORAL_GRPC_META_X_TOKEN, or x-token in grpc_meta'],
    [{ TEMPORAL_GRPC_META_X_MY_TOKEN: `${KEY}\0` }, 'TEMPORAL_GRPC_META_X_MY_TOKEN, or x-my-token in grpc_meta'],
    [{ TEMPORAL_GRPC_META_X_BIN: KEY }, 'TEMPORAL_GRPC_META_X_BIN, or x-bin in grpc_meta of the profile, names no'],
    [{ 'TEMPORAL_GRPC_META_X!': KEY }, 'names no header'],
    [toml(`[profile.default]\napi_key = "${KEY}é"\n`), 'api_key of the profile'],
  ])('that cannot be a header are named, without the value: %j', (env, named) => {
    expect(refusal(env)).toContain(named);
    expect(refusal(env)).not.toContain(KEY);
  });

  test('that are all wrong are all named', () => {
    const message = refusal({ TEMPORAL_API_KEY: 'é', TEMPORAL_GRPC_META_X_ONE: 'é', TEMPORAL_GRPC_META_X_TWO: 'é' });
    expect(message).toMatch(/TEMPORAL_API_KEY.*; TEMPORAL_GRPC_META_X_ONE.*; TEMPORAL_GRPC_META_X_TWO/);
  });

  test('a file that cannot be read is said with the line, not with what stands there', () => {
    const message = refusal(toml(`[profile.default]\napi_key = "${KEY}\n`));
    expect(message).toMatch(/: Invalid TOML document: [^\n]+ \(line 2\)\. See docs\/configuration\.md\.$/);
    expect(message).not.toContain(KEY);
  });

  test('are secrets, wherever they stand; a header that holds no credential by its name is none', () => {
    const file = toml(
      `[profile.default]\napi_key = "${KEY}"\n[profile.default.grpc_meta]\nx-file-token = "of the file"\n`,
    );
    const headers = {
      TEMPORAL_GRPC_META_AUTHORIZATION: 'Bearer the-token\n',
      TEMPORAL_GRPC_META_X_REGION: 'eu-west-1',
      TEMPORAL_GRPC_META_TEMPORAL_NAMESPACE: 'orders.a1b2c',
    };
    const env = { ...file, ...headers, TEMPORAL_NAMESPACE: 'orders.a1b2c' };
    expect(temporalSecrets(env)).toEqual([KEY, 'of the file', 'Bearer the-token']);
    expect(temporalSecrets({})).toEqual(['']);
  });

  test('of the variables are secrets too where the file is no use', () => {
    const env = { ...toml('not TOML'), TEMPORAL_API_KEY: KEY };
    expect(temporalSecrets(env)).toEqual([KEY]);
  });
});
