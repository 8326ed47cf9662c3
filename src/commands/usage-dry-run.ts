import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { noUsageHook } from '../../activities/usage';
import { keptFiles } from '../../activities/usage-not-selected';
import { withdrawnUsage } from '../../activities/usage-withdrawn';
import { buildWorkbook, countUsage, readReport, type UsageSource } from '../../activities/usage-reader';
import { type Config, secretsOf } from '../config';
import { withConnect } from '../connect/client';
import {
  type ContractUsage,
  describeBad,
  type KeptFile,
  type NotSelected,
  usageFileId,
  type UsageReport,
} from '../domain/usage';
import { createRedactor } from '../domain/redact';
import type { Logger } from '../sdk/request-context';
import { usageReporting } from '../sdk/usage';
import type { Vendor } from '../sdk/vendor';

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

/** Everything up to the first change: asks the vendor, reads in Connect, and writes to disk what would be uploaded. */
export async function dryRun(config: Config, hook: Vendor['usage'], of: UsageReport, folder: string): Promise<DryRun> {
  if (!hook) throw new Error(noUsageHook(of.productId));
  const { signal } = new AbortController();
  const redact = createRedactor(secretsOf(config));
  return await withConnect(config.connect, async (connect) => {
    const [reporting, selection] = [usageReporting(hook), config.selections[of.productId]];
    const source: UsageSource = { connect, reporting, selection, signal, log: toStandardError, redact };
    const badHoldsBack = reporting.badRecordHoldsBack !== 'record';
    const counted = await countUsage(readReport(source, of), badHoldsBack);
    await mkdir(folder, { recursive: true });
    const workbooks: DryRun['workbooks'] = [];
    for (const contract of counted.contracts) {
      const { contractId } = contract;
      const { workbook, badCount } = await buildWorkbook(source, { ...of, contractId });
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

const say = (message: string) => void process.stderr.write(`${message}\n`);
const toStandardError: Logger = { debug: say, info: say, warn: say, error: say };
