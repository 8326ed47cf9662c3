import type { Account } from '../accounts';
import { invalid, notListed, wrongUsageState } from '../errors';
import type { Channel } from '../model';
import { CHANNELS, isListed, placeOf } from '../places';
import type { Store } from '../store';
import { emptyTally, type Period, type UsageFile } from './model';
import { isDay } from './values';

export type Body = Record<string, unknown>;

/**
 * A new draft. One file is about one product under one contract, in the currency of the contract's marketplace.
 *
 * @throws ConnectError 400 for a body that is wrong, or a product that is not listed there or reports no usage
 */
export function createUsageFile(store: Store, body: Body, by: Account): UsageFile {
  const product = store.products.get(reference(body.product, 'product.id'));
  if (product === undefined) throw invalid('product.id', 'There is no such product.');
  const { ppu } = product.capabilities;
  if (ppu === null) throw invalid('product.id', 'The product does not support pay-as-you-go.');
  const channel = channelOf(reference(body.contract, 'contract.id'));
  if (!isListed(product.id, channel.contract.id)) throw notListed();
  const name = text(body, 'name', 100);
  if (name === '') throw invalid('name', 'This field is required.');

  const file: UsageFile = {
    seq: store.next(),
    id: store.ids.usageFile(),
    status: 'draft',
    name,
    externalId: text(body, 'external_id', 200),
    description: text(body, 'description', 200),
    note: text(body, 'note', 200),
    acceptanceNote: '',
    rejectionNote: '',
    errorDetail: '',
    schema: ppu.schema,
    currency: currency(body, channel),
    period: period(body),
    product,
    channel,
    workbook: undefined,
    reconciliation: undefined,
    records: [],
    firstNumber: 1,
    nextNumber: 1,
    tally: emptyTally(),
    categories: [],
    moments: { created: { ms: Date.now(), by: { id: by.id, name: by.name } } },
  };
  store.usageFiles.add(file);
  store.journal.record(file.id, { action: 'create', from: null, to: file.status, by: by.id });
  store.journal.effect(file.id, 'create');
  return file;
}

const OPEN_TO_UPDATES = ['draft', 'invalid', 'ready', 'uploaded', 'rejected'];
/** Rows that were judged against a period stay judged. */
const JUDGED = ['ready', 'uploaded'];

/** Change what was given at the creation. @throws ConnectError 400 for a wrong body or in a wrong state */
export function updateUsageFile(file: UsageFile, body: Body): void {
  if (!OPEN_TO_UPDATES.includes(file.status)) throw wrongUsageState('update', file.status);
  const ofRows = body.period !== undefined || body.currency !== undefined;
  if (ofRows && JUDGED.includes(file.status)) throw wrongUsageState('update of period or currency', file.status);
  const changes = {
    description: text(body, 'description', 200, file.description),
    note: text(body, 'note', 200, file.note),
    externalId: text(body, 'external_id', 200, file.externalId),
    currency: body.currency === undefined ? file.currency : currency(body, file.channel),
    period: body.period === undefined ? file.period : period(body),
  };
  Object.assign(file, changes);
}

function reference(value: unknown, field: string): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  if (typeof id !== 'string' || id === '') throw invalid(field, 'This field is required.');
  return id;
}

function channelOf(contractId: string): Channel {
  const channel = Object.values(CHANNELS).find(({ contract }) => contract.id === contractId);
  if (channel === undefined) throw invalid('contract.id', 'There is no such contract.');
  return channel;
}

function text(body: Body, field: string, longest: number, otherwise = ''): string {
  const value = body[field];
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== 'string') throw invalid(field, 'Not a valid string.');
  if (value.length > longest) throw invalid(field, `Ensure this field has no more than ${longest} characters.`);
  return value;
}

function currency(body: Body, channel: Channel): string {
  const ofPlace = placeOf(channel.contract.id)?.currency;
  const given = text(body, 'currency', 20, ofPlace);
  if (ofPlace !== undefined && given !== ofPlace) {
    throw invalid('currency', `The marketplace ${channel.marketplace.id} sells in ${ofPlace}, not in "${given}".`);
  }
  return given;
}

function period(body: Body): Period | undefined {
  const { period: given } = body;
  if (given === undefined || given === null) return undefined;
  const { from, to } = given as { from?: unknown; to?: unknown };
  const days = { from: day(from, 'period.from'), to: day(to, 'period.to') };
  if (days.from > days.to) throw invalid('period', 'The first day is after the last one.');
  return days;
}

/** A time behind the day is taken and left out. */
function day(value: unknown, field: string): string {
  const found = typeof value === 'string' ? value.slice(0, 10) : '';
  if (!isDay(found)) throw invalid(field, 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.');
  return found;
}
