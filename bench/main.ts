import { cpus } from 'node:os';
import { Command } from 'commander';
import { atLeastOne, wholeNumber } from '../src/commands/numbers';
import { print, printTable } from '../src/commands/print';
import { type Stack, type StackOptions, startStack } from '../src/commands/stack';
import { POLL_SCHEDULE_ID } from '../src/domain/ids';
import { measureControl } from './control';
import { type HookFigures, measureHooks, ROUNDS_APART_MS } from './hooks';
import { type IdleFigures, measureIdleRounds } from './idle-rounds';
import { measurePurchases, type PurchaseFigures } from './purchases';
import { measureUsage, type UsageFigures } from './usage';

interface BenchOptions {
  purchases: number;
  latency: number[];
  idle: number;
  usage: number;
  hooks: number;
  json?: boolean;
}

interface Throughput {
  purchases: PurchaseFigures[];
  /** The mean of two runs, one before and one after the purchases. */
  control: { workflows: number; perSecond: number; runs: number[] };
}

interface Figures extends Throughput {
  idleRounds: IdleFigures[];
  /** Undefined where none was asked for. */
  usage: UsageFigures | undefined;
  /** The same. */
  hooks: HookFigures | undefined;
}

const program = new Command('bench')
  .description('Measures the product on this machine: sandbox, Temporal server and one worker process share it')
  .option('--purchases <n>', 'how many are placed at once, and how many workflows the control has', atLeastOne, 1000)
  .option(
    '--latency <ms,…>',
    'what every call to Connect and to the vendor takes; a run for each',
    latencies,
    [50, 200],
  )
  .option('--idle <n>', 'open requests beside which an idle round is measured; 0 leaves that out', wholeNumber, 2000)
  .option(
    '--usage <n>',
    'usage records that a month has, in one file, to the nearest 2,000; 0 leaves that out',
    wholeNumber,
    100_000,
  )
  .option('--hooks <n>', 'purchases that webhooks alone tell of; 0 leaves that out', wholeNumber, 60)
  .option('--json', 'the figures as JSON')
  .action(async (options: BenchOptions) => {
    const figures = await measure(options, progress(process.stderr));
    if (options.json) print(JSON.stringify(figures, null, 2));
  });
program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1); // what was started ends with this process
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** Prints each part as soon as it is measured, but for JSON: all of it takes minutes. */
async function measure({ json, ...options }: BenchOptions, report: (line: string) => void): Promise<Figures> {
  const shown = <T>(figures: T, show: (figures: T) => void): T => {
    report('');
    if (!json) show(figures);
    return figures;
  };
  const throughput = shown(await measureThroughput(options, report), showThroughput);
  const idleRounds: IdleFigures[] = [];
  for (const open of options.idle > 0 ? [0, options.idle] : []) {
    idleRounds.push(shown(await measureIdle(open, report), showIdle));
  }
  const [latencyMs = 0] = options.latency;
  const ofUsage = (stack: Stack) => measureUsage(stack, options.usage, latencyMs, (line) => report(`usage: ${line}`));
  const ofHooks = (stack: Stack) =>
    measureHooks(stack, options.hooks, latencyMs, (line) => report(`webhooks: ${line}`));
  return {
    ...throughput,
    idleRounds,
    usage: options.usage > 0 ? shown(await onStack(report, ofUsage), showUsage) : undefined,
    hooks:
      options.hooks > 0
        ? shown(await onStack(report, ofHooks, { pollIntervalMs: ROUNDS_APART_MS }), showHooks)
        : undefined,
  };
}

async function measureThroughput(
  { purchases, latency }: Pick<BenchOptions, 'purchases' | 'latency'>,
  report: (line: string) => void,
): Promise<Throughput> {
  const control = () =>
    onStack(report, (stack) => measureControl(stack, purchases, (line) => report(`control: ${line}`)));
  const before = await control();
  const perLatency: PurchaseFigures[] = [];
  for (const latencyMs of latency) {
    perLatency.push(
      await onStack(report, (stack) =>
        measurePurchases(stack, purchases, latencyMs, (line) => report(`purchases at ${latencyMs} ms: ${line}`)),
      ),
    );
  }
  const runs = [before, await control()]; // a machine is not equally fast all the time: one on either side
  const perSecond = runs.reduce((sum, each) => sum + each) / runs.length;
  return { purchases: perLatency, control: { workflows: purchases, perSecond, runs } };
}

