import { userInfo } from 'node:os';
import { Command } from 'commander';
import { type CommandContext, EXIT, UsageError } from './command';
import { withConnect } from '../connect/client';
import type { UsageFile } from '../connect/usage-files';
import { failurePolicy } from '../domain/failure-type';
import type { Progress } from '../domain/messages';
import {
  describeKept,
  describeNotSelected,
  HANDED_IN_STEP,
  READING_STEP,
  type ReportUsageResult,
  SUBMIT_STEP,
  usageReportId,
  type UsageReport,
  type UsageTotals,
  VERDICT_STEP,
} from '../domain/usage';
import { isOld, isOver, monthBefore, notOver, usagePeriod } from '../domain/usage-period';
import { withTemporal } from '../temporal/client';
import { reprocessEach } from '../temporal/request-runs';
import { startUsageReport, type UsageRun, usageRun } from '../temporal/usage-runs';
import { createFollower, isAmiss, isStuck, troubleOf } from './usage/follow';
import { heard } from './heard';
import { print, printTable } from './print';
import { dryRun, type DryRun } from './usage/dry-run';
import { list } from './usage/list';

type Exit = (code: number) => void;

/** By the status of a usage file, why it has it: Connect keeps these when the file goes on. */
const WHY: Readonly<Record<string, { label: string; of(file: UsageFile): string }>> = {
  invalid: { label: 'Connect finds', of: ({ error_detail }) => error_detail },
  rejected: { label: 'the distributor says', of: ({ rejection_note }) => rejection_note },
  accepted: { label: 'the distributor says', of: ({ acceptance_note }) => acceptance_note },
  closed: { label: 'the distributor says', of: ({ acceptance_note }) => acceptance_note },
};

/** A workflow of usage reporting, and the `external_id` of a usage file of ours. */
const USAGE_ID = /^usage-[\w-]+$/;

export function usageCommand(command: Command, context: CommandContext, exit: Exit): Command {
  return command
    .addCommand(report(context, exit))
    .addCommand(list(context))
    .addCommand(show(context, exit))
    .addCommand(reprocess(exit));
}

interface ReportOptions {
  product: string;
  period: string;
  dryRun?: boolean;
  old?: boolean;
  out?: string;
  json?: boolean;
}

function report(context: CommandContext, exit: Exit): Command {
  const lastMonth = monthBefore(new Date().toISOString().slice(0, 7));
  return new Command('report')
    .description(
      'Report a month of a product now, as its schedule would, until its files are in Connect; what is reported already stays as it is',
    )
    .requiredOption('--product <id>', 'PRD-…')
    .option('--period <month>', 'a month in UTC', lastMonth)
    .option('--dry-run', 'change nothing: write the workbooks to disk, and print what is in them')
    .option('--old', 'report a month that ended more than two years ago')
    .option('--out <folder>', 'where a dry run writes; default the folder that you are in')
    .option('--json', 'as JSON')
    .action(async ({ product: productId, period, dryRun: dry, old, out, json }: ReportOptions) => {
      if (out !== undefined && !dry)
        throw new UsageError(
          '--out is where a dry run writes, and without --dry-run the report is sent: give both, or neither.',
        );
      const config = context.config();
      if (!config.connect.products.includes(productId))
        throw new UsageError(`CONNECT_PRODUCTS does not list ${productId}.`);
      const of = { productId, period: checked(period) };
      if (!dry && !isOver(period, new Date()))
        throw new UsageError(`--period: ${notOver(period)} Try it with --dry-run.`);
      if (!dry && !old && isOld(period, new Date()))
        throw new UsageError(`--period: ${period} ended more than two years ago. To report it all the same: --old.`);
      if (dry) {
        const vendors = await context.vendors(config);
        const made = await dryRun(config, vendors.get(productId)?.usage, of, out ?? '.');
        if (json) print(JSON.stringify(made, null, 2));
        else printDryRun(made);
        if (made.bad.length > 0) exit(EXIT.failed);
        return;
      }
      await withTemporal(async ({ client }) => {
        const say = json ? () => undefined : print;
        const follow = createFollower(say);
        const state = await startUsageReport(client, of, config);
        say(`${usageReportId(of)} ${state === 'started' ? 'started' : 'is under way already'}`);
        const run = await follow(() => usageRun(client, usageReportId(of)));
        if (!json) printRun(run);
        if (isStuck(run)) exit(EXIT.failed);
        const files: UsageRun[] = [];
        for (const { workflowId, state, rows } of run.result && 'files' in run.result ? run.result.files : []) {
          const file = await follow(() => usageRun(client, workflowId), state === 'started' ? isUploaded : isCompared);
          files.push(file);
          if (!isAmiss(file, rows)) continue;
          if (!json) printRun(file);
          exit(EXIT.failed);
        }
        if (json) print(JSON.stringify({ ...run, files }, null, 2));
      });
    });
}

/** Its records have been checked, and are in Connect; those of a file that was found there have been compared. */
const isUploaded = ({ step }: Progress) => [READING_STEP, SUBMIT_STEP, HANDED_IN_STEP, VERDICT_STEP].includes(step);
/** The same of one that was under way, and was told what is reported now. At `submit` it may still be of what was counted before. */
const isCompared = ({ step }: Progress) => step === VERDICT_STEP;

