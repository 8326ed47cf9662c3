import { ActivityFailure, ApplicationFailure, isCancellation, log } from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import {
  type ContractUsage,
  type SeenWorkbook,
  SUBMIT_STEP,
  UPLOAD_STEP,
  type UsageFileInput,
  type UsageFileLook,
  type UsageFileOf,
  type UsageFileResult,
} from '../src/domain/usage';
import type { Steps } from './parking';
import { usage } from './proxies';
import { createComparison } from './usage-comparison';
import { countLeftOut, end, endWithNothing } from './usage-file-end';

/** The end of the run, where it has come to it. */
type End = UsageFileResult | undefined;

/** What the next run goes on with. */
type Left = Pick<UsageFileInput, 'usage' | 'file' | 'replace' | 'unread' | 'differs'>;

/**
 * Sees to it that Connect has what the vendor reports, whatever is counted meanwhile, and that it goes out once.
 *
 * What it does follows from what it counts, and from the last look at the file: which workbook that has, and whether it is ours. It replaces and
 * submits the workbook that it has seen, never one that somebody has put in its place since; and one that is not ours it replaces only where a
 * person has asked for it.
 */
export function createDelivery(input: UsageFileInput, { step, remark }: Pick<Steps, 'step' | 'remark'>) {
  const { productId, contractId, period } = input;
  const of: UsageFileOf = { productId, contractId, period };
  const { compare, compareSubmitted, differs } = createComparison({ step, remark }, input.differs);
  let { usage: counted, file, replace, unread } = input;
  let seen: UsageFileLook | undefined;
  /** The workbook that was submitted, and the count that it was submitted for. */
  let submitted: { workbook: string; usage: ContractUsage } | undefined;
  /** What the distributor has, and the count with which it was compared. */
  let compared: { workbook: string; submitted: string | undefined; usage: ContractUsage } | undefined;
  /** The workbook that was found to say something else, at a look before this one. */
  let doubted: string | undefined;

  /** What the workbook says that was seen, where it is ours. */
  const ours = () => (file?.ours?.workbook === seen?.workbook ? file?.ours?.usage : undefined);
  const isFresh = () => isSame(ours(), counted);
  const isToBeReplaced = () => replace?.workbook === seen?.workbook && replace?.stage === seen?.stage;
  const seenWorkbook = (): SeenWorkbook => ({ fileId: file!.fileId, workbook: seen!.workbook });

  /** Whether Connect does not show what was uploaded: it may be late, or has lost it. Nothing more is sent before a person asks. */
  function isUnshown({ stage, workbook }: UsageFileLook): boolean {
    const sent = file?.ours;
    if (!sent || ENDED.has(stage) || isToBeReplaced()) return false;
    return stage === 'draft' || (workbook !== sent.workbook && workbook === (sent.replaced ?? ''));
  }

  /** A look at a workbook that Connect has not read. Since when, the run counts: Connect may be told to read the same workbook once more. */
  function lookUnread(workbook: string, { stage }: UsageFileLook): UsageFileLook {
    if (unread?.workbook !== workbook) unread = { workbook, since: new Date().toISOString() };
    const { since } = unread;
    const isOverdue = Date.now() - Date.parse(since) >= LONGEST_READING_MS;
    const problem = `Connect has not read what was uploaded into ${file!.fileId}, since ${since}: it is "${stage}" still.`;
    return { stage: 'processing', workbook, ...(isOverdue && { problem }) };
  }

  /** @param instead of this workbook; without one, a first is sent */
  async function send(instead?: SeenWorkbook): Promise<End> {
    const before = counted;
    const upload = async () =>
      await step(UPLOAD_STEP, (options) => usage.uploadUsage.executeWithOptions(options, [of, instead]));
    const answer = await upload().catch((error: unknown) => {
      if (counted === before || !(error instanceof ActivityFailure)) throw error;
      return undefined; // what was wrong may be right in what was counted meanwhile
    });
    if (!answer || (answer.kind === 'nothing' && counted !== before)) return await send(answer ? undefined : instead);
    if (answer.kind === 'nothing') return endWithNothing(answer);
    const { fileId } = answer;
    if (answer.kind === 'found') {
      file = file?.fileId === fileId ? file : { fileId };
      return undefined;
    }
    const { usage: uploaded, workbook } = answer;
    file = { fileId, ours: { usage: uploaded, workbook, replaced: instead?.workbook } };
    if (counted === before) counted = uploaded;
    submitted = compared = doubted = replace = unread = undefined;
    return undefined;
  }

  return {
    /** What the next run goes on with. */
    left: (): Left => ({
      usage: counted,
      file,
      replace: replace && { workbook: replace.workbook, stage: replace.stage },
      unread,
      differs: differs(),
    }),

    /** The report has counted anew. */
    recount(usage: ContractUsage): void {
      counted = usage;
    },

    /** Sends a first workbook, where the file has none. */
    begin: (): Promise<End> => send(),

    /** Looks where the file stands, and with which workbook. What Connect does not show yet it has not read yet. */
    async look(): Promise<UsageFileLook> {
      const { fileId } = file!;
      seen = await step('look at usage file', (options) => usage.readUsageStage.executeWithOptions(options, [fileId]));
      if (isUnshown(seen)) return lookUnread(file!.ours!.workbook, seen);
      if (seen.stage === 'processing') return lookUnread(seen.workbook, seen);
      unread = undefined;
      return seen;
    },

    /**
     * Whether others have moved the file on from where it was seen, or have filled one that this run does not know of, say a draft that a failed
     * upload left. A fault of Connect says nothing, nor that it does not show the file.
     */
    async hasMoved(): Promise<boolean> {
      const options = { summary: 'look at usage file' };
      try {
        if (!file) return await usage.hasUsageFile.executeWithOptions(options, [of]);
        const now = await usage.readUsageStage.executeWithOptions(options, [file.fileId]);
        return now.stage !== 'gone' && (now.stage !== seen?.stage || now.workbook !== seen.workbook);
      } catch (error) {
        if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
        log.warn('the usage file could not be looked at', { error: String(error.cause) });
        return false;
      }
    },

    /**
     * A person has seen why the run was parked, and wants a new workbook in place of the one that was seen, unless it is for others to replace.
     * What Connect has to read, it has the time for anew.
     */
    reprocessed(type: string): void {
      unread = undefined;
      if (seen && (FOR_A_PERSON.has(type) || (seen.stage === 'ready' && ours()))) replace = seen;
    },

    /** Another file is made in place of the one that was deleted, or that Connect does not show any more. */
    forgetFile(): void {
      file = undefined;
    },

    /** Whether what was seen has been submitted, and nothing else was counted since. */
    isSubmitted: () => submitted?.workbook === seen!.workbook && (submitted.usage === counted || isFresh()),

    /** Whether it was found to say something else, and is to be looked at once more. */
    isDoubted: () => doubted !== undefined,

    /** Has it submitted once more, where nothing has come of it after a while. */
    forgetSubmission(): void {
      submitted = undefined;
    },

    /** The file has no workbook that may be submitted, or one that was refused. @throws what is wrong with it, for a person */
    async correct(): Promise<End> {
      const { stage } = seen!;
      const isOutdated = stage === 'invalid' && ours() !== undefined && !isFresh();
      if (stage === 'draft' || isOutdated || isToBeReplaced()) return await send(seenWorkbook());
      throw failureOf(seen!);
    },

    /** Submits what Connect has read, where it is what the vendor reports. @throws UsageMismatch where it is not, for a person */
    async handIn(): Promise<End> {
      const { workbook } = seen!;
      if (isToBeReplaced() || (ours() && !isFresh())) return await send(seenWorkbook());
      const before = counted;
      const { same: says, inConnect, difference } = await compare(file!.fileId, counted, ours());
      const same = says && (ours() !== undefined || inConnect !== undefined); // of another's, the number of records tells too little
      if (counted !== before) return undefined; // counted anew meanwhile
      if (!same && doubted === workbook) throw mismatch(file!.fileId, ours() !== undefined, difference);
      doubted = same ? undefined : workbook; // Connect may list its records late, or a person be at it: once more, after another look
      if (!same) return undefined;
      await step(SUBMIT_STEP, async (options) => {
        if (counted !== before) return;
        await usage.submitUsageFile.executeWithOptions(options, [of, seenWorkbook()]);
        submitted = { workbook, usage: before };
      });
      return undefined;
    },

    /**
     * Compares what the distributor has with what is counted, and with each count that comes: whoever submitted it, and again where it was rejected
     * and submitted once more between two looks.
     */
    async watch(): Promise<void> {
      const { workbook, submitted } = seen!;
      replace = undefined; // whatever was asked for, it has gone out
      const isCompared = () => compared?.workbook === workbook && compared.submitted === submitted;
      while (!isCompared() || compared?.usage !== counted) {
        const before = counted;
        await compareSubmitted(file!.fileId, before, ours());
        compared = { workbook, submitted, usage: before };
      }
    },

    /** The distributor has accepted it, but perhaps not every record of it. */
    async conclude(outcome: 'accepted' | 'closed'): Promise<End> {
      const [before, { fileId }] = [counted, file!];
      const { same, inConnect } = await compareSubmitted(fileId, counted, ours());
      if (counted !== before) return undefined; // counted anew meanwhile
      countLeftOut(ours()?.bad ?? 0);
      const { rows, totals, bad, notSelected } = counted;
      return end({ outcome, fileId, rows, totals, bad, notSelected, differs: !same, ...(!same && { inConnect }) });
    },
  };
}

