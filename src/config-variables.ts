import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import { PRODUCT_ID } from './config-schema';
import { DEFAULT_TASK_QUEUE } from './domain/ids';
import { DEFAULT_PATIENCE, LONGEST_WAIT_SECONDS } from './domain/request-run';
import { SelectionVariables } from './selection';
import { TimeOfDay, TimeZone, UsageDay } from './usage-times';

/** A year, as `wait` has it: dates that are computed from it stay dates. */
const LONGEST_MS = LONGEST_WAIT_SECONDS * 1000;

const duration = (fallback: string, least: number) =>
  z
    .string()
    .default(fallback)
    .transform((text, issue) => {
      const value = milliseconds(text);
      if (value !== undefined && value >= least && value <= LONGEST_MS) return value;
      issue.addIssue({
        code: 'custom',
        message: `must be a duration of at least ${ms(least)} and at most a year, such as "${fallback}" (a plain number means seconds)`,
      });
      return z.NEVER;
    });

function milliseconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  return text.length < 100 ? ms(text as StringValue) : undefined; // it throws at a longer one
}

const numberBetween = (least: number, most: number) => {
  const error = `must be a number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\s*\d+(\.\d+)?\s*$/, error)
    .transform(Number)
    .pipe(z.number().min(least, error).max(most, error));
};
const port = numberBetween(1, 65535).pipe(z.int('must be a whole number')).optional();
/** Paths are appended to it, and it is shown to people. */
const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .pipe(z.string().regex(/^[^?#]*$/, 'must have neither a query (?…) nor a fragment (#…)'))
  .transform((text) => text.replace(/\/+$/, ''))
  .pipe(
    z.string().refine((text) => {
      const { username, password } = new URL(text);
      return username === '' && password === '';
    }, 'must have no user name and no password'),
  );

export const ProductIds = z
  .string({ error: 'is not set: give the ids of your products, separated by commas' })
  .transform((text) => [...new Set(text.split(',').map((id) => id.trim()))].filter(Boolean))
  .pipe(
    z
      .array(z.string().regex(PRODUCT_ID, 'must be ids such as PRD-000-000-000, separated by commas'))
      .min(1, 'is empty: give the ids of your products, separated by commas'),
  );

/** Connect gives each product its own. */
const ActionSecrets = z
  .string()
  .default('')
  .transform((text) => text.split(/\s+/).filter(Boolean))
  .pipe(z.array(z.string().min(8, 'must have 8 characters or more; several are separated by blanks or lines')));

/** Every variable, by its name in the environment. `docs/configuration.md` describes each. An empty text never gets here. */
export const Variables = z.object({
  CONNECT_API_URL: baseUrl.default('https://api.connect.cloudblue.com/public/v1'),
  CONNECT_API_KEY: z
    .string({ error: 'is not set: create a token in the Connect portal (Integrations, Tokens)' })
    .regex(/^(ApiKey )?SU-[\d-]+:\S+$/, 'must look like "ApiKey SU-000-000-000:…", with or without "ApiKey "'),
  CONNECT_PRODUCTS: ProductIds,
  CONNECT_REQUESTS_PER_SECOND: numberBetween(0.1, 1000).default(50),
  ...SelectionVariables.shape,
  CONNECT_ACTIVATION_TEMPLATE: z.string().optional(),
  CONNECT_INQUIRE_TEMPLATE: z.string().optional(),
  VENDOR_API_URL: baseUrl.optional(),
  VENDOR_API_KEY: z.string().optional(),
  EXAMPLE_VENDOR: z.literal('allow', { error: 'can only be "allow"' }).optional(),
  TASK_QUEUE: z.string().default(DEFAULT_TASK_QUEUE),
  POLL_INTERVAL: duration('60s', 1000),
  FULL_SWEEP_INTERVAL: duration('15m', 1000),
  PARKED_FOR: duration('24h', 1000),
  USAGE_DAY: UsageDay.default(5),
  USAGE_TIME: TimeOfDay.default('05:17'),
  USAGE_TIMEZONE: TimeZone.default('UTC'),
  LISTEN_PORT: port,
  LISTEN_HOST: z
    .string()
    .regex(/^[\w.:%-]+$/, 'must be an address or the name of a host')
    .default('127.0.0.1'),
  WEBHOOK_SECRET: z
    .string()
    .min(16, 'must have 16 to 100 characters')
    .max(100, 'must have 16 to 100 characters')
    .optional(),
  WEBHOOK_URL: baseUrl.optional(),
  ACTION_SECRET: ActionSecrets,
  VALIDATION_TIME_LIMIT: duration('5s', 100),
  VALIDATION_STRICT: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
  METRICS_PORT: port,
  HEALTH_PORT: port,
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default('info'),
});

/** Two that must fit together. Apart from the others, since a schema compares only where all else in it is right. */
export const Trying = z
  .object({
    RETRY_QUIETLY_FOR: duration(ms(DEFAULT_PATIENCE.quietMs), 1),
    RETRY_FOR: duration(ms(DEFAULT_PATIENCE.retryMs), 1),
  })
  .refine(({ RETRY_FOR, RETRY_QUIETLY_FOR }) => RETRY_FOR >= RETRY_QUIETLY_FOR, {
    path: ['RETRY_FOR'],
    error: 'must not be shorter than RETRY_QUIETLY_FOR',
  });

/** Those that may hold a secret: each may name a file instead, as `…_FILE`. */
export const SECRETS = ['CONNECT_API_KEY', 'VENDOR_API_KEY', 'WEBHOOK_SECRET', 'ACTION_SECRET'];