function show(context: CommandContext, exit: Exit): Command {
  return new Command('show')
    .argument('<id>', 'UF-… of a usage file, or usage-… of a report or a usage file')
    .description('One report or usage file: what Connect says of it, and where its workflow stands')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      if (!/^UF-[\w-]+$/.test(id) && !USAGE_ID.test(id))
        throw new UsageError(`"${id}" is no id: give UF-… or usage-….`);
      await withConnect(context.config().connect, async (connect) => {
        const file = id.startsWith('UF-') ? await connect.usageFiles.get(id) : undefined;
        const workflowId = file?.external_id ?? id;
        const run = USAGE_ID.test(workflowId)
          ? await withTemporal(({ client }) => usageRun(client, workflowId))
          : undefined; // of a file that somebody made by hand
        if (!file && !run) throw new Error(`Temporal has no workflow ${id}, or keeps it no longer.`);
        if (json) return print(JSON.stringify({ file, run }, null, 2));
        if (file) printFile(file);
        if (run) printRun(run);
        const needsSomebody = run?.progress && run.progress.phase !== 'running';
        if (needsSomebody || run?.findings.includes('differs')) exit(EXIT.failed);
      });
    });
}

function printFile(file: UsageFile): void {
  const { id, name, status, records } = file;
  print(`${id}  ${name}  ${status}  ${records?.valid ?? 0} records`);
  const why = WHY[status];
  const said = why?.of(file);
  if (said) print(`  ${why?.label}: ${said}`);
}

function reprocess(exit: Exit): Command {
  return new Command('reprocess')
    .argument('<ids...>', 'usage-… of reports or usage files')
    .description('Try now: what was refused, invalid or rejected is built and sent anew; what waits is looked at')
    .option('--by <name>', 'who asks, kept in the history', userInfo().username)
    .action(async (ids: string[], { by }: { by: string }) => {
      for (const id of ids) {
        if (USAGE_ID.test(id)) continue;
        throw new UsageError(
          id.startsWith('UF-')
            ? `"${id}" is a usage file in Connect: give its workflow, usage-…, which \`connect-processor usage show ${id}\` names.`
            : `"${id}" is no id of a usage workflow: give usage-….`,
        );
      }
      await withTemporal(async ({ client }) => {
        for await (const answer of reprocessEach(client, ids, { by })) {
          print(`${answer.id}  ${heard(answer)}  ${answer.said}`);
          if (!answer.accepted) exit(EXIT.failed);
        }
      });
    });
}

/** @throws UsageError */
function checked(period: string): UsageReport['period'] {
  try {
    return usagePeriod(period).id;
  } catch (error) {
    throw new UsageError(`--period: ${String((error as Error).message)}`);
  }
}

function printRun({ id, status, progress, findings, result }: UsageRun): void {
  print(`${id}  ${status}${progress ? `  ${progress.phase} at "${progress.step}"` : ''}`);
  if (progress?.reason) print(`  ${troubleOf(progress)}`);
  for (const line of progress?.report ?? []) print(`  ${line}`);
  const action = failurePolicy(progress?.failureType)?.action;
  if (action) print(`  ${action}`);
  if (progress?.phase === 'parked') print(`  once that is mended: connect-processor usage reprocess ${id}`);
  if (findings.length > 0) print(`  findings: ${findings.join(', ')}`);
  if (!result) return;
  if ('files' in result) {
    print(`  ${result.outcome}`);
    for (const { workflowId, rows, totals, bad, state } of result.files) {
      print(`  ${workflowId}  ${state}  ${rows} records${bad > 0 ? `, ${bad} bad` : ''}`);
      printTotals(totals);
    }
    printLeftOut(result, '  ');
    return;
  }
  const { outcome, fileId, rows, notSelected = 0, totals, inConnect } = result;
  print(`  ${outcome}${fileId ? ` ${fileId}` : ''}${fileId && outcome === 'nothing' ? ', which stays as it is' : ''}`);
  if (notSelected > 0) print(`  ${notSelected} records are not selected`);
  if (inConnect) print(`  the vendor reports ${rows} records:`);
  if (totals) printTotals(totals);
  if (!inConnect) return;
  print(`  Connect has ${inConnect.rows}:`);
  printTotals(inConnect.totals);
}

/** What the configuration does not select. */
function printLeftOut(
  { notSelected = [], kept = [] }: Pick<ReportUsageResult, 'notSelected' | 'kept'>,
  indent = '',
): void {
  for (const one of notSelected) print(`${indent}${describeNotSelected(one)}`);
  for (const one of kept) print(`${indent}${describeKept(one)}`);
}

function printDryRun({ workbooks, withdrawn, lost, bad, ...leftOut }: DryRun): void {
  for (const { contractId, file, rows, totals, bad: count } of workbooks) {
    print(
      `${contractId}  ${rows} records${count > 0 ? `, ${count} bad` : ''}  ${file ?? 'no workbook: bad records hold it back'}`,
    );
    printTotals(totals);
  }
  for (const contractId of withdrawn) print(`${contractId}  no record any more, and Connect has a file of it`);
  if (workbooks.length === 0) print('nothing to report');
  printLeftOut(leftOut);
  if (lost > 0) print(`${lost} records belong to no subscription of this product`);
  for (const line of bad) print(`  ${line}`);
}

function printTotals(totals: UsageTotals): void {
  printTable(
    Object.entries(totals).map(([mpn, { quantity, amount }]) => ['   ', mpn, quantity, ...(amount ? [amount] : [])]),
  );
}
