import { readFileSync } from 'node:fs';
import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from './domain/ids';
import { DEFAULT_PATIENCE, type Patience } from './domain/request-run';
import type { VendorSettings } from './sdk/vendor';
import { TemplateNames } from './template-name';

/** Everything that can be set, parsed. Where Temporal is, its own variables say. Durations are in milliseconds. */
export interface Config {
  connect: { url: string; apiKey: string; products: string[]; requestsPerSecond: number };
  templates: TemplateNames;
  vendor: VendorSettings;
  taskQueue: string;
  pollIntervalMs: number;
  fullSweepIntervalMs: number;
  patience: Patience;
  metricsPort: number | undefined;
  healthPort: number | undefined;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** All that is wrong with the configuration, a line each. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}\nSee docs/configuration.md.`,
    );
    this.name = 'ConfigError';
  }
}

const duration = (fallback: string, least: number) =>
  z
    .string()
    .default(fallback)
    .transform((text, issue) => {
      const value = /^\d+$/.test(text) ? Number(text) * 1000 : ms(text as StringValue);
      if (typeof value === 'number' && value >= least) return value;
      issue.addIssue({
        code: 'custom',
        message: `must be a duration of at least ${ms(least)}, such as "${fallback}" (a plain number means seconds)`,
      });
      return z.NEVER;
    });
const port = z.coerce.number({ error: 'must be a port number' }).int().min(1).max(65535).optional();
const url = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((text) => text.replace(/\/+$/, ''));

/** Every variable, by its name in the environment. `docs/configuration.md` describes each. */
const Variables = z.object({
  CONNECT_API_URL: url.default('https://api.connect.cloudblue.com/public/v1'),
  CONNECT_API_KEY: z
    .string({ error: 'is not set: create a token in the Connect portal (Integrations, Tokens)' })
    .regex(/^(ApiKey )?SU-[\d-]+:\S+$/, 'must look like "ApiKey SU-000-000-000:…", with or without "ApiKey "'),
  CONNECT_PRODUCTS: z
    .string({ error: 'is not set: give the ids of your products, separated by commas' })
    .transform((text) =>
      text
        .split(',')
        .map((id) => id.trim())
        .filter(Boolean),
    )
    .pipe(
      z
        .array(z.string().regex(/^PRD-\d+(-\d+)*$/, 'must be ids such as PRD-000-000-000, separated by commas'))
        .min(1, 'is empty: give the ids of your products, separated by commas'),
    ),
  CONNECT_REQUESTS_PER_SECOND: z.coerce.number({ error: 'must be a number' }).min(0.1).max(1000).default(50),
  CONNECT_ACTIVATION_TEMPLATE: z.string().min(1).optional(),
  CONNECT_INQUIRE_TEMPLATE: z.string().min(1).optional(),
  VENDOR_API_URL: url.optional(),
  VENDOR_API_KEY: z.string().min(1).optional(),
  EXAMPLE_VENDOR: z.literal('allow', { error: 'can only be "allow"' }).optional(),
  TASK_QUEUE: z.string().min(1).default(DEFAULT_TASK_QUEUE),
  POLL_INTERVAL: duration('60s', 1000),
  FULL_SWEEP_INTERVAL: duration('15m', 1000),
  RETRY_QUIETLY_FOR: duration(ms(DEFAULT_PATIENCE.quietMs), 1),
  RETRY_FOR: duration(ms(DEFAULT_PATIENCE.retryMs), 1),
  PARKED_FOR: duration('24h', 1000),
  METRICS_PORT: port,
  HEALTH_PORT: port,
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default('info'),
});

/** The file has the same names, and the templates that differ by product or type of request. */
const File = z.strictObject({
  ...Object.fromEntries(
    Object.keys(Variables.shape).map((name) => [name, z.union([z.string(), z.number()]).transform(String).optional()]),
  ),
  templates: TemplateNames.optional(),
});

/** Those that may hold a secret: each may name a file instead, as `…_FILE`. */
const SECRETS = ['CONNECT_API_KEY', 'VENDOR_API_KEY'] as const;

/** The names of all variables that are read here. */
export const VARIABLES: readonly string[] = [
  ...Object.keys(Variables.shape),
  ...SECRETS.map((name) => `${name}_FILE`),
  'CONNECT_PROCESSOR_CONFIG',
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration: the environment, and below it a JSON file. The only reader of `process.env`.
 *
 * @param options.file wins over `CONNECT_PROCESSOR_CONFIG`
 * @throws ConfigError with every problem at once, each naming its variable, none showing a value
 */
export function loadConfig(env: Environment = process.env, options: { file?: string | undefined } = {}): Config {
  const problems: string[] = [];
  const file = readFile(options.file ?? env['CONNECT_PROCESSOR_CONFIG'], problems);
  const set = (name: string) => (env[name] === undefined || env[name] === '' ? file[name] : env[name]);
  const values = Object.fromEntries(Object.keys(Variables.shape).map((name) => [name, set(name)]));
  for (const name of SECRETS) values[name] = secret(name, values[name], env[`${name}_FILE`], problems);

  const parsed = Variables.safeParse(values);
  if (!parsed.success) problems.push(...lines(parsed.error));
  if (problems.length > 0 || !parsed.success) throw new ConfigError([...new Set(problems)]);

  const v = parsed.data;
  if (v.RETRY_FOR < v.RETRY_QUIETLY_FOR)
    throw new ConfigError(['RETRY_FOR must not be shorter than RETRY_QUIETLY_FOR']);
  return {
    connect: {
      url: v.CONNECT_API_URL,
      apiKey: v.CONNECT_API_KEY,
      products: [...new Set(v.CONNECT_PRODUCTS)],
      requestsPerSecond: v.CONNECT_REQUESTS_PER_SECOND,
    },
    templates: {
      ...file.templates,
      ...(v.CONNECT_ACTIVATION_TEMPLATE && { activation: v.CONNECT_ACTIVATION_TEMPLATE }),
      ...(v.CONNECT_INQUIRE_TEMPLATE && { inquire: v.CONNECT_INQUIRE_TEMPLATE }),
    },
    vendor: { apiUrl: v.VENDOR_API_URL, apiKey: v.VENDOR_API_KEY, exampleAllowed: v.EXAMPLE_VENDOR === 'allow' },
    taskQueue: v.TASK_QUEUE,
    pollIntervalMs: v.POLL_INTERVAL,
    fullSweepIntervalMs: v.FULL_SWEEP_INTERVAL,
    patience: { quietMs: v.RETRY_QUIETLY_FOR, retryMs: v.RETRY_FOR, parkedMs: v.PARKED_FOR },
    metricsPort: v.METRICS_PORT,
    healthPort: v.HEALTH_PORT,
    logLevel: v.LOG_LEVEL,
  };
}

type FileValues = Record<string, string | undefined> & { templates?: TemplateNames };

function readFile(file: string | undefined, problems: string[]): FileValues {
  if (file === undefined || file === '') return {};
  try {
    const parsed = File.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (parsed.success) return parsed.data as unknown as FileValues;
    problems.push(...lines(parsed.error).map((line) => `${file}: ${line}`));
  } catch (error) {
    const why = (error as { name?: string }).name === 'SyntaxError' ? 'it is not JSON' : (error as Error).message;
    problems.push(`${file} cannot be read: ${why}`);
  }
  return {};
}

function secret(
  name: string,
  value: string | undefined,
  file: string | undefined,
  problems: string[],
): string | undefined {
  if (!file) return value;
  if (value !== undefined) problems.push(`${name} and ${name}_FILE are both set: keep one`);
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (error) {
    problems.push(`${name}_FILE cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
    return undefined;
  }
}

function lines(error: z.ZodError): string[] {
  return error.issues.map(({ path, message, code, ...issue }) => {
    if (code === 'unrecognized_keys') return `${(issue as { keys?: string[] }).keys?.join(', ')}: no such setting`;
    return `${path.filter((part) => typeof part === 'string').join('.')} ${message}`;
  });
}