async function measureIdle(open: number, report: (line: string) => void): Promise<IdleFigures> {
  return await onStack(report, async (stack) => {
    const schedule = stack.client.schedule.getHandle(POLL_SCHEDULE_ID);
    await schedule.pause('rounds are triggered one by one');
    return await measureIdleRounds(stack, open, (line) => report(`idle rounds: ${line}`));
  });
}

/** Each run begins with an empty server, since histories of an earlier one would slow it down. */
async function onStack<T>(
  report: (line: string) => void,
  use: (stack: Stack) => Promise<T>,
  options: Pick<StackOptions, 'pollIntervalMs'> = {},
): Promise<T> {
  const stack = await startStack({ env: process.env, report, settings: { LOG_LEVEL: 'warn' }, ...options });
  try {
    return await use(stack);
  } finally {
    await stack.close();
  }
}

function showThroughput({ purchases, control }: Throughput): void {
  const columns = purchases.map((figures) => [
    `${figures.latencyMs} ms`,
    figures.perSecond.toFixed(1),
    (figures.perSecond / control.perSecond).toFixed(2),
    ...[figures.orderToApprovedP50, figures.orderToApprovedP95].map((ms) => `${(ms / 1000).toFixed(1)} s`),
    figures.connectCallsPerPurchase.toFixed(2),
    String(figures.otherConnectCalls),
    `${figures.historyEvents.least} to ${figures.historyEvents.most}`,
    figures.workerCpuMsPerPurchase?.toFixed(0) ?? 'only measured on Linux',
    figures.workerPeakMb?.toFixed(0) ?? 'only measured on Linux',
  ]);
  const names = [
    ...['latency of each call', 'purchases a second', 'ratio to the control'],
    ...['order to approved, p50', 'order to approved, p95', 'Connect calls a purchase', 'other Connect calls'],
    ...['history events a purchase', 'worker CPU ms a purchase', 'worker peak memory, MB'],
  ];
  print(
    `${purchases[0]?.purchases} purchases at once; ${cpus().length} cores for sandbox, server and worker together\n`,
  );
  printTable(names.map((name, i) => [name, ...columns.map((column) => column[i] ?? '')]));
  const [before = NaN, after = NaN] = control.runs;
  print(`\ncontrol: ${control.workflows} workflows of three empty activities`);
  print(`  ${before.toFixed(1)} a second before the purchases, ${after.toFixed(1)} after\n`);
}

function showIdle({ openRequests, durationMsP50, connectCallsPerRound, workerCpuMsPerRound }: IdleFigures): void {
  const cpu = workerCpuMsPerRound === undefined ? '' : `, ${workerCpuMsPerRound.toFixed(0)} ms of worker CPU`;
  print(
    `an idle round beside ${openRequests} open requests: ${durationMsP50} ms, ${connectCallsPerRound} calls to Connect${cpu}`,
  );
}

function showHooks({ purchases, latencyMs, oneAfterAnother, twoASecond }: HookFigures): void {
  print(
    `\n${purchases} purchases that a webhook alone told of, at ${latencyMs} ms a call; order to approved, p50 and p95`,
  );
  for (const [how, { p50, p95 }] of [
    ['one after another', oneAfterAnother],
    ['two a second', twoASecond],
  ] as const) {
    print(`  ${how}: ${(p50 / 1000).toFixed(2)} s, ${(p95 / 1000).toFixed(2)} s`);
  }
}

function showUsage({ records, seconds, uploads, workerCpuMs, workerPeakMb }: UsageFigures): void {
  const cpu = workerCpuMs === undefined ? '' : `, ${(workerCpuMs / 1000).toFixed(1)} s of worker CPU`;
  const memory = workerPeakMb === undefined ? '' : `, worker peak memory ${workerPeakMb.toFixed(0)} MB`;
  print(
    `\na month of ${records} usage records: ${seconds.toFixed(1)} s until it is submitted, ${uploads} upload${cpu}${memory}`,
  );
}

const LINE_EVERY_MS = 10_000;

/** One line that renews itself on a terminal; elsewhere a line now and then. On standard error, so that figures can be piped. */
function progress(output: NodeJS.WriteStream): (line: string) => void {
  if (output.isTTY) return (line) => void output.write(`\r\x1b[2K${line}`);
  let last = 0;
  return (line) => {
    if (line === '' || Date.now() - last < LINE_EVERY_MS) return;
    last = Date.now();
    output.write(`${line}\n`);
  };
}

function latencies(text: string): number[] {
  return text.split(',').map(wholeNumber);
}
