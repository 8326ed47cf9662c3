import { defineSignal, isCancellation, makeContinueAsNewFunc, patched, setHandler } from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import { RECOUNT } from '../src/domain/messages';
import {
  type ContractUsage,
  HANDED_IN_STEP,
  READING_STEP,
  usageFileId,
  type UsageFileInput,
  type UsageFileLook,
  type UsageFileResult,
  VERDICT_STEP,
} from '../src/domain/usage';
import { createSteps } from './parking';
import { searchAttributesOfNextRun } from './progress';
import { usage } from './proxies';
import { failureTypeOf } from './trouble';
import { createDelivery } from './usage-delivery';
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
  const delivery = createDelivery(input, steps);
  let { anew = false } = input;
  let isAsked = input.asked ?? false;
  let next: Pick<UsageFileInput, 'sent'> = {};
  setHandler(
    recount,
    (usage) => {
      if (!patched('recount')) return; // earlier code did not hear it, and went on with its wait
      isAsked = true;
      delivery.recount(usage);
      lookNow();
    },
    { description: 'The report has counted anew' },
  );
  try {
    let over: UsageFileResult | undefined;
    if (!input.sent) over = await delivery.send(anew);
    anew = false;
    let quiet = 0; // looks at the same file, since something else was to be done than to wait
    let unshown = 0; // looks at one that is submitted, and not shown so
    for (let looks = 0; looks < MOST_LOOKS && !over; looks++) {
      const { fileId } = delivery.sent!;
      const look = await step('look at usage file', (options) =>
        usage.readUsageStage.executeWithOptions(options, [fileId, true]),
      );
      const { stage, submitted }: UsageFileLook = typeof look === 'string' ? { stage: look } : look;
      const wasAsked = isAsked;
      isAsked = false;
      switch (stage) {
        case 'processing':
          await wait(pause(quiet++, 60), READING_STEP);
          break;
        case 'ready':
          if (delivery.isSubmitted()) {
            await wait(pause(unshown++, 60), HANDED_IN_STEP);
            if (!isAsked) delivery.forgetSubmission();
          } else {
            if (wasAsked) unshown = 0;
            over = await delivery.handIn();
            quiet = 0;
          }
          break;
        case 'pending':
          await delivery.watch(submitted);
          await wait(pause(quiet++ + 5, 3_600), VERDICT_STEP);
          break;
        case 'accepted':
        case 'closed':
          over = await delivery.conclude(stage, submitted);
          break;
        case 'deleted': // by a person, who may ask for the report again
          over = wasAsked ? await delivery.send(false) : end({ outcome: 'deleted', fileId });
          quiet = 0;
      }
    }
    if (over) return over;
    next = { sent: delivery.sent };
  } catch (error) {
    const isReprocessed = await park(error);
    isAsked ||= isReprocessed;
    const type = failureTypeOf(error);
    if (!isAsked || !TAKES_ANOTHER.has(type ?? ''))
      next = { sent: delivery.sent && { ...delivery.sent, fresh: false } };
    anew ||= type === FailureType.USAGE_INVALID;
  }
  return await makeContinueAsNewFunc<typeof usageFile>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
    typedSearchAttributes: searchAttributesOfNextRun(),
  })({ ...input, sent: undefined, known: undefined, ...next, usage: delivery.counted, anew, asked: isAsked });
}

/** After these another workbook is sent at once, where somebody has asked; after all else, a look shows first what has become of the file. */
const TAKES_ANOTHER: ReadonlySet<string> = new Set([
  FailureType.USAGE_INVALID,
  FailureType.USAGE_MISMATCH,
  FailureType.USAGE_REJECTED,
  FailureType.CONNECT_GONE,
]);

/** The pause before the nth look, n from 0, in seconds: one, then twice as long each time, up to the longest. */
function pause(n: number, longest: number): number {
  return Math.min(2 ** Math.min(n, 20), longest);
}
