import { DefaultLogger, type Logger, type LogLevel, type LogMetadata, Runtime } from '@temporalio/worker';
import pino from 'pino';
import { failurePolicy } from './domain/failure-type';
import { requestKind } from './domain/ids';
import { printable } from './domain/printable';

export interface TelemetryOptions {
  level: 'debug' | 'info' | 'warn' | 'error';
  /** Port of the Prometheus endpoint, `/metrics`; undefined for none. */
  metricsPort: number | undefined;
  redact(text: string): string;
}

/** The signals at which a worker stops in order. */
export const SHUTDOWN_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

/** What of a log record's surroundings is worth a place in each line. Everything else of Temporal's stays out. */
const KEPT = ['workflowType', 'activityType', 'attempt', 'runId'];
const DROPPED = new Set([
  'workflowId',
  'namespace',
  'taskQueue',
  'taskToken',
  'activityId',
  'isLocal',
  'sdkComponent',
  'sinkCallIsReplaying',
  ...KEPT,
]);

const LEVELS: Record<LogLevel, pino.Level> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

export interface Telemetry {
  log: Logger;
  /** Lets the process end: Temporal's runtime keeps it, and its signals, until then. Safe to repeat. */
  close(): Promise<void>;
}

/**
 * Installs logs and metrics for this process: JSON lines on standard output, each with the id of the request it is about, and Temporal's and
 * our own metrics on one Prometheus port. Once a process, before anything of Temporal's.
 */
export function installTelemetry({ level, metricsPort, redact }: TelemetryOptions): Telemetry {
  const lines = pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void process.stdout.write(printable(redact(line))) },
  );
  const logger = new DefaultLogger(level.toUpperCase() as LogLevel, ({ level, message, meta }) =>
    lines[LEVELS[level]](fieldsOf(meta), message),
  );

  Runtime.install({
    logger,
    shutdownSignals: [...SHUTDOWN_SIGNALS],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsPort !== undefined && {
        metrics: {
          prometheus: {
            bindAddress: `0.0.0.0:${metricsPort}`,
            countersTotalSuffix: true,
            unitSuffix: true,
            useSecondsForDurations: true,
            histogramBucketOverrides: {
              connect_round_duration: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
              connect_call_duration: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 45],
            },
          },
        },
      }),
    },
  });
  return { log: logger, close: () => Runtime.instance().shutdown() };
}

function fieldsOf({ workflowRunId, ...surroundings }: LogMetadata = {}): Record<string, unknown> {
  const meta: LogMetadata = { runId: workflowRunId as unknown, ...surroundings }; // one name for the SDK's two
  const { workflowId, requestId = requestIdOf(workflowId) } = meta as { workflowId?: string; requestId?: string };
  const isTemporals = meta['sdkComponent'] !== undefined; // our own lines hold nothing that is not meant
  const fields: Record<string, unknown> = { ...(requestId && { requestId }) };
  for (const name of KEPT) if (meta[name] !== undefined) fields[name] = meta[name];
  for (const [name, value] of Object.entries(meta)) {
    if (DROPPED.has(name) && (isTemporals || name === 'workflowId')) continue;
    if (isError(value)) Object.assign(fields, { [name]: shown(value), todo: failurePolicy(value.type)?.action });
    else fields[name] = value;
  }
  return fields;
}

/** An error as it is logged: of a failure its type too, by which docs/errors.md finds it, and what was behind it, which a client may say there alone. */
function shown({ type, message, cause, stack }: LoggedError) {
  return { ...(typeof type === 'string' && { type }), message, ...(isError(cause) && { cause: cause.message }), stack };
}

function requestIdOf(workflowId: string | undefined): string | undefined {
  return workflowId !== undefined && requestKind(workflowId) ? workflowId : undefined;
}

type LoggedError = Error & { type?: string };

function isError(value: unknown): value is LoggedError {
  return typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
}
