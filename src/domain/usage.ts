import type { Patience } from './request-run';
import type { Left } from './selection';

/**
 * How a product's usage is priced, as Connect calls it: QT by the distributor, from quantities; CR, PR and TR carry an amount of the vendor's,
 * TR one for each tier.
 */
export type UsageSchema = 'QT' | 'TR' | 'CR' | 'PR';

/** The sum of an item's quantities, and of its amounts where the schema has them, by MPN. Decimal text. */
export type UsageTotals = Record<string, { quantity: string; amount?: string }>;

/** A record that cannot be reported, and why. */
export interface BadUsage {
  /** Its place in what the vendor's hook gave out, from 1. */
  row: number;
  /** What the record says, for whoever looks for it. */
  asset: string;
  mpn: string;
  /** The vendor's own record id; empty where it has none. */
  recordId: string;
  problem: string;
}

/** The most bad records that a report names one by one; all are counted. */
export const MOST_BAD_USAGE = 500;

/** What good records come to. */
export interface CountedUsage {
  rows: number;
  totals: UsageTotals;
  /** Absent where no record is left. */
  digests?: UsageDigests;
}

/** Short texts that tell whether records are the same, in whatever order they come. */
export interface UsageDigests {
  /** Of all that each says, but for its id and its note. */
  records: string;
  /** Of what each charges: subscription, item and quantity. Connect tells as much of what it has read. */
  shares: string;
  /** The same with the amount; absent where the schema has none. */
  prices?: string;
}

/** What the vendor reports for a period, of one contract. */
export interface ContractUsage extends CountedUsage {
  /** `CRD-…` */
  contractId: string;
  /** How many records of this contract's subscriptions cannot be reported. */
  bad: number;
  /** True where these hold back the whole file. */
  heldBack?: boolean;
  /** How many are left out, since the configuration does not select their subscriptions. */
  notSelected?: number;
}

/** So many subscriptions are named where records of one contract are left out. */
export const MOST_ASSETS_NAMED = 10;

/** Records of one contract that are left out for the same reason: the configuration does not select their subscriptions. */
export interface NotSelected extends Left {
  contractId: string;
  records: number;
  /** The first of their subscriptions. */
  assets: string[];
  /** True where there are more of them. */
  more?: boolean;
}

/** A usage file in Connect that stays as it is, since no record of its contract is selected any more. */
export interface KeptFile {
  contractId: string;
  /** `UF-…` */
  fileId: string;
  /** Connect's. */
  status: string;
}

/** What the vendor reports for a period, counted; the records themselves stay out of the history. */
export interface CollectedUsage {
  /** Those that have a record which is selected, good or bad. */
  contracts: ContractUsage[];
  /** What is left out. */
  notSelected?: NotSelected[];
  kept?: KeptFile[];
  /** Those that have a usage file of the period and no record, good, bad or left out. */
  withdrawn?: ContractUsage[];
  /** Bad records whose contract is not known, since their subscription is not: they belong to no file. */
  lost: number;
  /** The first bad records, of whatever contract. */
  bad: BadUsage[];
  /** Of the two periods before this one, those for which Connect has usage files of the product, of places that are selected. */
  reportedBefore: string[];
  /** The same of contracts of which records are left out now, whosever the files are. */
  leftOutBefore?: string[];
}

/** What the activities of usage reporting work on. */
export interface UsageReport {
  /** `PRD-…` */
  productId: string;
  /** `2026-10` */
  period: string;
}

/** One usage file: of a product, a period and a contract. */
export interface UsageFileOf extends UsageReport {
  contractId: string;
}

/** A name that is the same whoever asks: workflow id of the report of a period. */
export const usageReportId = ({ productId, period }: UsageReport) => `usage-${productId}-${period}`;

/** The same of one usage file; also its `external_id` in Connect, by which it is found again. */
export const usageFileId = ({ productId, contractId, period }: UsageFileOf) =>
  `usage-${productId}-${contractId}-${period}`;

/** The step of a usage file that checks its records, and sends them. */
export const UPLOAD_STEP = 'upload usage';

/** The step that hands a usage file to the distributor. */
export const SUBMIT_STEP = 'submit';

/** What a usage file waits for, in the place of a step: Connect, with a workbook and with what was submitted; and the distributor's verdict. */
export const READING_STEP = 'Connect reads the workbook';
export const HANDED_IN_STEP = 'Connect hands it to the distributor';
export const VERDICT_STEP = 'the distributor looks at it';

/** The argument of `usageFile`. */
export interface UsageFileInput extends UsageFileOf {
  /** What the vendor reported when the records were counted. */
  usage: ContractUsage;
  patience?: Patience | undefined;
  /** Set where the run goes on with a file: after a long wait, or after it was parked. */
  file?: UsageInFile | undefined;
  /** The workbook in it that a person wants to have replaced, as long as the file stands where they have seen it. */
  replace?: { workbook: string; stage: UsageFileStage } | undefined;
  /** A workbook that Connect has not read, and since when the run waits for it, ISO 8601; `reprocess` gives it the time anew. */
  unread?: { workbook: string; since: string } | undefined;
  /** True where the report, or `reprocess`, has asked for the file since it was looked at: one that is deleted is made again. */
  asked?: boolean;
  /** True where it is shown that the file differs. */
  differs?: boolean;
}

