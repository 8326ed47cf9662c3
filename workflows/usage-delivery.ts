import { ActivityFailure, ApplicationFailure, patched } from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import {
  type ContractUsage,
  type SentUsage,
  SUBMIT_STEP,
  UPLOAD_STEP,
  type UsageFileInput,
  type UsageFileResult,
} from '../src/domain/usage';
import type { Steps } from './parking';
import { usage } from './proxies';
import { failureTypeOf } from './trouble';
import { createComparison } from './usage-comparison';
import { countLeftOut, end, endWithNothing } from './usage-file-end';

/** The end of the run, where it has come to it. */
type End = UsageFileResult | undefined;

/** Sees to it that Connect has what the vendor reports, whatever is counted meanwhile, and that it goes out once. */
export function createDelivery(input: UsageFileInput, { step, remark }: Pick<Steps, 'step' | 'remark'>) {
  const { compare, compareSubmitted } = createComparison({ step, remark });
  let counted = input.usage;
  let { sent } = input;
  let last = input.known ?? knownOf(sent);
  let compared: SentUsage | undefined;
  let submitted: SentUsage | undefined;

  async function send(anew: boolean): Promise<End> {
    const [before, previous] = [counted, last];
    last = undefined; // until it is certain what became of this one
    const upload = async () =>
      await step(UPLOAD_STEP, (options) =>
        usage.uploadUsage.executeWithOptions(options, [{ ...input, usage: before }, { anew }]),
      );
    const uploaded = await upload().catch((error: unknown) => {
      if (SENDS_NOTHING.has(failureTypeOf(error) ?? '')) last = previous;
      // What was wrong may be right in what was counted meanwhile.
      if (counted !== before && error instanceof ActivityFailure && patched('counted-while-sending')) return undefined;
      throw error;
    });
    if (uploaded?.kind === 'sent') {
      const { kind: _, fileId, fresh, uploaded: records, ...built } = uploaded;
      last = records === undefined ? previous : { fileId, uploaded: records };
      sent = fresh ? uploaded : { ...uploaded, known: last?.fileId === fileId ? last.uploaded : undefined };
      submitted = undefined;
      if (counted !== before) sent = recounted(sent, counted);
      else if (fresh) counted = { contractId: input.contractId, ...built };
      return undefined;
    }
    if (uploaded && (counted === before || !patched('counted-while-sending'))) return endWithNothing(uploaded);
    return await send(anew);
  }

  return {
    /** What Connect has, and should have; undefined until something is sent, or found there. */
    get sent(): SentUsage | undefined {
      return sent;
    },
    /** What was uploaded last, and into which file, as far as that is certain. */
    get last(): UsageFileInput['known'] {
      return last;
    },
    /** What the vendor reports now. */
    get counted(): ContractUsage {
      return counted;
    },

    /** The report has counted anew. */
    recount(usage: ContractUsage): void {
      counted = usage;
      if (sent) sent = recounted(sent, usage);
    },

    /** Uploads what is counted, unless Connect has taken a workbook for it. @param anew true to replace one that is ready */
    send,

    /** Whether this has been submitted, and nothing else since. */
    isSubmitted(current: SentUsage): boolean {
      if (submitted === undefined || submitted === current) return submitted !== undefined;
      const { fileId, fresh, uploaded } = current;
      return (
        fresh && submitted.fileId === fileId && submitted.uploaded === uploaded && patched('counted-while-sending')
      );
    },

    /** Has it submitted once more, where nothing has come of it after a while. */
    forgetSubmission(): void {
      submitted = undefined;
    },

    /** Submits what Connect has read from our own workbook; whatever else it has is replaced. */
    async handIn(current: SentUsage): Promise<End> {
      const { fileId, fresh } = current;
      const isOurs = fresh || !patched('replaces-what-it-has-not-uploaded'); // earlier code compared, whoever had uploaded it
      const same = isOurs && (await compare(current)).same;
      if (sent !== current) return undefined; // counted anew meanwhile
      if (!same && fresh) throw mismatch(fileId);
      if (!same) return await send(true);
      await step(SUBMIT_STEP, async (options) => {
        if (sent !== current) return;
        await usage.submitUsageFile.executeWithOptions(options, [fileId]);
        submitted = current;
      });
      return undefined;
    },

    /** Compares what the distributor has with each count that comes; not what was uploaded just now. */
    async watch(current: SentUsage): Promise<void> {
      compared ??= current.fresh ? current : undefined;
      while (compared !== sent && patched('compare-while-pending')) {
        compared = sent!;
        await compareSubmitted(compared);
      }
    },

    /** The distributor has accepted it. */
    async conclude(current: SentUsage, outcome: 'accepted' | 'closed'): Promise<End> {
      const isCertain = current.fresh && (compared ?? current) === current;
      const { same, inConnect } = isCertain ? { same: true } : await compareSubmitted(current);
      if (sent !== current) return undefined; // counted anew meanwhile
      const { fileId, rows, totals, bad, notSelected, heldBack } = current;
      if (!heldBack) countLeftOut(bad);
      const differs = !same;
      return end({ outcome, fileId, rows, totals, bad, notSelected, differs, ...(differs && { inConnect }) });
    },
  };
}

/** What is known to have been uploaded into a file, by this run or an earlier one. */
function knownOf(sent: SentUsage | undefined): UsageFileInput['known'] {
  const uploaded = sent?.uploaded ?? sent?.known;
  return sent && uploaded !== undefined ? { fileId: sent.fileId, uploaded } : undefined;
}

/** Failures before anything is uploaded. */
const SENDS_NOTHING: ReadonlySet<string> = new Set([FailureType.USAGE_REFUSED, FailureType.USAGE_DOUBLED]);

/** The same file, of which something else may be reported now. */
function recounted(sent: SentUsage, { contractId: _contract, ...counted }: ContractUsage): SentUsage {
  const fresh = sent.uploaded !== undefined && sent.uploaded === counted.digests?.records && !counted.heldBack;
  return { ...sent, heldBack: false, ...counted, fresh };
}

function mismatch(fileId: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureType.USAGE_MISMATCH,
    message: `Connect has read other totals from ${fileId} than were uploaded; it is not submitted.`,
    nonRetryable: true,
  });
}
