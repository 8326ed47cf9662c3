import { log, metricMeter } from '@temporalio/workflow';
import type { NothingSent, UsageFileOf, UsageFileResult } from '../src/domain/usage';

const ended = metricMeter.createCounter('connect_usage_files_ended', 'files', 'Usage files by outcome');

const leftOut = metricMeter.createCounter(
  'connect_usage_records_left_out',
  'records',
  'Bad usage records that were left out of their file, since the vendor says that each holds back itself alone',
);

/** Counts and logs how a usage file's run ends. @param of for the log, where the result names no file */
export function end(result: UsageFileResult, of?: UsageFileOf): UsageFileResult {
  ended.add(1, { outcome: result.outcome });
  log.info(`usage file ${result.outcome}`, { ...of, ...result, totals: undefined, inConnect: undefined });
  return result;
}

/** The end of one of which nothing is sent. */
export function endWithNothing({ bad, notSelected, kept }: NothingSent): UsageFileResult {
  countLeftOut(bad);
  return end({ outcome: 'nothing', fileId: kept, bad, notSelected });
}

/** Bad records that are in no file, and hold none back. */
export function countLeftOut(records: number): void {
  if (records > 0) leftOut.add(records);
}
