import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import { PRODUCT_ID } from './config-schema';
import { type Environment, readSources } from './config-sources';
import { DEFAULT_TASK_QUEUE } from './domain/ids';
import { DEFAULT_PATIENCE, LONGEST_WAIT_SECONDS, type Patience } from './domain/request-run';
import type { VendorSettings } from './sdk/vendor';
import { type SelectionByProduct, selectionByProduct, Selections, SelectionVariables } from './selection';
import { TemplateNames } from './template-name';
import type { UsageTime } from './temporal/schedules';
import { earlyUsageTimes, TimeOfDay, TimeZone, UsageDay, UsageTimes, usageTimes } from './usage-times';
import { type VendorFile, vendorFiles, VendorModules } from './vendor-files';

/** Everything that can be set, parsed. Where Temporal is, its own variables say. Durations are in milliseconds. */
export interface Config {
  connect: { url: string; apiKey: string; products: string[]; requestsPerSecond: number };
  /** Which requests are processed, for each product. */
  selections: SelectionByProduct;
  templates: TemplateNames;
  vendor: VendorSettings;
  /** By product: the module that serves it, where the file names one. */
  vendorFiles: Readonly<Record<string, VendorFile>>;
  taskQueue: string;
  pollIntervalMs: number;
  fullSweepIntervalMs: number;
  patience: Patience;
  /** When the usage of each product is reported; without those of which it is not. */
  usageTimes: UsageTime[];
  /** What Connect calls us by. */
  listen: ListenConfig;
  metricsPort: number | undefined;
  healthPort: number | undefined;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** The doors that Connect calls. */
export interface ListenConfig {
  port: number | undefined;
  host: string;
  /** Of event webhooks and validators. */
  webhookSecret: string | undefined;
  /** Where Connect reaches us from outside, without a trailing slash. */
  webhookUrl: string | undefined;
  /** Of product actions. */
  actionSecret: string | undefined;
  validationMs: number;
  validationStrict: boolean;
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
  return z.coerce.number({ error }).min(least, error).max(most, error);
};
const port = numberBetween(1, 65535).int('must be a whole number').optional();
const url = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((text) => text.replace(/\/+$/, ''));

const ProductIds = z
  .string({ error: 'is not set: give the ids of your products, separated by commas' })
  .transform((text) => [...new Set(text.split(',').map((id) => id.trim()))].filter(Boolean))
  .pipe(
    z
      .array(z.string().regex(PRODUCT_ID, 'must be ids such as PRD-000-000-000, separated by commas'))
      .min(1, 'is empty: give the ids of your products, separated by commas'),
  );

/** Every variable, by its name in the environment. `docs/configuration.md` describes each. An empty text never gets here. */
const Variables = z.object({
  CONNECT_API_URL: url.default('https://api.connect.cloudblue.com/public/v1'),
  CONNECT_API_KEY: z
    .string({ error: 'is not set: create a token in the Connect portal (Integrations, Tokens)' })
    .regex(/^(ApiKey )?SU-[\d-]+:\S+$/, 'must look like "ApiKey SU-000-000-000:…", with or without "ApiKey "'),
  CONNECT_PRODUCTS: ProductIds,
  CONNECT_REQUESTS_PER_SECOND: numberBetween(0.1, 1000).default(50),
  ...SelectionVariables.shape,
  CONNECT_ACTIVATION_TEMPLATE: z.string().optional(),
  CONNECT_INQUIRE_TEMPLATE: z.string().optional(),
  VENDOR_API_URL: url.optional(),
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
  LISTEN_HOST: z.string().default('127.0.0.1'),
  WEBHOOK_SECRET: z
    .string()
    .min(16, 'must have 16 to 100 characters')
    .max(100, 'must have 16 to 100 characters')
    .optional(),
  WEBHOOK_URL: url.optional(),
  ACTION_SECRET: z.string().min(8, 'must have 8 characters or more').optional(),
  VALIDATION_TIME_LIMIT: duration('5s', 100),
  VALIDATION_STRICT: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
  METRICS_PORT: port,
  HEALTH_PORT: port,
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default('info'),
});

/** Two that must fit together. Apart from the others, since a schema compares only where all else in it is right. */
const Trying = z
  .object({
    RETRY_QUIETLY_FOR: duration(ms(DEFAULT_PATIENCE.quietMs), 1),
    RETRY_FOR: duration(ms(DEFAULT_PATIENCE.retryMs), 1),
  })
  .refine(({ RETRY_FOR, RETRY_QUIETLY_FOR }) => RETRY_FOR >= RETRY_QUIETLY_FOR, {
    path: ['RETRY_FOR'],
    error: 'must not be shorter than RETRY_QUIETLY_FOR',
  });

/** What can be set in the file alone, since it differs by product or by type of request. */
const Parts = z.object({
  templates: TemplateNames.default({}),
  usage: UsageTimes.default({}),
  selection: Selections.default({}),
  vendors: VendorModules.default({}),
});

/** All that can be set. */
const Settings = Variables.and(Trying).and(Parts);

const NAMES = [...Object.keys(Variables.shape), ...Object.keys(Trying.shape)];
const PARTS = Object.keys(Parts.shape);

/** Those that may hold a secret: each may name a file instead, as `…_FILE`. */
const SECRETS = ['CONNECT_API_KEY', 'VENDOR_API_KEY', 'WEBHOOK_SECRET', 'ACTION_SECRET'];

/** The names of all variables that are read here. */
export const VARIABLES: readonly string[] = [
  ...NAMES,
  ...SECRETS.map((name) => `${name}_FILE`),
  'CONNECT_PROCESSOR_CONFIG',
];

/**
 * Reads the configuration: the environment, and below it a JSON file. The only reader of `process.env`.
 *
 * @param options.file wins over `CONNECT_PROCESSOR_CONFIG`
 * @throws ConfigError with every problem at once, each naming its variable, none showing a value
 */
export function loadConfig(env: Environment = process.env, options: { file?: string | undefined } = {}): Config {
  const file = options.file ?? env['CONNECT_PROCESSOR_CONFIG'];
  const wanted = { names: NAMES, secrets: SECRETS, parts: PARTS, file };
  const { values, parts, problems, unread } = readSources(env, wanted);

  const parsed = Settings.safeParse({ ...values, ...parts });
  const issues = parsed.error?.issues.filter(({ path }) => !unread.has(String(path[0]))) ?? [];
  problems.push(...issues.flatMap((issue) => sentences(issue, file)));
  problems.push(...strangers(parts, values['CONNECT_PRODUCTS']).map((sentence) => `${file}: ${sentence}`));
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)]);
  const config = toConfig(parsed.data, file);
  const early = earlyUsageTimes(config.usageTimes);
  if (early.length > 0) throw new ConfigError(early);
  return config;
}

