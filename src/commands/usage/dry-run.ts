import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { noUsageHook } from '../../../activities/usage';
import { keptFiles } from '../../../activities/usage-not-selected';
import { withdrawnUsage } from '../../../activities/usage-withdrawn';
import { buildWorkbook, countUsage, readReport, type UsageSource } from '../../../activities/usage-reader';
import { type Config, secretsOf } from '../../config';
import { withConnect } from '../../connect/client';
import {
  type ContractUsage,
  describeBad,
  type KeptFile,
  type NotSelected,
  usageFileId,
  type UsageReport,
} from '../../domain/usage';
import { createRedactor, type Redact } from '../../domain/redact';
import type { Logger } from '../../sdk/request-context';
import { usageReporting } from '../../sdk/usage';
import type { Vendor } from '../../sdk/vendor';
import { printError } from '../print';

export interface DryRun {
  /** `file` is missing where bad records would hold it back. */
  workbooks: (ContractUsage & { file: string | undefined })[];
  /** Records that are left out, since the configuration does not select their subscriptions. */
  notSelected: NotSelected[];
  /** Usage files that Connect has of contracts of which every record is left out. */
  kept: KeptFile[];
  /** Contracts that have a usage file of the month, and of which nothing is reported. */
  withdrawn: string[];
  /** Records that belong to no subscription of the product. */
  lost: number;
  /** A line for each bad record, of the first ones. */
  bad: string[];
}

/** So often it is said how far it has come. */
const SAY_EVERY_MS = 10_000;

/**
 * Everything up to the first change: asks the vendor, reads in Connect, and writes to disk what would be uploaded. What takes long is said on
 * standard error meanwhile: the vendor's hook may be silent for minutes.
 */
export async function dryRun(
  config: Config,
  hook: Vendor['usage'],
  of: UsageReport,
  folder: string,
  sayEveryMs = SAY_EVERY_MS,
): Promise<DryRun> {
  if (!hook) throw new Error(noUsageHook(of.productId));
  const { signal } = new AbortController();
  const redact = createRedactor(secretsOf(config));
  return await withConnect(config.connect, async (connect) => {
    const [reporting, selection] = [usageReporting(hook), config.selections[of.productId]];
    const source: UsageSource = { connect, reporting, selection, signal, log: onStandardError(redact), redact };
    const badHoldsBack = reporting.badRecordHoldsBack !== 'record';
    let read = 0;
    async function* reads() {
      for await (const one of readReport(source, of)) {
        read += 1;
        yield one;
      }
    }
    const asking = () => `the vendor is asked for the records of ${of.productId} in ${of.period}: ${read} read so far`;
    const counted = await saying(asking, countUsage(reads(), badHoldsBack), sayEveryMs);
    await mkdir(folder, { recursive: true });
    const workbooks: DryRun['workbooks'] = [];
    for (const contract of counted.contracts) {
      const { contractId } = contract;
      const building = () => `the vendor is asked again, for the workbook of ${contractId}`;
      const built = buildWorkbook(source, { ...of, contractId });
      const { workbook, badCount } = await saying(building, built, sayEveryMs);
      const file =
        badHoldsBack && badCount > 0 ? undefined : path.join(folder, `${usageFileId({ ...of, contractId })}.xlsx`);
      if (file) await writeFile(file, workbook);
      workbooks.push({ ...contract, file });
    }
    const { notSelected, lost, bad } = counted;
    const known = await connect.usageFiles.ofProducts([of.productId]);
    const kept = keptFiles(of, counted, known);
    const withdrawn = withdrawnUsage(of, counted, known, selection).map(({ contractId }) => contractId);
    return { workbooks, notSelected, kept, withdrawn, lost, bad: bad.map(describeBad) };
  });
}

/** Says what is done, and for how long by now, until it is done. */
async function saying<T>(what: () => string, done: Promise<T>, everyMs: number): Promise<T> {
  const begun = performance.now();
  const timer = setInterval(
    () => printError(`${what()}, ${Math.round((performance.now() - begun) / 1000)} s by now`),
    everyMs,
  );
  try {
    return await done;
  } finally {
    clearInterval(timer);
  }
}

/** What the vendor's hook logs. */
function onStandardError(redact: Redact): Logger {
  const say = (message: string) => printError(redact(message));
  return { debug: say, info: say, warn: say, error: say };
}
