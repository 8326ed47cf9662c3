import { ActivityFailure, ApplicationFailure, patched } from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import {
  type ContractUsage,
  type SentUsage,
  SUBMIT_STEP,
  UPLOAD_STEP,
  type UsageFileInput,
  type UsageFileOf,
  type UsageFileResult,
} from '../src/domain/usage';
import type { Steps } from './parking';
import { ONE_ATTEMPT, usage } from './proxies';
import { failureTypeOf } from './trouble';
import { createComparison } from './usage-comparison';
import { countLeftOut, end, endWithNothing } from './usage-file-end';

/** The end of the run, where it has come to it. */
type End = UsageFileResult | undefined;

/** A usage file in Connect, and what is certain of what is in it. */
interface UsageInFile {
  fileId: string;
  /** What this run has uploaded into it. */
  ours?: ContractUsage;
  /** The digest of what was uploaded before, where nobody vouches for it any more: somebody may have replaced it. */
  known?: string | undefined;
}

/**
 * Sees to it that Connect has what the vendor reports, whatever is counted meanwhile, and that it goes out once. Whether it
 * has is kept nowhere: it follows from what the vendor reports now and what is in the file.
 */
export function createDelivery(input: UsageFileInput, { step, remark }: Pick<Steps, 'step' | 'remark'>) {
  const { productId, contractId, period } = input;
  const of: UsageFileOf = { productId, contractId, period };
  const { compare, compareSubmitted } = createComparison({ step, remark });
  let counted = input.usage;
  let file = fileOf(input);
  /** The count for which it was submitted. */
  let submitted: ContractUsage | undefined;
  /** The count with which was compared what the distributor has, since when, and whether that is the same. */
  let compared: { usage: ContractUsage; submission: string | undefined; same: boolean } | undefined;

  const isFresh = () => file?.ours !== undefined && isSame(file.ours, counted);

  /** What Connect has, and should have. */
  function sent(): SentUsage {
    const { contractId: _, ...reported } = counted;
    const { fileId, ours, known } = file!;
    return { ...reported, fileId, fresh: isFresh(), uploaded: ours?.digests?.records, known };
  }

  async function send(anew: boolean): Promise<End> {
    const [before, previous] = [counted, file];
    let attempts = 0; // Temporal makes none by itself: one whose answer was lost may have uploaded
    file = anew && previous ? { fileId: previous.fileId } : undefined; // until it is certain what became of this one
    const upload = async () =>
      await step(UPLOAD_STEP, async (options) => {
        attempts += 1;
        const once = { ...options, ...ONE_ATTEMPT };
        return await usage.uploadUsage.executeWithOptions(once, [{ ...input, usage: before }, { anew }]);
      });
    const answer = await upload().catch((error: unknown) => {
      if (attempts === 1 && SENDS_NOTHING.has(failureTypeOf(error) ?? '')) file = previous;
      // What was wrong may be right in what was counted meanwhile.
      if (counted !== before && error instanceof ActivityFailure && patched('counted-while-sending')) return undefined;
      throw error;
    });
    if (answer?.kind === 'sent') {
      const { kind: _, fileId, fresh, uploaded: _digest, known: _known, ...built } = answer;
      const ours = { contractId, ...built };
      const untouched = attempts === 1 && previous?.fileId === fileId;
      file = fresh ? { fileId, ours } : { fileId, known: untouched ? digestIn(previous) : undefined };
      if (fresh && counted === before) counted = ours;
      submitted = compared = undefined;
      return undefined;
    }
    if (answer && (counted === before || !patched('counted-while-sending'))) return endWithNothing(answer);
    return await send(anew);
  }

  /** Earlier code took for granted that the distributor has what the run has uploaded. */
  function takeForGranted(submission: string | undefined): void {
    if (compared || !isFresh() || patched('compares-what-was-submitted')) return;
    compared = { usage: counted, submission, same: true };
  }

  /** Whether nothing has come since, neither a count nor a submission. */
  const isCompared = (submission: string | undefined) =>
    compared?.usage === counted && compared.submission === submission;

  return {
    /** What Connect has, and should have; undefined until something is sent, or found there. */
    get sent(): SentUsage | undefined {
      return file && sent();
    },
    /** What the vendor reports now. */
    get counted(): ContractUsage {
      return counted;
    },

    /** The report has counted anew. */
    recount(usage: ContractUsage): void {
      counted = usage;
    },

    /** Uploads what is counted, unless Connect has taken a workbook for it. @param anew true to replace one that is ready */
    send,

    /** Whether this has been submitted, and nothing else since. */
    isSubmitted(): boolean {
      if (submitted === undefined || submitted === counted) return submitted !== undefined;
      return isFresh() && patched('counted-while-sending');
    },

    /** Has it submitted once more, where nothing has come of it after a while. */
    forgetSubmission(): void {
      submitted = undefined;
    },

    /** Submits what Connect has read from our own workbook; whatever else it has is replaced. */
    async handIn(): Promise<End> {
      const [before, fresh, { fileId }] = [counted, isFresh(), file!];
      const isOurs = fresh || !patched('replaces-what-it-has-not-uploaded'); // earlier code compared, whoever had uploaded it
      const same = isOurs && (await compare(sent())).same;
      if (counted !== before) return undefined; // counted anew meanwhile
      if (!same && fresh) throw mismatch(fileId);
      if (!same) return await send(true);
      await step(SUBMIT_STEP, async (options) => {
        if (counted !== before) return;
        await usage.submitUsageFile.executeWithOptions(options, [fileId, of]);
        submitted = before;
      });
      return undefined;
    },

    /**
     * Compares what the distributor has with what is counted, and with each count that comes: whoever submitted it, and again where it was rejected
     * and submitted once more between two looks.
     */
    async watch(submission: string | undefined): Promise<void> {
      takeForGranted(submission);
      while (!isCompared(submission) && patched('compare-while-pending')) {
        const before = counted;
        const { same } = await compareSubmitted(sent());
        compared = { usage: before, submission, same };
      }
    },

    /** The distributor has accepted it. */
    async conclude(outcome: 'accepted' | 'closed', submission: string | undefined): Promise<End> {
      takeForGranted(submission);
      const before = counted;
      const isCertain = isFresh() && isCompared(submission) && compared?.same;
      const { same, inConnect } = isCertain ? { same: true } : await compareSubmitted(sent());
      if (counted !== before) return undefined; // counted anew meanwhile
      const { rows, totals, bad, notSelected, heldBack } = counted;
      if (!heldBack) countLeftOut(bad);
      const differs = !same;
      const { fileId } = file!;
      return end({ outcome, fileId, rows, totals, bad, notSelected, differs, ...(differs && { inConnect }) });
    },
  };
}

/** Where a run begins: with what a long wait has left, or with what a run that was parked knew of the file. */
function fileOf({ usage, sent, known }: UsageFileInput): UsageInFile | undefined {
  if (!sent) return known && { fileId: known.fileId, known: known.uploaded };
  const { fileId, fresh, uploaded } = sent;
  return fresh ? { fileId, ours: usage } : { fileId, known: sent.known ?? uploaded };
}

const digestIn = ({ ours, known }: UsageInFile) => ours?.digests?.records ?? known;

/** Failures before anything is uploaded. */
const SENDS_NOTHING: ReadonlySet<string> = new Set([FailureType.USAGE_REFUSED, FailureType.USAGE_DOUBLED]);

/** Whether what was uploaded is what is counted, and none of that is held back. */
function isSame(uploaded: ContractUsage, counted: ContractUsage): boolean {
  if (uploaded === counted) return true;
  const digest = uploaded.digests?.records;
  return digest !== undefined && digest === counted.digests?.records && !counted.heldBack;
}

function mismatch(fileId: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureType.USAGE_MISMATCH,
    message: `Connect has read other totals from ${fileId} than were uploaded; it is not submitted.`,
    nonRetryable: true,
  });
}
