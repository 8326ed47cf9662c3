import { defineSignal, isCancellation, makeContinueAsNewFunc, setHandler } from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import { RECOUNT } from '../src/domain/messages';
import { CONNECT_FINDING } from '../src/domain/search-attributes';
import {
  type ContractUsage,
  HANDED_IN_STEP,
  READING_STEP,
  usageFileId,
  type UsageFileInput,
  type UsageFileResult,
  VERDICT_STEP,
} from '../src/domain/usage';
import { createSteps, type Steps } from './parking';
import { searchAttributesOfNextRun } from './progress';
import { failureTypeOf } from './trouble';
import { createDelivery, failureOf } from './usage-delivery';
import { end } from './usage-file-end';

/** The report has counted anew, and this is what the file should say. */
export const recount = defineSignal<[ContractUsage]>(RECOUNT);

/** So many looks fit into one run's history. */
const MOST_LOOKS = 200;

/**
 * The life of one usage file: upload, wait until Connect has read it, submit, wait for the distributor. Its workflow id is also the file's
 * `external_id`. A file that Connect or the distributor refuses parks; `reprocess` then builds a corrected workbook for the same file. One that
 * is with the distributor stays as it is: where a later report counts something else, that is a finding.
 */
export async function usageFile(input: UsageFileInput): Promise<UsageFileResult> {
  const { productId, contractId, period } = input;
  const about = `usage of ${productId} in ${period} under ${contractId}`;
  const steps = createSteps({ id: usageFileId(input), about, patience: input.patience });
  try {
    const result = await untilItsEnd(input, steps);
    steps.end(result.outcome);
    return result;
  } catch (error) {
    if (isCancellation(error)) {
      end({ outcome: 'cancelled' }, { productId, contractId, period });
      steps.end('cancelled');
    }
    throw error;
  }
}

async function untilItsEnd(input: UsageFileInput, steps: Steps): Promise<UsageFileResult> {
  const { wait, park, lookNow } = steps;
  const delivery = createDelivery(input, steps);
  let isAsked = input.asked ?? false; // for the file, by the report or a person, since the last look
  setHandler(
    recount,
    (usage) => {
      isAsked = true;
      delivery.recount(usage);
      lookNow();
    },
    { description: 'The report has counted anew' },
  );
  try {
    let over: UsageFileResult | undefined;
    if (!input.file) over = await delivery.begin();
    let quiet = 0; // looks at the same file, since something else was to be done than to wait
    let unshown = 0; // looks at one that the step has seen submitted, and that Connect shows otherwise: it may come late
    for (let looks = 0; looks < MOST_LOOKS && !over; looks++) {
      const look = await delivery.look();
      const wasAsked = isAsked;
      isAsked = false;
      switch (look.stage) {
        case 'processing':
          if (look.problem) throw failureOf(look);
          await wait(pause(quiet++, 60), READING_STEP);
          break;
        case 'draft':
        case 'invalid':
        case 'rejected':
          over = await delivery.correct();
          quiet = 0;
          break;
        case 'ready':
          if (delivery.isSubmitted()) {
            await wait(pause(unshown++, 60), HANDED_IN_STEP);
            if (!isAsked) delivery.forgetSubmission();
          } else {
            if (wasAsked) unshown = 0;
            over = await delivery.handIn();
            quiet = 0;
            if (delivery.isDoubted()) await wait(DOUBT_SECONDS, READING_STEP);
          }
          break;
        case 'pending':
          await delivery.watch();
          await wait(pause(quiet++ + 5, 3_600), VERDICT_STEP);
          break;
        case 'accepted':
        case 'closed':
          over = await delivery.conclude(look.stage);
          break;
        case 'deleted': // by a person, who may ask for the report again
          if (!wasAsked) return end({ outcome: 'deleted', fileId: delivery.left().file?.fileId });
          delivery.forgetFile();
          over = await delivery.begin();
          quiet = 0;
          break;
        case 'gone': // out of our sight, and perhaps with the distributor
          throw failureOf(look);
      }
    }
    if (over) return over;
  } catch (error) {
    isAsked = false; // whoever asked before did not know of this
    const isReprocessed = await park(error, { isOvertaken: delivery.hasMoved });
    isAsked ||= isReprocessed;
    const type = failureTypeOf(error) ?? '';
    if (isReprocessed) delivery.reprocessed(type);
    if (isAsked && type === FailureType.CONNECT_GONE) delivery.forgetFile();
  }
  return await makeContinueAsNewFunc<typeof usageFile>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
    typedSearchAttributes: searchAttributesOfNextRun(CONNECT_FINDING),
  })({ ...input, ...delivery.left(), asked: isAsked });
}

/** Until a file that was found to say something else is compared once more. */
const DOUBT_SECONDS = 2;

/** The pause before the nth look, n from 0, in seconds: one, then twice as long each time, up to the longest. */
function pause(n: number, longest: number): number {
  return Math.min(2 ** Math.min(n, 20), longest);
}
