import { DISTRIBUTOR } from '../accounts';
import type { Asset, Channel } from '../model';
import type { ItemDefinition, PpuSchema, Product } from '../product-model';
import { requireTransition } from '../state-machines';

export const FILE_STATUSES = [
  'draft',
  'uploading',
  'uploaded',
  'invalid',
  'processing',
  'ready',
  'rejected',
  'pending',
  'accepted',
  'closed',
  'deleted',
];

export const RECORD_STATUSES = ['valid', 'invalid', 'approved', 'rejected', 'closed'] as const;
export type RecordStatus = (typeof RECORD_STATUSES)[number];

/** Of one product under one contract. Its rows come from the workbook that was uploaded last. */
export interface UsageFile {
  seq: number;
  /** `UF-yyyy-mm-dddd-dddd` */
  id: string;
  status: string;
  name: string;
  externalId: string;
  description: string;
  note: string;
  acceptanceNote: string;
  rejectionNote: string;
  errorDetail: string;
  schema: PpuSchema;
  currency: string;
  period: Period | undefined;
  product: Product;
  channel: Channel;
  /** The workbook as it was uploaded. */
  workbook: Workbook | undefined;
  reconciliation: Workbook | undefined;
  /** In the order of the workbook. */
  records: UsageRecord[];
  /** Number of the first of them, and of the first of the next workbook: no number is given out twice. */
  firstNumber: number;
  nextNumber: number;
  /** How many records have a status, and how many a billing id. */
  tally: Record<RecordStatus | 'billed', number>;
  categories: Category[];
  moments: Partial<Record<Moment, { ms: number; by: Person }>>;
}

/** Both days are included. */
export interface Period {
  from: string;
  to: string;
}

export interface Workbook {
  name: string;
  content: Buffer;
}

export interface Category {
  id: string;
  name: string;
  description: string;
}

/** What a usage file remembers the time of. */
export type Moment = 'created' | 'uploaded' | 'submitted' | 'accepted' | 'rejected' | 'closed' | 'deleted';

export interface Person {
  id: string;
  name: string;
}

/** One row of a workbook, in the file's own words where it is wrong. */
export interface UsageRecord {
  file: UsageFile;
  number: number;
  /** Line of the sheet; the header is 1. */
  line: number;
  /** The vendor's own id of the row. */
  recordId: string;
  note: string;
  item: ItemDefinition | undefined;
  asset: Asset | undefined;
  usage: number;
  amount: number | null;
  tier: number | null;
  category: string;
  /** `YYYY-MM-DD HH:MM:SS` */
  start: string;
  end: string;
  /** Columns of the vendor's own, `v.…`. */
  custom: Record<string, string>;
  status: RecordStatus;
  problems: Problem[];
  billingId: string;
  billingNote: string;
  closed: { ms: number; by: string } | undefined;
}

/** What is wrong with a row. */
export interface Problem {
  code: string;
  text: string;
}

export interface Reconciliation {
  seq: number;
  id: string;
  status: string;
  file: UsageFile;
  note: string;
  error: string;
  createdMs: number;
  by: Person;
}

/** `UR-yyyy-mm-dddd-dddd-dddd-dddd`, with the number of its file in front. */
export function recordIdOf({ file, number }: UsageRecord): string {
  const digits = String(number).padStart(8, '0');
  return `UR-${file.id.slice(3)}-${digits.slice(0, 4)}-${digits.slice(4)}`;
}

/** Whether the file's rows are waiting for the distributor, or were taken by it. */
export function isReported({ status }: UsageFile): boolean {
  return status === 'pending' || status === 'accepted' || status === 'closed';
}

export function emptyTally(): UsageFile['tally'] {
  return { valid: 0, invalid: 0, approved: 0, rejected: 0, closed: 0, billed: 0 };
}

/** The distributor's doing, all of it. */
export function setRecordStatus(record: UsageRecord, status: RecordStatus): void {
  requireTransition(recordIdOf(record), record.status, status, DISTRIBUTOR.id);
  record.file.tally[record.status] -= 1;
  record.status = status;
  record.file.tally[status] += 1;
}
