import type { FastifyInstance } from 'fastify';
import { isoSecond } from '../clock';
import { answerList } from '../list';
import type { Asset } from '../model';
import type { ItemDefinition } from '../product-model';
import { choice, text, type Fields } from '../rql/fields';
import type { Store } from '../store';
import { isReported, type Person, type UsageRecord } from './model';
import { assetReference, itemReference } from './records';
import { decimalsOf } from './values';

interface Aggregate {
  item: ItemDefinition;
  asset: Asset;
  currency: string;
  amount: number | null;
  /** In the smallest part that the item's precision knows: 1225 for 12.25 of `Decimal(2)`. */
  consumed: number;
  accepted: number;
  last: { ms: number; by: Person };
}

/** One sum for each subscription and item, over all files that were submitted and not rejected. */
function aggregatesOf(store: Store): Aggregate[] {
  const sums = new Map<string, Aggregate>();
  for (const file of store.usageFiles.all()) {
    const { submitted } = file.moments;
    if (!isReported(file) || submitted === undefined) continue;
    for (const record of file.records) if (record.status !== 'rejected') add(sums, record, submitted);
  }
  return [...sums.values()];
}

function add(sums: Map<string, Aggregate>, record: UsageRecord, submitted: Aggregate['last']): void {
  const { item, asset, file, amount, usage, status } = record;
  if (item === undefined || asset === undefined) return;
  const key = `${asset.id} ${item.id}`;
  let sum = sums.get(key);
  if (sum === undefined) {
    sum = { item, asset, currency: file.currency, amount: null, consumed: 0, accepted: 0, last: submitted };
    sums.set(key, sum);
  }
  const whole = Math.round(usage * 10 ** decimalsOf(item.precision));
  sum.consumed += whole;
  if (status === 'approved' || status === 'closed') sum.accepted += whole;
  if (amount !== null) sum.amount = (sum.amount ?? 0) + amount;
  if (submitted.ms > sum.last.ms) sum.last = submitted;
}

function view({ item, asset, amount, currency, consumed, accepted, last }: Aggregate): object {
  return {
    item: itemReference(item),
    asset: assetReference(asset),
    amount,
    currency,
    consumed,
    accepted,
    events: { last_reported: { at: isoSecond(last.ms), by: last.by } },
  };
}

const fields: Fields<Aggregate> = {
  'asset.id': text(({ asset }) => asset.id),
  'asset.external_uid': text(({ asset }) => asset.external_uid),
  'item.id': text(({ item }) => item.id),
  'item.local_id': text(({ item }) => item.localId),
  'item.type': choice(['Reservation', 'PPU'], ({ item }) => item.type),
};

/** `/usage/aggregates` */
export function aggregateRoutes(app: FastifyInstance, store: Store): void {
  app.get('/usage/aggregates', (request, reply) => answerList(request, reply, aggregatesOf(store), { fields, view }));
}