/** A usage file in Connect, and what was uploaded into it. */
export interface UsageInFile {
  /** `UF-…` */
  fileId: string;
  /** The last workbook that is ours for certain: what it says, and which one it has replaced. Whoever has uploaded since, it is kept. */
  ours?: { usage: ContractUsage; workbook: string; replaced: string | undefined };
}

/**
 * A workbook in a usage file: it is looked at, and then replaced or submitted, this one and no other that somebody may have put in its place.
 * Its name is when and by whom it was uploaded, as Connect says it; empty where Connect does not, or there is none.
 */
export interface SeenWorkbook {
  fileId: string;
  workbook: string;
}

/** The vendor reports nothing for this contract (any more), and Connect has no file either; or none of it is selected. */
export interface NothingSent {
  bad: number;
  notSelected?: number;
  /** `UF-…`: a file that Connect has all the same. It stays as it is, since records of its contract are not selected. */
  kept?: string;
}

/** `found`: the file has another workbook than was to be replaced, or takes none. Nothing was changed. */
export type UploadResult =
  | ({ kind: 'nothing' } & NothingSent)
  | ({ kind: 'sent'; usage: ContractUsage } & SeenWorkbook)
  | { kind: 'found'; fileId: string };

/** What Connect has read from a usage file. */
export interface UsageInConnect {
  rows: number;
  totals: UsageTotals;
}

/** Whether a usage file says what it should. */
export interface UsageCheck {
  same: boolean;
  /** Absent where Connect does not tell enough of its records. */
  inConnect?: UsageInConnect;
}

/**
 * Where a usage file stands: on its way, for a person to see to (`invalid`, `rejected`), or at its end. `gone`: Connect does not show it.
 *
 * @see Connect's documentation of usage files: draft, uploading, uploaded, processing, ready, pending, accepted, closed, deleted
 */
export type UsageFileStage =
  'draft' | 'processing' | 'ready' | 'invalid' | 'pending' | 'rejected' | 'accepted' | 'closed' | 'deleted' | 'gone';

/** What a look at a usage file has shown. */
export interface UsageFileLook {
  stage: UsageFileStage;
  /** The one that it has: see {@link SeenWorkbook}. */
  workbook: string;
  /** Since when the distributor has it, as Connect says it: it may be rejected and submitted once more between two looks. */
  submitted?: string | undefined;
  /** What is wrong with one that is for a person; of one in `processing`, that the run has seen it so for too long. */
  problem?: string;
}

/** How a `usageFile` ends. `cancelled`: an operator cancelled the run; so the log and the metrics call it, no run returns it. */
export interface UsageFileResult {
  outcome: 'nothing' | 'accepted' | 'closed' | 'deleted' | 'cancelled';
  /** With `nothing`, one that stays as it is. */
  fileId?: string;
  /** What the vendor reports. */
  rows?: number;
  totals?: UsageTotals;
  bad?: number;
  notSelected?: number;
  /** True where the distributor has accepted something else than the vendor reports now: a finding. */
  differs?: boolean;
  /** What was accepted, where it differs. */
  inConnect?: UsageInConnect;
}

/** The argument of `reportUsage`. */
export interface ReportUsageInput extends UsageReport {
  patience?: Patience | undefined;
  /** The latest period that the schedule has reported; undefined where it has none, or where a person asks. */
  lastPeriod?: string | undefined;
}

/** How `reportUsage` ends. */
export interface ReportUsageResult {
  outcome: 'reported' | 'nothing';
  period: string;
  /** By contract: the workflow that sees to its usage file, and what it was given. */
  files: (Pick<ContractUsage, 'contractId' | 'rows' | 'totals' | 'bad'> & {
    workflowId: string;
    state: 'started' | 'running';
  })[];
  /** What is left out. */
  notSelected?: NotSelected[];
  kept?: KeptFile[];
  findings: UsageFinding[];
}

/**
 * What somebody should look at. Of a report: `zero`: nothing to report after a month with data; `skipped`: the month before was not reported.
 * Of a usage file: `differs`: what is with the distributor, or was accepted, is not what the vendor reports now.
 */
export type UsageFinding = 'zero' | 'skipped' | 'differs';

/** The argument of `scheduledUsage`. */
export interface ScheduledUsageInput {
  productId: string;
  /** Whose clocks tell which month was over when the schedule fired: `UTC`, `Europe/Madrid`. */
  timeZone: string;
  patience?: Patience | undefined;
}

/** What a scheduled run hands on to the next. */
export interface ScheduledUsageResult {
  period: string;
  /** The latest period so far, which that of a backfill is not. */
  latest: string;
}

/** One line of a report: `record 12: asset AS-1, item MPN_A, id 7: is outside the period` */
export function describeBad({ row, asset, mpn, recordId, problem }: BadUsage): string {
  const what = [asset && `asset ${asset}`, mpn && `item ${mpn}`, recordId && `id ${recordId}`]
    .filter(Boolean)
    .join(', ');
  return `record ${row}: ${what ? `${what}: ` : ''}${problem}`;
}

/** `12 records of CRD-1 are not selected: the connection type test is not processed (AS-1, AS-2)` */
export function describeNotSelected({ contractId, records, text, assets, more }: NotSelected): string {
  const named = more ? [...assets, '…'] : assets;
  return `${records} records of ${contractId || 'no contract'} are not selected: ${text} (${named.join(', ')})`;
}

export function describeKept({ contractId, fileId, status }: KeptFile): string {
  return `${fileId} of ${contractId} is ${status} in Connect and stays as it is: no record of the contract is selected`;
}
