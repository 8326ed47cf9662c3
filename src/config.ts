import { z } from 'zod';
import { PRODUCT_ID } from './config-schema';
import { type Environment, readSources, setIn, type Sources } from './config-sources';
import { ProductIds, SECRETS, Trying, Variables } from './config-variables';
import type { Patience } from './domain/request-run';
import type { VendorSettings } from './sdk/vendor';
import { type SelectionByProduct, selectionByProduct, Selections } from './selection';
import { TemplateNames } from './template-name';
import type { UsageTime } from './temporal/schedules';
import { temporalSecrets } from './temporal/settings';
import { earlyUsageTimes, UsageTimes, usageTimes } from './usage-times';
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
  /** Of product actions, those of all products; empty to answer none. */
  actionSecrets: string[];
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
  const file = options.file ?? setIn(env, 'CONNECT_PROCESSOR_CONFIG');
  const wanted = { names: NAMES, secrets: SECRETS, parts: PARTS, file };
  const { values, parts, problems, namedBy, unread } = readSources(env, wanted);

  const parsed = Settings.safeParse({ ...values, ...parts });
  const issues = parsed.error?.issues.filter(({ path }) => !unread.has(String(path[0]))) ?? [];
  problems.push(...issues.flatMap((issue) => sentences(issue, { file, namedBy })));
  problems.push(...strangers(parts, values['CONNECT_PRODUCTS']).map((sentence) => `${file}: ${sentence}`));
  problems.push(...samePorts(values));
  const usage = UsageSettings.safeParse({ ...values, ...parts });
  const isRead = !Object.keys(UsageSettings.shape).some((name) => unread.has(name));
  if (usage.success && isRead) problems.push(...earlyUsageTimes(usageTimesIn(usage.data)));
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return toConfig(parsed.data, file);
}

/** By what the usage is reported when. Apart from the others, so that what does not fit together here is said beside whatever else is wrong. */
const UsageSettings = z.object({
  ...Variables.pick({ CONNECT_PRODUCTS: true, USAGE_DAY: true, USAGE_TIME: true, USAGE_TIMEZONE: true }).shape,
  ...Parts.pick({ usage: true, selection: true }).shape,
});

function usageTimesIn({ CONNECT_PRODUCTS: products, usage, selection, ...rest }: z.infer<typeof UsageSettings>) {
  const inUse = products.filter((id) => selection.products?.[id]?.process !== false);
  return usageTimes(usage, inUse, { day: rest.USAGE_DAY, time: rest.USAGE_TIME, timeZone: rest.USAGE_TIMEZONE });
}

const PORTS = ['METRICS_PORT', 'HEALTH_PORT'];

/** The second of two that listen at one port would say of the first that it is in use. */
function samePorts(values: Readonly<Record<string, string | undefined>>): string[] {
  const set = PORTS.filter((name) => values[name] !== undefined);
  return set.flatMap((name, at) => {
    const same = set.slice(0, at).find((before) => Number(values[before]) === Number(values[name]));
    return same === undefined ? [] : [`${name} must be another port than ${same}`];
  });
}

function toConfig(settings: z.infer<typeof Settings>, file: string | undefined): Config {
  const { templates, CONNECT_API_URL: connectUrl, CONNECT_PRODUCTS: products } = settings;
  const selections = selectionByProduct(settings.selection, settings, { products, connectUrl });
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
    usageTimes: usageTimesIn(settings),
    listen: {
      port: settings.LISTEN_PORT,
      host: settings.LISTEN_HOST,
      webhookSecret: settings.WEBHOOK_SECRET,
      webhookUrl: settings.WEBHOOK_URL,
      actionSecrets: settings.ACTION_SECRET,
      validationMs: settings.VALIDATION_TIME_LIMIT,
      validationStrict: settings.VALIDATION_STRICT === 'true',
    },
    metricsPort: settings.METRICS_PORT,
    healthPort: settings.HEALTH_PORT,
    logLevel: settings.LOG_LEVEL,
  };
}

/** What must not be seen in a log or an error: of the configuration, and of this process's settings for Temporal. */
export function secretsOf({ connect, vendor, listen }: Config): (string | undefined)[] {
  return [connect.apiKey, vendor.apiKey, listen.webhookSecret, ...listen.actionSecrets, ...temporalSecrets()];
}

/** What is wrong, with its place: `LOG_LEVEL must be …`, `file.json: templates.types.cancle: no such …`. */
function sentences(
  issue: z.core.$ZodIssue,
  { file, namedBy }: { file: string | undefined } & Pick<Sources, 'namedBy'>,
): string[] {
  const { path, message } = issue;
  const inFile = namedBy[String(path[0])];
  if (inFile !== undefined) return [`${inFile} names a file whose content ${message}`];
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
