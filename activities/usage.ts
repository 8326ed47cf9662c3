import { cancellationSignal, log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { UsageFile } from '../src/connect/usage-files';
import { FailureType } from '../src/domain/failure-type';
import type { Redact } from '../src/domain/redact';
import type { Selection } from '../src/domain/selection';
import {
  type CollectedUsage,
  type ContractUsage,
  describeBad,
  describeKept,
  describeNotSelected,
  type SeenWorkbook,
  type UploadResult,
  type UsageCheck,
  usageFileId,
  type UsageFileLook,
  type UsageFileOf,
  type UsageFileStage,
  type UsageReport,
} from '../src/domain/usage';
import { isOver, monthBefore, notOver } from '../src/domain/usage-period';
import { usageReporting } from '../src/sdk/usage';
import type { VendorOf } from '../src/sdk/vendor';
import { failure } from './failure';
import { settle } from './settle';
import { mayBeOfSelectedPlace } from './usage-file-place';
import { createUsageFiles, workbookOf } from './usage-files';
import { keptFiles } from './usage-not-selected';
import { type BuiltWorkbook, buildWorkbook, countUsage, readReport, type UsageSource } from './usage-reader';
import { createStoredTally, sameTotals } from './usage-totals';
import { withdrawnUsage } from './usage-withdrawn';

export interface UsageDependencies {
  connect: Pick<ConnectClient, 'usageFiles' | 'usageRecords' | 'products' | 'assets' | 'marketplaces'>;
  vendorOf: VendorOf;
  /** Of which subscriptions of a product usage is reported; undefined where nothing limits them. */
  selectionOf(productId: string): Selection | undefined;
  /** Takes the secrets of the configuration out of a text. */
  redact: Redact;
}

/** Where a usage file stands, by Connect's status. Sources differ in what `uploaded` and `ready` mean; a file in either may be submitted. */
const STAGES: Readonly<Record<string, UsageFileStage>> = {
  draft: 'draft',
  uploading: 'processing',
  processing: 'processing',
  uploaded: 'ready',
  ready: 'ready',
  invalid: 'invalid',
  pending: 'pending',
  rejected: 'rejected',
  accepted: 'accepted',
  closed: 'closed',
  deleted: 'deleted',
};

/** A status that we do not know is for a person too. */
const stageOf = ({ status }: UsageFile): UsageFileStage => STAGES[status] ?? 'invalid';

/** Where a file takes a workbook: its first, or another. */
const TAKES_WORKBOOK: ReadonlySet<UsageFileStage> = new Set(['draft', 'invalid', 'ready', 'rejected']);
/** Where it may be submitted: one that is invalid, or in a status that we do not know, Connect refuses in its own words. */
const TAKES_SUBMISSION: ReadonlySet<UsageFileStage> = new Set(['ready', 'invalid']);
/** Connect may show a submission that it has taken some moments later. */
const HANDING_IN_MS = 5_000;

/** In bytes. Temporal takes 2 MB; the report hands on what it has collected. */
const LARGEST_RESULT = 1_800_000;

/** The steps of usage reporting. Each is safe to repeat. */
export function createUsageActivities({ connect, vendorOf, selectionOf, redact }: UsageDependencies) {
  const files = createUsageFiles(connect);
  const holdsBack = ({ reporting }: UsageSource) => reporting.badRecordHoldsBack !== 'record';
  function source({ productId }: UsageReport): UsageSource {
    const hook = vendorOf(productId)?.usage;
    if (!hook) throw failure(FailureType.VENDOR_NOT_WRITTEN, noUsageHook(productId));
    const selection = selectionOf(productId);
    return { connect, reporting: usageReporting(hook), selection, signal: cancellationSignal(), log, redact };
  }

  return {
    /**
     * Counts what the vendor reports for a product and a month, contract by contract, and what of it is left out. Changes nothing.
     *
     * @throws UsageNotSetUp, UsageTooEarly: final
     * @throws VendorFault, VendorTimeout, ConnectUnavailable, …: tried on
     */
    async collectUsage(of: UsageReport): Promise<CollectedUsage> {
      if (!isOver(of.period, new Date())) throw failure(FailureType.USAGE_TOO_EARLY, notOver(of.period));
      const from = source(of);
      const counted = await countUsage(readReport(from, of), holdsBack(from));
      for (const bad of counted.bad) log.warn(`bad usage: ${describeBad(bad)}`, { ...of });
      const known = await connect.usageFiles.ofProducts([of.productId]);
      const selection = selectionOf(of.productId);
      const kept = keptFiles(of, counted, known);
      for (const one of counted.notSelected) log.warn(describeNotSelected(one), { ...of, reason: one.reason });
      for (const one of kept) log.warn(describeKept(one), { ...of });
      const withdrawn = withdrawnUsage(of, counted, known, selection);
      for (const { contractId } of withdrawn) log.warn(`nothing is reported any more of ${contractId}`, { ...of });
      const leftOut = new Set(counted.notSelected.map(({ contractId }) => contractId));
      const before = (isMeant: (file: UsageFile) => boolean) => monthsBefore(of, known.filter(isMeant));
      const reportedBefore = before((file) => mayBeOfSelectedPlace(of.productId, file, selection));
      const leftOutBefore = before(({ contract }) => contract !== undefined && leftOut.has(contract.id));
      return small(of, { ...counted, kept, withdrawn, reportedBefore, leftOutBefore });
    },

    /**
     * Uploads the vendor's records of a contract into its usage file, which is found by its `external_id` or made. A file that has a workbook gets
     * another only in place of the one that was seen in it: whatever came since, of an attempt whose answer was lost or of a person, stays.
     *
     * @param seen what is to be replaced; undefined for a first workbook
     * @throws UsageRefused where bad records hold the file back: nothing is sent
     * @throws UsageDoubled where somebody else has reported the month
     */
    async uploadUsage(of: UsageFileOf, seen?: SeenWorkbook): Promise<UploadResult> {
      const find = () => (seen ? files.read(seen.fileId) : files.find(of));
      const found = foundInstead(await find(), seen);
      if (found) return found;
      const from = source(of);
      const built = await buildWorkbook(from, of);
      if (built.badCount > 0 && holdsBack(from)) throw heldBack(of, built);
      const file = await find(); // another may have come while the workbook was built
      const come = foundInstead(file, seen);
      if (come) return come;
      if (built.rows === 0) return await files.withdraw(file, built);

      if (!from.reporting.besideOtherFiles) await files.refuseAnother(of, file?.id);
      const { id: fileId } = file ?? (await files.create(of, built.marketplaceId));
      await connect.usageFiles.upload(fileId, built.workbook, `${usageFileId(of)}.xlsx`);
      const { workbook, rows, totals, digests, badCount: bad, notSelected } = built;
      log.info('workbook uploaded', { usageFile: fileId, rows, notSelected, bytes: workbook.byteLength });
      const usage: ContractUsage = { contractId: of.contractId, rows, totals, digests, bad, notSelected };
      const uploaded = await files.read(fileId); // the answer to the upload is not told to have it
      return { kind: 'sent', fileId, workbook: workbookOf(uploaded), usage };
    },

    /** Whether Connect has a usage file of ours into which something was uploaded, by whomever: one that a run may not know of. */
    async hasUsageFile(of: UsageFileOf): Promise<boolean> {
      const found = await connect.usageFiles.withExternalId(of.productId, usageFileId(of));
      return found.some(({ status }) => status !== 'draft');
    },

    /** Where a usage file stands, and with which workbook. */
    async readUsageStage(fileId: string): Promise<UsageFileLook> {
      const file = await files.read(fileId);
      if (!file) return { stage: 'gone', workbook: '', problem: `${fileId} does not exist in Connect (any more).` };
      const { status, error_detail, rejection_note, records } = file;
      const look = { workbook: workbookOf(file), submitted: file.events?.submitted?.at };
      if (status === 'rejected') {
        const why = rejection_note || 'no note says why';
        return { ...look, stage: 'rejected', problem: `The distributor rejected ${fileId}: ${why}` };
      }
      const stage = stageOf(file);
      const invalid = records?.invalid ?? 0;
      if (stage !== 'invalid' && (stage !== 'ready' || invalid === 0)) return { ...look, stage };
      const why =
        error_detail.replace(/\.$/, '') || (invalid > 0 ? `${invalid} records are invalid` : 'no detail says why');
      const where = 'The Connect portal offers the file with the error of each record.';
      return { ...look, stage: 'invalid', problem: `${fileId} is "${status}": ${why}. ${where}` };
    },

    /**
     * Whether Connect has read from a usage file what it should say: as many records, the same sums for each item, and of each subscription the
     * same quantities and amounts. Where Connect does not say enough of a record to tell, the number of records has to do.
     */
    async checkUsageTotals(fileId: string, { rows, totals, digests }: ContractUsage): Promise<UsageCheck> {
      const inConnect = createStoredTally();
      for await (const record of connect.usageRecords.ofFile(fileId)) inConnect.add(record);
      const stored = inConnect.result();
      if (!stored.isTelling) log.warn('Connect does not tell enough of the records to compare their sums', { fileId });
      const sameSums = sameTotals(stored.totals, totals);
      const sameShares = !stored.shares || !digests || stored.shares === digests.shares;
      const samePrices = !stored.prices || !digests?.prices || stored.prices === digests.prices;
      const same = stored.rows === rows && (!stored.isTelling || (sameSums && sameShares && samePrices));
      return { same, ...(stored.isTelling && { inConnect: { rows: stored.rows, totals: stored.totals } }) };
    },

    /**
     * Hands a usage file to the distributor, with the workbook that was seen in it: one that was replaced, or moved on, meanwhile stays where it is.
     *
     * @throws UsageDoubled where somebody else has reported the month since the file was uploaded
     * @throws UsageUnsubmitted, tried on: Connect has taken the submission, and nothing has come of it
     */
    async submitUsageFile(of: UsageFileOf, { fileId, workbook }: SeenWorkbook): Promise<void> {
      async function isToBeSubmitted(): Promise<boolean> {
        const file = await files.read(fileId);
        return file !== undefined && TAKES_SUBMISSION.has(stageOf(file)) && workbookOf(file) === workbook;
      }
      if (!(await isToBeSubmitted())) return;
      if (!source(of).reporting.besideOtherFiles) await files.refuseAnother(of, fileId);
      await settle(
        () => connect.usageFiles.submit(fileId),
        async () => ((await isToBeSubmitted()) ? 'as it was' : 'done'),
      );
      if (await isToBeSubmitted()) throw unsubmitted(fileId);
    },
  };
}

/** What is there in place of the workbook that was seen, or of none; undefined where it is as it was seen, and takes another. */
function foundInstead(file: UsageFile | undefined, seen: SeenWorkbook | undefined): UploadResult | undefined {
  if (!seen) return !file || file.status === 'draft' ? undefined : { kind: 'found', fileId: file.id };
  const isAsSeen = file && TAKES_WORKBOOK.has(stageOf(file)) && workbookOf(file) === seen.workbook;
  return isAsSeen ? undefined : { kind: 'found', fileId: seen.fileId };
}

/** What is said of a product whose usage nobody gives out. */
export function noUsageHook(productId: string): string {
  return `The vendor of ${productId} has no hook "usage". See docs/report-usage.md.`;
}

/** @throws UsageNotSetUp where it is more than Temporal takes as a result, which would be tried for ever */
function small({ productId }: UsageReport, collected: CollectedUsage): CollectedUsage {
  if (Buffer.byteLength(JSON.stringify(collected)) <= LARGEST_RESULT) return collected;
  const sums = collected.contracts.reduce((all, { totals }) => all + Object.keys(totals).length, 0);
  throw failure(
    FailureType.USAGE_NOT_SET_UP,
    `The usage of ${productId} has ${sums} sums, of ${collected.contracts.length} contracts and their items: more than one report holds. ` +
      'Report it by several deployments, each of which selects some of the contracts.',
  );
}

function unsubmitted(fileId: string) {
  return failure(
    FailureType.USAGE_UNSUBMITTED,
    `Connect has taken the submission of ${fileId}, and does not show it with the distributor.`,
    { retryAfterMs: HANDING_IN_MS },
  );
}

function heldBack({ contractId }: UsageFileOf, { badCount, bad }: BuiltWorkbook) {
  const report = bad.map(describeBad);
  const some = report.slice(0, 2).join('. ');
  return failure(
    FailureType.USAGE_REFUSED,
    `The file of ${contractId} is held back by bad usage records, ${badCount} in all: ${some}`,
    { report },
  );
}

/** Of the two periods before, those of which there are usage files. */
function monthsBefore({ productId, period }: UsageReport, files: readonly UsageFile[]): string[] {
  const before = monthBefore(period);
  const known = files.filter(({ status }) => status !== 'deleted').map(({ external_id }) => external_id);
  const prefix = `usage-${productId}-`;
  return [monthBefore(before), before].filter((one) =>
    known.some((id) => id.startsWith(prefix) && id.endsWith(`-${one}`)),
  );
}
