import type { FastifyInstance } from 'fastify';
import { accountOf, only } from '../authorization';
import type { Account } from '../accounts';
import { isoSecond } from '../clock';
import { ConnectError, invalid, notFound } from '../errors';
import type { Asset } from '../model';
import type { ItemDefinition } from '../product-model';
import { choice, date, text, withUnderscoreNames, type Fields } from '../rql/fields';
import type { Store } from '../store';
import { closeRecord, judge, type Billing } from './lifecycle';
import { RECORD_STATUSES, recordIdOf, type UsageRecord } from './model';
import { answerRecords } from './record-list';
import { msOf } from './values';
import { usageFileReference } from './views';

/** A record as JSON. A row that is invalid may lack its item or its subscription. */
function recordView(record: UsageRecord): object {
  const { file, item, asset, closed, custom } = record;
  return {
    id: recordIdOf(record),
    start_date: instant(record.start),
    end_date: instant(record.end),
    product_id: file.product.id,
    external_billing_id: record.billingId,
    external_billing_note: record.billingNote,
    item: item ? itemReference(item) : null,
    asset: asset ? assetReference(asset) : null,
    category: record.category,
    tier: record.tier,
    amount: record.amount,
    multiplier: 1,
    usage: record.usage,
    status: record.status,
    closed_at: closed ? isoSecond(closed.ms) : null,
    closed_by: closed ? closed.by : null,
    params: Object.entries(custom).map(([parameter_name, parameter_value]) => ({ parameter_name, parameter_value })),
    item_id: item?.id ?? '',
    asset_id: asset?.id ?? '',
    usagefile: usageFileReference(file),
    resource_local_id: item?.localId ?? '',
    asset_external_id: asset?.external_id ?? '',
    asset_external_uid: asset?.external_uid ?? '',
  };
}

/** An item as usage refers to it. */
export function itemReference({ id, localId, name, unit, mpn, precision, type }: ItemDefinition): object {
  return { id, local_id: localId, name, unit, mpn, precision, type };
}

/** A subscription as usage refers to it. */
export function assetReference({ id, external_id, external_uid }: Asset): object {
  return { id, external_id, external_uid };
}

/** Null for what is no time, as a row that is invalid may have it. */
function instant(time: string): string | null {
  const ms = msOf(time);
  return Number.isNaN(ms) ? null : isoSecond(ms);
}

const startOf = (record: UsageRecord) => msOf(record.start);
const createdOf = (record: UsageRecord) => record.file.moments.uploaded?.ms ?? 0;

const fields: Fields<UsageRecord> = withUnderscoreNames<UsageRecord>({
  id: text(recordIdOf),
  status: choice([...RECORD_STATUSES], (record) => record.status, { orderable: true }),
  'usagefile.id': text((record) => record.file.id),
  usage_file: text((record) => record.file.id),
  'usagefile.schema': choice(['tr', 'pr', 'qt', 'cr'], (record) => record.file.schema.toLowerCase()),
  'product.id': text((record) => record.file.product.id),
  product_id: text((record) => record.file.product.id),
  'item.id': text((record) => record.item?.id),
  item_id: text((record) => record.item?.id),
  'asset.id': text((record) => record.asset?.id),
  asset_id: text((record) => record.asset?.id),
  'asset.external_id': text((record) => record.asset?.external_id),
  asset_external_id: text((record) => record.asset?.external_id),
  'asset.external_uid': text((record) => record.asset?.external_uid),
  asset_external_uid: text((record) => record.asset?.external_uid),
  'hub.id': text((record) => record.asset?.channel.connection.hub.id),
  start_date: date(startOf, { orderable: false }),
  end_date: date((record) => msOf(record.end), { orderable: false }),
  usage_start_time: date(startOf),
  created_time: date(createdOf),
});

type Body = Record<string, unknown> | null;
interface WithId {
  Params: { id: string };
  Body: Body;
}

/** `/usage/records`: the rows of all usage files, and how the distributor closes them. */
export function usageRecordRoutes(app: FastifyInstance, store: Store): void {
  app.get('/usage/records', (request, reply) => answerRecords(request, reply, store, { fields, view: recordView }));
  app.get<WithId>('/usage/records/:id', ({ params }) => recordView(existing(store, params.id)));
  app.put<WithId>('/usage/records/:id', (request) => {
    only('distributor', accountOf(request));
    const record = existing(store, request.params.id);
    const status = request.body?.status;
    if (status !== 'approved' && status !== 'rejected') {
      throw invalid('status', `"${String(status)}" is not a valid choice.`);
    }
    judge(record, status);
    return recordView(record);
  });
  app.post<WithId>('/usage/records/:id/close', (request) => {
    const by = only('distributor', accountOf(request));
    const record = existing(store, request.params.id);
    closeRecord(store, record, billingOf(request.body), by);
    return recordView(record);
  });
  app.post<{ Body: unknown }>('/usage/records/close-records', (request, reply) => {
    const by = only('distributor', accountOf(request));
    const { body } = request;
    if (!Array.isArray(body)) throw invalid('non_field_errors', 'Expected a list of items.');
    reply.code(206);
    return body.map((one: Body) => closeOne(store, one, by));
  });
}

/** One of many: what is refused stands beside the record, and the others are closed. */
function closeOne(store: Store, input: Body, by: Account): object {
  const id = typeof input?.id === 'string' ? input.id : '';
  try {
    const record = existing(store, id);
    closeRecord(store, record, billingOf(input), by);
    return { id, status: record.status, error_codes: '', error_details: '' };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const status = find(store, id)?.status ?? null;
    return { id, status, error_codes: error.code, error_details: error.errors.join(' ') };
  }
}

function billingOf(body: Body): Billing {
  const text = (field: string): string | undefined => {
    const value = body?.[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw invalid(field, 'Not a valid string.');
    return value;
  };
  return { id: text('external_billing_id'), note: text('external_billing_note') };
}

function existing(store: Store, id: string): UsageRecord {
  const record = find(store, id);
  if (record === undefined) throw notFound('Usage record', id);
  return record;
}

/** The id of a record holds that of its file and its place there. */
function find(store: Store, id: string): UsageRecord | undefined {
  const [, fileNumber, high = '', low = ''] = /^UR-(\d{4}-\d\d-\d{4}-\d{4})-(\d{4})-(\d{4})$/.exec(id) ?? [];
  const file = fileNumber === undefined ? undefined : store.usageFiles.get(`UF-${fileNumber}`);
  return file?.records[Number(high + low) - file.firstNumber];
}