/** Each is about a workbook that a person looks at, and may ask to replace. */
const FOR_A_PERSON: ReadonlySet<string> = new Set([
  FailureType.USAGE_UNREAD,
  FailureType.USAGE_INVALID,
  FailureType.USAGE_MISMATCH,
  FailureType.USAGE_REJECTED,
]);

/** Connect reads a workbook of many records within minutes. */
const LONGEST_READING_MS = 24 * 3_600_000;

const ENDED: ReadonlySet<string> = new Set<UsageFileLook['stage']>(['accepted', 'closed', 'deleted', 'gone']);

/** Whether what was uploaded is what is counted, and none of that is held back. */
function isSame(uploaded: ContractUsage | undefined, counted: ContractUsage): boolean {
  if (uploaded === undefined || uploaded === counted) return uploaded !== undefined;
  const digest = uploaded.digests?.records;
  return digest !== undefined && digest === counted.digests?.records && !counted.heldBack;
}

const FAILURES: Partial<Record<UsageFileLook['stage'], FailureType>> = {
  processing: FailureType.USAGE_UNREAD,
  invalid: FailureType.USAGE_INVALID,
  rejected: FailureType.USAGE_REJECTED,
};

/** What is wrong with a file that Connect does not read, has refused, or does not show, or that the distributor has refused. */
export function failureOf({ stage, problem = '' }: UsageFileLook): ApplicationFailure {
  return ApplicationFailure.create({
    type: FAILURES[stage] ?? FailureType.CONNECT_GONE,
    message: problem,
    nonRetryable: true,
  });
}

function mismatch(fileId: string, isOurs: boolean, report: string[]): ApplicationFailure {
  const message = isOurs
    ? `Connect has read something else from ${fileId} than was uploaded; it is not submitted.`
    : `${fileId} has a workbook that was not uploaded by its run, and says something else than the vendor; it is not submitted.`;
  return ApplicationFailure.create({
    type: FailureType.USAGE_MISMATCH,
    message,
    nonRetryable: true,
    details: [{ report }],
  });
}
