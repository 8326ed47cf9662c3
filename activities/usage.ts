import { cancellationSignal, log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { UsageFile } from '../src/connect/usage-files';
import { FailureType } from '../src/domain/failure-type';
import type { Redact } from '../src/domain/redact';
import type { Selection } from '../src/domain/selection';
import {
  type CollectedUsage,
  describeBad,
  describeKept,
  describeNotSelected,
  type SentUsage,
  type UploadResult,
  type UsageCheck,
  usageFileId,
  type UsageFileInput,
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
import { createUsageFiles } from './usage-files';
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
  uploading: 'processing',
  processing: 'processing',
  uploaded: 'ready',
  ready: 'ready',
  pending: 'pending',
  accepted: 'accepted',
  closed: 'closed',
  deleted: 'deleted',
};

/** Statuses in which a file takes a workbook: its first, or a corrected one. */
const TAKES_WORKBOOK = new Set(['draft', 'invalid', 'rejected']);
const SUBMITTED = new Set(['pending', 'accepted', 'rejected', 'closed']);

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
     * Sees to it that Connect has the usage file of a contract, with the vendor's records in it. One that is there is found by its
     * `external_id`; one that is on its way stays as it is, unless it is ready and `anew` is set. While Connect reads a workbook it takes no
     * other: that one is ours, of an attempt whose answer was lost.
     *
     * @throws UsageRefused where bad records hold the file back: nothing is sent
     * @throws UsageDoubled where somebody else has reported the month
     */
    async uploadUsage(input: UsageFileInput, { anew }: { anew: boolean }): Promise<UploadResult> {
      const { productId, period, contractId, usage } = input;
      const of: UsageFileOf = { productId, period, contractId };
      const existing = await files.find(of);
      const isReplaced = anew && existing && STAGES[existing.status] === 'ready';
      if (existing && !TAKES_WORKBOOK.has(existing.status) && !isReplaced) {
        const { contractId: _contract, ...reported } = usage;
        return { kind: 'sent', fileId: existing.id, fresh: false, ...reported };
      }
      const from = source(of);
      const built = await buildWorkbook(from, of);
      if (built.badCount > 0 && holdsBack(from)) throw heldBack(of, built);
      if (built.rows === 0) return await files.withdraw(existing, built);

      if (!from.reporting.besideOtherFiles) await files.refuseAnother(of, existing?.id);
      // What was not there before may have come while the workbook was built.
      const { id } = existing ?? (await files.find(of)) ?? (await files.create(of, built.marketplaceId));
      await connect.usageFiles.upload(id, built.workbook, `${usageFileId(of)}.xlsx`);
      const { workbook, rows, totals, digests, badCount: bad, notSelected } = built;
      log.info('workbook uploaded', { usageFile: id, rows, notSelected, bytes: workbook.byteLength });
      const uploaded = digests?.records;
      return { kind: 'sent', fileId: id, fresh: true, uploaded, rows, totals, digests, bad, notSelected };
    },

    /**
     * Where a usage file stands.
     *
     * @param saysWhen it was submitted; absent where earlier code asks, which expects the stage alone
     * @throws UsageInvalid, UsageRejected: for a person
     */
    async readUsageStage(fileId: string, saysWhen = false): Promise<UsageFileStage | UsageFileLook> {
      const file = await files.read(fileId);
      const { status, error_detail, rejection_note, records } = file;
      if (status === 'rejected') {
        const why = rejection_note || 'no note says why';
        throw failure(FailureType.USAGE_REJECTED, `The distributor rejected ${fileId}: ${why}`);
      }
      const stage = STAGES[status];
      const invalid = records?.invalid ?? 0;
      if (stage === undefined || (stage === 'ready' && invalid > 0)) {
        const why =
          error_detail.replace(/\.$/, '') || (invalid > 0 ? `${invalid} records are invalid` : 'no detail says why');
        throw failure(
          FailureType.USAGE_INVALID,
          `${fileId} is "${status}": ${why}. The Connect portal offers the file with the error of each record.`,
        );
      }
      return saysWhen ? { stage, submitted: file.events?.submitted?.at } : stage;
    },

    /**
     * Whether Connect has read from a usage file what it should say: as many records, the same sums for each item, of the same subscriptions. Where
     * Connect does not say enough of a record to tell, the number of records has to do.
     */
    async checkUsageTotals({ fileId, rows, totals, digests }: SentUsage): Promise<UsageCheck> {
      const inConnect = createStoredTally();
      for await (const record of connect.usageRecords.ofFile(fileId)) inConnect.add(record);
      const stored = inConnect.result();
      if (!stored.isTelling) log.warn('Connect does not tell enough of the records to compare their sums', { fileId });
      const sameSums = sameTotals(stored.totals, totals);
      const sameShares = !stored.shares || !digests || stored.shares === digests.shares;
      const same = stored.rows === rows && (!stored.isTelling || (sameSums && sameShares));
      return stored.isTelling ? { same, rows: stored.rows, totals: stored.totals } : same;
    },

    /**
     * Hands a usage file to the distributor.
     *
     * @param of absent where earlier code asks
     * @throws UsageDoubled where somebody else has reported the month since the file was uploaded
     */
    async submitUsageFile(fileId: string, of?: UsageFileOf): Promise<void> {
      const submit = async () => {
        if (of && !source(of).reporting.besideOtherFiles) await files.refuseAnother(of, fileId);
        await connect.usageFiles.submit(fileId);
      };
      await settle(submit, async () => SUBMITTED.has((await files.read(fileId)).status));
    },
  };
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
