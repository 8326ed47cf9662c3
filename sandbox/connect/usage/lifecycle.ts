import type { Account } from '../accounts';
import { ConnectError, wrongUsageState } from '../errors';
import { USAGE_FILE } from '../state-machines';
import type { Store } from '../store';
import { emptyTally, setRecordStatus, type Moment, type UsageFile, type UsageRecord, type Workbook } from './model';

type Action = 'upload' | 'reprocess' | 'submit' | 'delete' | 'accept' | 'reject' | 'close';

/** What the two accounts may do with a usage file, from wherever its state machine lets them. */
const ACTIONS: Record<Action, { by: Account['kind']; to: string; moment?: Moment }> = {
  upload: { by: 'vendor', to: 'uploading', moment: 'uploaded' },
  reprocess: { by: 'vendor', to: 'processing' },
  submit: { by: 'vendor', to: 'pending', moment: 'submitted' },
  delete: { by: 'vendor', to: 'deleted', moment: 'deleted' },
  accept: { by: 'distributor', to: 'accepted', moment: 'accepted' },
  reject: { by: 'distributor', to: 'rejected', moment: 'rejected' },
  close: { by: 'distributor', to: 'closed', moment: 'closed' },
};

/** Whose action this is. */
export const actorOf = (action: Action): Account['kind'] => ACTIONS[action].by;

/** A workbook came, which takes the place of the one before. @throws ConnectError 400 in a wrong state */
export function upload(store: Store, file: UsageFile, workbook: Workbook, by: Account): void {
  act(store, file, 'upload', by);
  file.workbook = workbook;
}

/** Judge the same workbook again. @throws ConnectError 400 in a wrong state */
export function reprocess(store: Store, file: UsageFile, by: Account): void {
  act(store, file, 'reprocess', by);
}

/** Hand the file to the distributor. @throws ConnectError 400 in a wrong state */
export function submit(store: Store, file: UsageFile, by: Account): void {
  act(store, file, 'submit', by);
}

/** @throws ConnectError 400 in a wrong state */
export function remove(store: Store, file: UsageFile, by: Account): void {
  act(store, file, 'delete', by);
  file.records = [];
  file.tally = emptyTally();
}

/** What the distributor did not reject one by one is approved. @throws ConnectError 400 in a wrong state */
export function accept(store: Store, file: UsageFile, note: string, by: Account): void {
  act(store, file, 'accept', by);
  file.acceptanceNote = note;
  for (const record of file.records) if (record.status === 'valid') setRecordStatus(record, 'approved');
}

/** Back to the vendor, with all its rows. @throws ConnectError 400 in a wrong state */
export function reject(store: Store, file: UsageFile, note: string, by: Account): void {
  act(store, file, 'reject', by);
  file.rejectionNote = note;
  for (const record of file.records) if (record.status !== 'rejected') setRecordStatus(record, 'rejected');
}

/** All that is still open is closed with the file, without a billing id. @throws ConnectError 400 in a wrong state */
export function close(store: Store, file: UsageFile, note: string, by: Account): void {
  act(store, file, 'close', by);
  for (const record of file.records) if (record.status === 'approved') markClosed(record, { note }, by);
}

/** Approve every row of a file that waits. @throws ConnectError 400 where it does not */
export function approveAll(file: UsageFile): void {
  requirePending(file, 'approve-all');
  for (const record of file.records) if (record.status === 'valid') setRecordStatus(record, 'approved');
}

/** The distributor's word on one row. @throws ConnectError 400 unless its file waits for one */
export function judge(record: UsageRecord, status: 'approved' | 'rejected'): void {
  requirePending(record.file, status === 'approved' ? 'approve a record' : 'reject a record');
  if (record.status !== status) setRecordStatus(record, status);
}

export interface Billing {
  id?: string;
  note?: string;
}

/** Close one row; its file is closed with the last one. @throws ConnectError 400 unless the row is approved in an accepted file */
export function closeRecord(store: Store, record: UsageRecord, billing: Billing, by: Account): void {
  const { file } = record;
  if (file.status !== 'accepted' || record.status !== 'approved') {
    const text = `Only approved records of accepted files can be closed: this one is ${record.status}, its file ${file.status}.`;
    throw new ConnectError(400, 'USG_002', [text]);
  }
  markClosed(record, billing, by);
  if (file.tally.approved === 0) act(store, file, 'close', by);
}

function markClosed(record: UsageRecord, { id = '', note = '' }: Billing, by: Account): void {
  setRecordStatus(record, 'closed');
  record.billingId = id;
  record.billingNote = note;
  record.closed = { ms: Date.now(), by: by.id };
  if (id !== '') record.file.tally.billed += 1;
}

function requirePending(file: UsageFile, action: string): void {
  if (file.status !== 'pending') throw wrongUsageState(action, file.status);
}

function act(store: Store, file: UsageFile, action: Action, by: Account): void {
  const { by: kind, to, moment } = ACTIONS[action];
  const leads = USAGE_FILE.some(([from, next, actors]) => from === file.status && next === to && actors.includes(kind));
  if (!leads) throw wrongUsageState(action, file.status);
  if (moment !== undefined) file.moments[moment] = { ms: Date.now(), by: { id: by.id, name: by.name } };
  move(store, file, to, action, by.id);
  store.journal.effect(file.id, action);
}

/** Change the status and write it down. */
export function move(store: Store, file: UsageFile, to: string, action: string, by: string): void {
  const from = file.status;
  store.usageFiles.setStatus(file, to);
  store.journal.record(file.id, { action, from, to, by });
}
