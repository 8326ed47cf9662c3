import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { noUsageHook } from '../../activities/usage';
import { buildWorkbook, countUsage, readReport, type UsageSource } from '../../activities/usage-reader';
import { type ConnectClientOptions, withConnect } from '../connect/client';
import { type ContractUsage, describeBad, usageFileId, type UsageReport } from '../domain/usage';
import type { Logger } from '../sdk/request-context';
import { usageReporting } from '../sdk/usage';
import type { Vendor } from '../sdk/vendor';

export interface DryRun {
  /** `file` is missing where bad records would hold it back. */
  workbooks: (ContractUsage & { file: string | undefined })[];
  /** Records that belong to no subscription of the product. */
  lost: number;
  /** A line for each bad record, of the first ones. */
  bad: string[];
}

/** Everything up to the first change: asks the vendor, reads in Connect, and writes to disk what would be uploaded. */
export async function dryRun(
  options: ConnectClientOptions,
  hook: Vendor['usage'],
  of: UsageReport,
  folder: string,
): Promise<DryRun> {
  if (!hook) throw new Error(noUsageHook(of.productId));
  const { signal } = new AbortController();
  return await withConnect(options, async (connect) => {
    const source: UsageSource = { connect, reporting: usageReporting(hook), signal, log: toStandardError };
    const { contracts, lost, bad } = await countUsage(readReport(source, of));
    await mkdir(folder, { recursive: true });
    const workbooks: DryRun['workbooks'] = [];
    for (const contract of contracts) {
      const { contractId } = contract;
      const { workbook, badCount } = await buildWorkbook(source, { ...of, contractId });
      const heldBack = badCount > 0 && source.reporting.badRecordHoldsBack !== 'record';
      const file = heldBack ? undefined : path.join(folder, `${usageFileId({ ...of, contractId })}.xlsx`);
      if (file) await writeFile(file, workbook);
      workbooks.push({ ...contract, file });
    }
    return { workbooks, lost, bad: bad.map(describeBad) };
  });
}

const say = (message: string) => void process.stderr.write(`${message}\n`);
const toStandardError: Logger = { debug: say, info: say, warn: say, error: say };
