import { VENDOR } from '../accounts';
import { isoSecond } from '../clock';
import { productReference } from '../products';
import type { Store } from '../store';
import type { Moment, UsageFile } from './model';

/** Seconds that a link to an uploaded workbook works, and one to a processed one. */
const UPLOADED_LINK_S = 600;
const PROCESSED_LINK_S = 30;

const MOMENTS: Moment[] = ['created', 'uploaded', 'submitted', 'accepted', 'closed', 'rejected', 'deleted'];

/** A usage file as it stands in the list. */
export function usageFileView(file: UsageFile) {
  const { channel, period, tally } = file;
  const { provider } = channel.connection;
  return {
    id: file.id,
    name: file.name,
    external_id: file.externalId,
    status: file.status,
    vendor: { id: VENDOR.id, name: VENDOR.name },
    provider: { id: provider.id, name: provider.name },
    environment: environmentOf(file),
    marketplace: channel.marketplace,
    contract: { id: channel.contract.id, name: channel.contract.name },
    product: productReference(file.product),
    description: file.description,
    note: file.note,
    acceptance_note: file.acceptanceNote,
    rejection_note: file.rejectionNote,
    error_detail: file.errorDetail,
    schema: file.schema.toLowerCase(),
    currency: file.currency,
    period: period ?? null,
    stats: {
      uploaded: file.records.length,
      validated: file.records.length - tally.invalid,
      pending: file.status === 'pending' ? tally.valid + tally.approved : 0,
      accepted: file.status === 'pending' ? 0 : tally.approved + tally.closed,
      closed: tally.closed,
      billed: tally.billed,
    },
    events: eventsOf(file),
  };
}

/** The same with its links, and how its rows fared. */
export function usageFileDetail({ links }: Store, file: UsageFile): object {
  const { tally, records, period } = file;
  const link = (kind: string, there: boolean, seconds: number) =>
    there ? links.to(`/${kind}/${file.id}`, seconds) : null;
  return {
    ...usageFileView(file),
    sub_status: subStatus(file),
    records: { valid: records.length - tally.invalid, invalid: tally.invalid, closed: tally.closed },
    usage_file_uri: link('usage-file', file.workbook !== undefined, UPLOADED_LINK_S),
    processed_file_uri: link('processed-file', records.length > 0, PROCESSED_LINK_S),
    reconciliation_file_uri: link('reconciliation-file', file.reconciliation !== undefined, UPLOADED_LINK_S),
    ...datesOf(period),
  };
}

/** What a creation answers: the same in other words, without a status. */
export function createdView(file: UsageFile): object {
  const { channel, product } = file;
  return {
    id: file.id,
    name: file.name,
    external_id: file.externalId,
    vendor: VENDOR.id,
    provider: channel.connection.provider.id,
    environment: environmentOf(file),
    marketplace: channel.marketplace.id,
    distribution_contract: channel.contract.id,
    product_id: product.id,
    product_name: product.name,
    product_icon: productReference(product).icon,
    description: file.description,
    schema: file.schema.toLowerCase(),
    currency: file.currency,
    ...datesOf(file.period),
  };
}

/** A usage file as other objects refer to it. */
export function usageFileReference({ id, name, schema, currency }: UsageFile): object {
  return { id, name, schema: schema.toLowerCase(), currency };
}

export function environmentOf({ channel }: UsageFile): string {
  return channel.connection.type;
}

function datesOf(period: UsageFile['period']): object {
  return {
    start_datetime_utc: period ? `${period.from}T00:00:00+00:00` : null,
    end_datetime_utc: period ? `${period.to}T23:59:59+00:00` : null,
  };
}

function subStatus({ status, records }: UsageFile): string | null {
  if (status === 'uploading' || status === 'processing') return 'processing';
  return records.length > 0 ? 'processed' : null;
}

function eventsOf({ moments }: UsageFile): object {
  const happened = MOMENTS.flatMap((name) => {
    const moment = moments[name];
    return moment ? [[name, { at: isoSecond(moment.ms), by: moment.by }] as const] : [];
  });
  return Object.fromEntries(happened);
}
