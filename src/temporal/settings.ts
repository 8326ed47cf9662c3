import { readFileSync } from 'node:fs';
import { type ClientConfigProfile, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { BadTemporalSettings } from './bad-settings';

/**
 * Where Temporal is, from its own standard settings: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS…`, or a
 * profile of `temporal.toml`.
 *
 * @throws BadTemporalSettings, which names the variables, and shows no value
 * @see https://docs.temporal.io/develop/environment-configuration
 */
export function temporalSettings(env?: Record<string, string>) {
  const { connectionOptions, namespace } = load(env);
  return {
    connectionOptions,
    address: connectionOptions.address ?? 'localhost:7233',
    namespace: namespace ?? 'default',
  };
}

/**
 * What must not be seen in a log or an error: the API key, and the values of headers that hold a credential by their name. Others, such as a
 * region, are words that may stand anywhere.
 */
export function temporalSecrets(env?: Record<string, string>): string[] {
  const { apiKey = '', grpcMeta = {} } = knownOf(env);
  const credentials = Object.entries(grpcMeta).filter(([name]) => CREDENTIAL.test(name));
  return [apiKey, ...credentials.map(([, value]) => value)];
}

const CREDENTIAL = /auth|token|key|secret|password|credential|cookie/i;

/** The profile as far as it can be read: where the file is no use, what the variables say. */
function knownOf(env?: Record<string, string>): ClientConfigProfile {
  for (const disableFile of [false, true]) {
    try {
      return profileOf(env, { disableFile });
    } catch {
      continue; // `temporalSettings` says what is wrong
    }
  }
  return {};
}

function load(env?: Record<string, string>) {
  // eslint-disable-next-line no-restricted-properties -- Temporal's own reader, called below, reads it too
  const problems = [...badVariables(env ?? process.env)];
  if (problems.length > 0) throw new BadTemporalSettings(problems);
  try {
    const profile = profileOf(env);
    problems.push(...badHeaders(profile));
    if (problems.length === 0) return toClientOptions(profile);
  } catch (error) {
    problems.push(`TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE or TEMPORAL_TLS…: ${sentenceOf(error)}`);
  }
  throw new BadTemporalSettings(problems);
}

/** The white space that a mounted secret may end with is taken off: Temporal's own reader keeps it, and no header may hold it. */
function profileOf(env?: Record<string, string>, options: { disableFile?: boolean } = {}): ClientConfigProfile {
  const profile = loadClientConfigProfile({ ...options, ...(env && { overrideEnvVars: env }) });
  const { apiKey, grpcMeta } = profile;
  return {
    ...profile,
    ...(apiKey !== undefined && { apiKey: trimmed(apiKey) }),
    ...(grpcMeta && {
      grpcMeta: Object.fromEntries(Object.entries(grpcMeta).map(([name, value]) => [name, trimmed(value)])),
    }),
  };
}

const trimmed = (value: unknown) => String(value).trimEnd(); // a file may have a number

/** The first line: below it the reader of the file shows what stands there, be it a key. */
function sentenceOf(error: unknown): string {
  const { message, line } = error as Error & { line?: unknown };
  const [sentence] = message.split('\n', 1);
  return typeof line === 'number' ? `${sentence} (line ${line})` : `${sentence}`;
}

const FILES = ['CONFIG_FILE', 'TLS_CLIENT_CERT_PATH', 'TLS_CLIENT_KEY_PATH', 'TLS_SERVER_CA_CERT_PATH'];

/** What Temporal's own reader passes over, or says without the name of a variable. */
function* badVariables(env: Readonly<Record<string, string | undefined>>): Generator<string> {
  const tls = env['TEMPORAL_TLS'];
  if (tls && !/^(true|false|1|0)$/.test(tls)) yield 'TEMPORAL_TLS must be true or false';
  const isOff = tls === 'false' || tls === '0';
  for (const name of FILES.map((end) => `TEMPORAL_${end}`)) {
    if (isOff && name.startsWith('TEMPORAL_TLS')) continue; // it is not read either
    const file = env[name];
    if (!file) continue;
    try {
      readFileSync(file);
    } catch (error) {
      yield `${name} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
    }
  }
}

/** What gRPC refuses as a header: with each call, and with the value in its words. */
function* badHeaders({ apiKey = '', grpcMeta = {} }: ClientConfigProfile): Generator<string> {
  if (!HEADER_VALUE.test(apiKey)) yield `TEMPORAL_API_KEY, or api_key of the profile, ${NO_VALUE}`;
  for (const [name, value] of Object.entries(grpcMeta)) {
    const place = `TEMPORAL_GRPC_META_${name.toUpperCase().replaceAll('-', '_')}, or ${name} in grpc_meta of the profile,`;
    if (!HEADER_NAME.test(name)) yield `${place} names no header`;
    else if (!HEADER_VALUE.test(value)) yield `${place} ${NO_VALUE}`;
  }
}

const HEADER_NAME = /^[0-9a-z_.-]+(?<!-bin)$/; // one that ends in -bin holds bytes, which a variable does not
const HEADER_VALUE = /^[ -~]*$/;
const NO_VALUE = 'must be one line of ASCII characters';
