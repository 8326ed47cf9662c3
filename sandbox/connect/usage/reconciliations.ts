import type { FastifyInstance } from 'fastify';
import type { Account } from '../accounts';
import { isoSecond } from '../clock';
import { invalid, notFound, wrongUsageState } from '../errors';
import { answerList } from '../list';
import { text, type Fields } from '../rql/fields';
import type { Store } from '../store';
import { tableOf, usageTables, type NamedRow } from './columns';
import { closeRecord } from './lifecycle';
import { recordIdOf, type Reconciliation, type UsageFile, type UsageRecord, type Workbook } from './model';
import { readSheets } from './sheets';
import { usageFileReference } from './views';

/**
 * Close the records that a workbook names, each with its billing id. Its columns: `record_id`, the vendor's or
 * Connect's, `external_billing_id` and, if there is anything to say, `external_billing_note`.
 *
 * @throws ConnectError 400 in a wrong state, or for a workbook that cannot be applied as a whole; nothing is closed then
 */
export async function reconcile(
  store: Store,
  file: UsageFile,
  workbook: Workbook,
  note: string | undefined,
  by: Account,
): Promise<void> {
  if (file.status !== 'accepted') throw wrongUsageState('reconciliation', file.status);
  const closings = await closingsOf(file, workbook);
  const failed = typeof closings === 'string';
  const reconciliation: Reconciliation = {
    seq: store.next(),
    id: store.ids.reconciliation(),
    status: failed ? 'failed' : 'processed',
    file,
    note: note ?? '',
    error: failed ? closings : '',
    createdMs: Date.now(),
    by: { id: by.id, name: by.name },
  };
  store.reconciliations.add(reconciliation);
  file.reconciliation = workbook;
  if (failed) throw invalid('recon_file', closings);
  for (const { record, billing } of closings) closeRecord(store, record, billing, by);
}

interface Closing {
  record: UsageRecord;
  billing: { id: string; note: string };
}

/** What a workbook closes, or why it closes nothing. */
async function closingsOf(file: UsageFile, { content }: Workbook): Promise<Closing[] | string> {
  const read = await readSheets(content);
  if ('trouble' in read) return read.trouble;
  const table = usageTables(read.sheets).records ?? tableOf(read.sheets[0]);
  const rows = table?.rows ?? [];
  if (rows.length === 0) return 'The workbook has no rows.';
  const missing = ['record_id', 'external_billing_id'].filter((name) => table?.columns.includes(name) !== true);
  if (missing.length > 0) return `The sheet lacks columns: ${missing.join(', ')}.`;

  const byId = new Map(file.records.flatMap((one) => [one.recordId, recordIdOf(one)].map((id) => [id, one] as const)));
  const closings: Closing[] = [];
  const named = new Set<UsageRecord>();
  for (const row of rows) {
    const record = byId.get(row.text('record_id'));
    const problem = problemOf(record, row, named);
    if (record === undefined || problem !== undefined) return `Row ${row.line}: ${problem}.`;
    named.add(record);
    const billing = { id: row.text('external_billing_id'), note: row.text('external_billing_note') };
    closings.push({ record, billing });
  }
  return closings;
}

function problemOf(
  record: UsageRecord | undefined,
  row: NamedRow,
  named: ReadonlySet<UsageRecord>,
): string | undefined {
  const id = row.text('record_id');
  if (record === undefined) return `the file has no record "${id}"`;
  if (named.has(record)) return `record "${id}" is named twice`;
  if (record.status !== 'approved') return `record "${id}" is ${record.status}`;
  return row.text('external_billing_id') === '' ? 'external_billing_id is empty' : undefined;
}

function view(reconciliation: Reconciliation): object {
  const { file, note, error, createdMs, by } = reconciliation;
  const event = { at: isoSecond(createdMs), by };
  return {
    id: reconciliation.id,
    status: reconciliation.status,
    usagefile: usageFileReference(file),
    partusagefile: null,
    binding: null,
    error: { detail: error },
    notes: { uploaded: note, processing: '' },
    events: { created: event, uploaded: event },
  };
}

const fields: Fields<Reconciliation> = {
  id: text(({ id }) => id),
  'usagefile.id': text(({ file }) => file.id, { orderable: true }),
};

/** `/usage/reconciliations`: what was uploaded to close records with. */
export function reconciliationRoutes(app: FastifyInstance, store: Store): void {
  app.get('/usage/reconciliations', (request, reply) =>
    answerList(request, reply, store.reconciliations, { fields, view }),
  );
  app.get<{ Params: { id: string } }>('/usage/reconciliations/:id', ({ params }) => {
    const reconciliation = store.reconciliations.get(params.id);
    if (reconciliation === undefined) throw notFound('Reconciliation', params.id);
    return view(reconciliation);
  });
}