function toConfig(settings: z.infer<typeof Settings>, file: string | undefined): Config {
  const { templates, CONNECT_API_URL: connectUrl, CONNECT_PRODUCTS: products } = settings;
  const selections = selectionByProduct(settings.selection, settings, { products, connectUrl });
  const inUse = products.filter((id) => selections[id]?.process);
  return {
    connect: {
      url: connectUrl,
      apiKey: settings.CONNECT_API_KEY,
      products,
      requestsPerSecond: settings.CONNECT_REQUESTS_PER_SECOND,
    },
    selections,
    templates: {
      ...templates,
      activation: settings.CONNECT_ACTIVATION_TEMPLATE ?? templates.activation,
      inquire: settings.CONNECT_INQUIRE_TEMPLATE ?? templates.inquire,
    },
    vendor: {
      apiUrl: settings.VENDOR_API_URL,
      apiKey: settings.VENDOR_API_KEY,
      exampleAllowed: settings.EXAMPLE_VENDOR === 'allow',
    },
    vendorFiles: vendorFiles(settings.vendors, file),
    taskQueue: settings.TASK_QUEUE,
    pollIntervalMs: settings.POLL_INTERVAL,
    fullSweepIntervalMs: settings.FULL_SWEEP_INTERVAL,
    patience: {
      quietMs: settings.RETRY_QUIETLY_FOR,
      retryMs: settings.RETRY_FOR,
      parkedMs: settings.PARKED_FOR,
    },
    usageTimes: usageTimes(settings.usage, inUse, {
      day: settings.USAGE_DAY,
      time: settings.USAGE_TIME,
      timeZone: settings.USAGE_TIMEZONE,
    }),
    listen: {
      port: settings.LISTEN_PORT,
      host: settings.LISTEN_HOST,
      webhookSecret: settings.WEBHOOK_SECRET,
      webhookUrl: settings.WEBHOOK_URL,
      actionSecret: settings.ACTION_SECRET,
      validationMs: settings.VALIDATION_TIME_LIMIT,
      validationStrict: settings.VALIDATION_STRICT === 'true',
    },
    metricsPort: settings.METRICS_PORT,
    healthPort: settings.HEALTH_PORT,
    logLevel: settings.LOG_LEVEL,
  };
}

/** What must not be seen in a log or an error. */
export function secretsOf({ connect, vendor, listen }: Config): (string | undefined)[] {
  return [connect.apiKey, vendor.apiKey, listen.webhookSecret, listen.actionSecret];
}

/** What is wrong, with its place: `LOG_LEVEL must be …`, `file.json: templates.types.cancle: no such …`. */
function sentences(issue: z.core.$ZodIssue, file: string | undefined): string[] {
  const { path, message } = issue;
  const prefix = PARTS.includes(String(path[0])) ? `${file}: ` : '';
  const place = path.filter((part) => typeof part === 'string');
  if (issue.code !== 'unrecognized_keys') return [`${prefix}${place.join('.')} ${message}`];
  return issue.keys.map((key) => `${prefix}${[...place, key].join('.')}: ${message}`);
}

/** Products that the file has settings for and that are not ours. Looked for apart, so that it is said beside whatever else is wrong. */
function strangers(parts: Record<string, unknown>, listed: string | undefined): string[] {
  const ours = ProductIds.safeParse(listed);
  if (!ours.success) return [];
  return Object.entries(parts).flatMap(([part, content]) => {
    const named = z.object({ products: z.record(z.string(), z.unknown()) }).safeParse(content);
    const ids = Object.keys(named.data?.products ?? {});
    return ids
      .filter((id) => PRODUCT_ID.test(id) && !ours.data.includes(id))
      .map((id) => `${part}.products.${id}: CONNECT_PRODUCTS does not list this product, so nothing would use it`);
  });
}
