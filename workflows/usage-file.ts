import { ApplicationFailure, log, makeContinueAsNewFunc, metricMeter } from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import {
  type NothingSent,
  type SentUsage,
  UPLOAD_STEP,
  usageFileId,
  type UsageFileInput,
  type UsageFileResult,
} from '../src/domain/usage';
import { createSteps } from './parking';
import { searchAttributesOfNextRun } from './progress';
import { usage } from './proxies';

const ended = metricMeter.createCounter('connect_usage_files_ended', 'files', 'Usage files by outcome');

const leftOut = metricMeter.createCounter(
  'connect_usage_records_left_out',
  'records',
  'Bad usage records that were left out of their file, since the vendor says that each holds back itself alone',
);

/** So many looks fit into one run's history. */
const MOST_LOOKS = 200;

/**
 * The life of one usage file: upload, wait until Connect has read it, submit, wait for the distributor. Its workflow id is also the file's
 * `external_id`. A file that Connect or the distributor refuses parks; `reprocess` then builds a corrected workbook for the same file.
 */
export async function usageFile(input: UsageFileInput): Promise<UsageFileResult> {
  const { productId, contractId, period } = input;
  const id = usageFileId(input);
  const about = `usage of ${productId} in ${period} under ${contractId}`;
  const { step, wait, park } = createSteps({ id, about, patience: input.patience });

  const upload = async (anew: boolean) =>
    await step(UPLOAD_STEP, (options) => usage.uploadUsage.executeWithOptions(options, [input, { anew }]));
  let sent: SentUsage | undefined = input.sent;
  try {
    if (!sent) {
      const uploaded = await upload(false);
      if (uploaded.kind === 'nothing') return end(nothing(uploaded));
      sent = uploaded;
    }
    const { fileId } = sent;
    const isAsSent = async (of: SentUsage) =>
      await step('check totals', (options) => usage.checkUsageTotals.executeWithOptions(options, [of]));

    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const stage = await step('look at usage file', (options) =>
        usage.readUsageStage.executeWithOptions(options, [fileId]),
      );
      switch (stage) {
        case 'processing':
          await wait(pause(looks, 60), 'Connect reads the workbook');
          break;
        case 'ready':
          if (await isAsSent(sent)) {
            await step('submit', (options) => usage.submitUsageFile.executeWithOptions(options, [fileId]));
          } else {
            if (sent.fresh) throw mismatch(fileId);
            const again = await upload(true);
            if (again.kind === 'nothing') {
              if (again.kept) return end(nothing(again));
              throw mismatch(fileId);
            }
            sent = again;
          }
          break;
        case 'pending':
          await wait(pause(looks + 5, 3_600), 'the distributor looks at it');
          break;
        case 'accepted':
        case 'closed': {
          const differs = !sent.fresh && !(await isAsSent(sent));
          if (differs) log.warn('the usage file in Connect says something else than the vendor does now', { fileId });
          const { rows, totals, bad, notSelected } = sent;
          return end({ outcome: stage, fileId, rows, totals, bad, notSelected, differs });
        }
        case 'deleted':
          return end({ outcome: 'deleted', fileId });
      }
    }
  } catch (error) {
    await park(error);
    sent = undefined;
  }
  return await makeContinueAsNewFunc<typeof usageFile>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
    typedSearchAttributes: searchAttributesOfNextRun(),
  })({ ...input, sent });
}

function nothing({ bad, notSelected, kept }: NothingSent): UsageFileResult {
  return { outcome: 'nothing', fileId: kept, bad, notSelected };
}

function mismatch(fileId: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureType.USAGE_MISMATCH,
    message: `Connect has read other totals from ${fileId} than were uploaded; it is not submitted.`,
    nonRetryable: true,
  });
}

function end(result: UsageFileResult): UsageFileResult {
  ended.add(1, { outcome: result.outcome });
  if (result.bad) leftOut.add(result.bad);
  log.info(`usage file ${result.outcome}`, { ...result, totals: undefined });
  return result;
}

/** The pause before the nth look, n from 0, in seconds: one, then twice as long each time, up to the longest. */
function pause(n: number, longest: number): number {
  return Math.min(2 ** Math.min(n, 20), longest);
}
