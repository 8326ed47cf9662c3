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
  HANDED_IN_STEP,
  type NothingSent,
  READING_STEP,
  type SentUsage,
  SUBMIT_STEP,
  UPLOAD_STEP,
  usageFileId,
  type UsageFileInput,
  type UsageFileOf,
  type UsageFileResult,
  VERDICT_STEP,
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
  let isAsked = false;
  setHandler(
    recount,
    (usage) => {
      if (!patched('recount')) return; // earlier code did not hear it, and went on with its wait
      counted = usage;
      isAsked = true;
      if (sent) sent = recounted(sent, usage);
      lookNow();
    },
    { description: 'The report has counted anew' },
  );

  /** Each of these returns the run's end, where it has come to it. */
  type End = UsageFileResult | undefined;
  let since = 0; // looks, since something was sent
  let compared: SentUsage | undefined;
  let submitted: SentUsage | undefined;

  const send = async (anew: boolean): Promise<End> => {
    const before = counted;
    const uploaded = await step(UPLOAD_STEP, (options) =>
      usage.uploadUsage.executeWithOptions(options, [{ ...input, usage: before }, { anew }]),
    );
    if (uploaded.kind === 'nothing') return end(nothing(uploaded));
    sent = counted === before ? uploaded : recounted(uploaded, counted);
    since = 0;
    return undefined;
  };

  /** Submits what Connect has read from our own workbook; whatever else it has is replaced. */
  const handIn = async (current: SentUsage): Promise<End> => {
    const { fileId, fresh } = current;
    const isOurs = fresh || !patched('replaces-what-it-has-not-uploaded'); // earlier code compared, whoever had uploaded it
    const same = isOurs && (await compare(current)).same;
    if (sent !== current) return undefined; // counted anew meanwhile
    if (!same && fresh) throw mismatch(fileId);
    if (!same) return await send(true);
    await step(SUBMIT_STEP, async (options) => {
      if (sent === current) await usage.submitUsageFile.executeWithOptions(options, [fileId]);
    });
    submitted = current;
    return undefined;
  };

  const conclude = async (current: SentUsage, outcome: 'accepted' | 'closed'): Promise<End> => {
    const isCertain = current.fresh && (compared ?? current) === current;
    const { same, inConnect } = isCertain ? { same: true } : await compareSubmitted(current);
    if (sent !== current) return undefined; // counted anew meanwhile
    const { fileId, rows, totals, bad, notSelected, heldBack } = current;
    if (bad && !heldBack) leftOut.add(bad);
    const differs = !same;
    return end({ outcome, fileId, rows, totals, bad, notSelected, differs, ...(differs && { inConnect }) });
  };

  try {
    if (!sent) {
      const over = await send(anew);
      if (over) return over;
      anew = false;
    }
    for (let looks = 0; looks < MOST_LOOKS; looks++, since++) {
      const { fileId } = sent!;
      const stage = await step('look at usage file', (options) =>
        usage.readUsageStage.executeWithOptions(options, [fileId]),
      );
      const current = sent!;
      const wasAsked = isAsked;
      isAsked = false;
      let over: End;
      switch (stage) {
        case 'processing':
          await wait(pause(since, 60), READING_STEP);
          break;
        case 'ready':
          if (submitted === current) {
            submitted = undefined; // it is submitted once more where nothing has come of it after a while
            await wait(pause(since, 60), HANDED_IN_STEP);
          } else over = await handIn(current);
          break;
        case 'pending':
          compared ??= current.fresh ? current : undefined;
          while (compared !== sent && patched('compare-while-pending')) {
            compared = sent!;
            await compareSubmitted(compared);
          }
          await wait(pause(since + 5, 3_600), VERDICT_STEP);
          break;
        case 'accepted':
        case 'closed':
          over = await conclude(current, stage);
          break;
        case 'deleted': // by a person, who may ask for the report again
          over = wasAsked ? await send(false) : end({ outcome: 'deleted', fileId });
      }
      if (over) return over;
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

/** The same file, of which something else may be reported now. */
function recounted(sent: SentUsage, { contractId: _contract, ...counted }: ContractUsage): SentUsage {
  const fresh = sent.uploaded !== undefined && sent.uploaded === counted.digests?.records && !counted.heldBack;
  return { ...sent, heldBack: false, ...counted, fresh };
}

function nothing({ bad, notSelected, kept }: NothingSent): UsageFileResult {
  if (bad) leftOut.add(bad);
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
  log.info(`usage file ${result.outcome}`, { ...of, ...result, totals: undefined, inConnect: undefined });
  return result;
}

/** The pause before the nth look, n from 0, in seconds: one, then twice as long each time, up to the longest. */
function pause(n: number, longest: number): number {
  return Math.min(2 ** Math.min(n, 20), longest);
}
