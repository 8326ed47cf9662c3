import {
  ApplicationFailure,
  defineSignal,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  metricMeter,
  patched,
  setHandler,
} from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import { RECOUNT } from '../src/domain/messages';
import {
  type ContractUsage,
  type NothingSent,
  type SentUsage,
  type UploadResult,
  UPLOAD_STEP,
  usageFileId,
  type UsageFileInput,
  type UsageFileOf,
  type UsageFileResult,
} from '../src/domain/usage';
import { createSteps } from './parking';
import { searchAttributesOfNextRun } from './progress';
import { usage } from './proxies';
import { failureTypeOf } from './trouble';
import { createComparison } from './usage-comparison';

/** The report has counted anew, and this is what the file should say. */
export const recount = defineSignal<[ContractUsage]>(RECOUNT);

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
 * `external_id`. A file that Connect or the distributor refuses parks; `reprocess` then builds a corrected workbook for the same file. One that
 * is with the distributor stays as it is: where a later report counts something else, that is a finding.
 */
export async function usageFile(input: UsageFileInput): Promise<UsageFileResult> {
  try {
    return await untilItsEnd(input);
  } catch (error) {
    const { productId, contractId, period } = input;
    if (isCancellation(error)) end({ outcome: 'cancelled' }, { productId, contractId, period });
    throw error;
  }
}

async function untilItsEnd(input: UsageFileInput): Promise<UsageFileResult> {
  const { productId, contractId, period } = input;
  const id = usageFileId(input);
  const about = `usage of ${productId} in ${period} under ${contractId}`;
  const steps = createSteps({ id, about, patience: input.patience });
  const { step, wait, park, lookNow } = steps;
  const { compare, compareSubmitted } = createComparison(steps);

  let counted = input.usage;
  let { sent, anew = false } = input;
  setHandler(
    recount,
    (usage) => {
      if (!patched('recount')) return; // earlier code did not hear it, and went on with its wait
      counted = usage;
      if (sent) sent = recounted(sent, usage);
      lookNow();
    },
    { description: 'The report has counted anew' },
  );

  const upload = async (anew: boolean): Promise<UploadResult> => {
    const before = counted;
    const uploaded = await step(UPLOAD_STEP, (options) =>
      usage.uploadUsage.executeWithOptions(options, [{ ...input, usage: before }, { anew }]),
    );
    return uploaded.kind === 'sent' && counted !== before
      ? { kind: 'sent', ...recounted(uploaded, counted) }
      : uploaded;
  };
  try {
    if (!sent) {
      const uploaded = await upload(anew);
      if (uploaded.kind === 'nothing') return end(nothing(uploaded));
      sent = uploaded;
      anew = false;
    }
    const { fileId } = sent;
    let compared: SentUsage | undefined;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const stage = await step('look at usage file', (options) =>
        usage.readUsageStage.executeWithOptions(options, [fileId]),
      );
      switch (stage) {
        case 'processing':
          await wait(pause(looks, 60), 'Connect reads the workbook');
          break;
        case 'ready': {
          const checked: SentUsage = sent;
          const { same } = await compare(checked);
          if (checked !== sent) break; // counted anew meanwhile
          if (same) {
            await step('submit', (options) => usage.submitUsageFile.executeWithOptions(options, [fileId]));
          } else {
            if (sent.fresh) throw mismatch(fileId);
            const again = await upload(true);
            if (again.kind === 'nothing') return end(nothing(again));
            sent = again;
          }
          break;
        }
        case 'pending':
          while (!sent.fresh && compared !== sent && patched('compare-while-pending')) {
            compared = sent;
            await compareSubmitted(compared);
          }
          await wait(pause(looks + 5, 3_600), 'the distributor looks at it');
          break;
        case 'accepted':
        case 'closed': {
          const { fresh, rows, totals, bad, notSelected }: SentUsage = (compared = sent);
          const { same, inConnect } = fresh ? { same: true } : await compareSubmitted(compared);
          if (compared !== sent) break; // counted anew meanwhile
          const differs = !same;
          return end({
            outcome: stage,
            fileId,
            rows,
            totals,
            bad,
            notSelected,
            differs,
            ...(differs && { inConnect }),
          });
        }
        case 'deleted':
          return end({ outcome: 'deleted', fileId });
      }
    }
  } catch (error) {
    await park(error);
    sent = undefined;
    anew ||= failureTypeOf(error) === FailureType.USAGE_INVALID;
  }
  return await makeContinueAsNewFunc<typeof usageFile>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
    typedSearchAttributes: searchAttributesOfNextRun(),
  })({ ...input, usage: counted, sent, anew });
}

/** What Connect has is from before this count. */
function recounted(sent: SentUsage, { rows, totals, bad, notSelected }: ContractUsage): SentUsage {
  return { ...sent, fresh: false, rows, totals, bad, notSelected };
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

/** @param of for the log, where the result names no file */
function end(result: UsageFileResult, of?: UsageFileOf): UsageFileResult {
  ended.add(1, { outcome: result.outcome });
  if (result.bad) leftOut.add(result.bad);
  log.info(`usage file ${result.outcome}`, { ...of, ...result, totals: undefined, inConnect: undefined });
  return result;
}

/** The pause before the nth look, n from 0, in seconds: one, then twice as long each time, up to the longest. */
function pause(n: number, longest: number): number {
  return Math.min(2 ** Math.min(n, 20), longest);
}
