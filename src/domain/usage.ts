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
  /** Absent where an older version counted. */
  digests?: UsageDigests;
}

/** Two short texts that tell whether records are the same, in whatever order they come. */
export interface UsageDigests {
  /** Of all that each says, but for its id and its note. */
  records: string;
  /** Of what each charges: subscription, item and quantity. Connect tells as much of what it has read. */
  shares: string;
}

/** What the vendor reports for a period, of one contract. */
export interface ContractUsage extends CountedUsage {
  /** `CRD-…` */
  contractId: string;
  /** How many records of this contract's subscriptions cannot be reported. */
  bad: number;
  /** True where these hold back the whole file. */
  heldBack?: boolean;
  /** How many are left out, since the configuration does not select their subscriptions. Absent where an older version counted. */
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
  /** What is left out. Absent in the result of an older version, as is the next. */
  notSelected?: NotSelected[];
  kept?: KeptFile[];
  /** Those that have a usage file of the period and no record, good, bad or left out. Absent in the result of an older version. */
  withdrawn?: ContractUsage[];
  /** Bad records whose contract is not known, since their subscription is not: they belong to no file. */
  lost: number;
  /** The first bad records, of whatever contract. */
  bad: BadUsage[];
  /** Of the two periods before this one, those for which Connect has usage files of the product, of places that are selected. */
  reportedBefore: string[];
  /** The same of contracts of which records are left out now, whosever the files are. Absent in the result of an older version. */
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
  sent?: SentUsage | undefined;
  /** What an earlier run has uploaded, and into which file: a digest of its records. Only earlier code hands it on. */
  known?: { fileId: string; uploaded: string } | undefined;
  /** True after Connect found records invalid: a workbook that is there is replaced. */
  anew?: boolean;
  /** True where the report, or `reprocess`, has asked for the file since it was looked at: one that is deleted is made again. */
  asked?: boolean;
}

/** A usage file that holds records in Connect, and what it should say. */
export interface SentUsage extends Omit<ContractUsage, 'contractId'> {
  /** `UF-…` */
  fileId: string;
  /** True where this run uploaded what it should say; false where it was found, or the vendor has been counted since: it may say something else. */
  fresh: boolean;
  /** The digest of the records that this run uploaded; absent where it has uploaded none. */
  uploaded?: string | undefined;
  /** The same of a file that was found, as far as is known what was uploaded into it before. */
  known?: string | undefined;
}

/** The vendor reports nothing for this contract (any more), and Connect has no file either; or none of it is selected. */
export interface NothingSent {
  bad: number;
  notSelected?: number;
  /** `UF-…`: a file that Connect has all the same. It stays as it is, since records of its contract are not selected. */
  kept?: string;
}

export type UploadResult = ({ kind: 'nothing' } & NothingSent) | ({ kind: 'sent' } & SentUsage);

/** What Connect has read from a usage file. */
export interface UsageInConnect {
  rows: number;
  totals: UsageTotals;
}

/** Whether a usage file says what it should; the yes or no alone where Connect does not tell enough of it, and in histories of earlier code. */
export type UsageCheck = boolean | ({ same: boolean } & UsageInConnect);

/**
 * Where a usage file stands: on its way, or at its end. `invalid` and `rejected` are failures, for a person.
 *
 * @see Connect's documentation of usage files: draft, uploading, uploaded, processing, ready, pending, accepted, closed, deleted
 */
export type UsageFileStage = 'processing' | 'ready' | 'pending' | 'accepted' | 'closed' | 'deleted';

/** The same, and since when the distributor has it: it may be rejected and submitted once more between two looks. */
export interface UsageFileLook {
  stage: UsageFileStage;
  /** As Connect says it; absent where it does not. */
  submitted?: string | undefined;
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
  /** What is left out. Absent in the result of an older version, as is the next. */
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
  /** The latest period so far, which that of a backfill is not. Earlier code did not say it. */
  latest?: string;
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
