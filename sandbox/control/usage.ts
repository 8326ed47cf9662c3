import type { FastifyInstance } from 'fastify';
import { DISTRIBUTOR } from '../connect/accounts';
import { PPU_SCHEMAS, type PayAsYouGo } from '../connect/product-model';
import type { Store } from '../connect/store';
import * as lifecycle from '../connect/usage/lifecycle';
import { isReported, recordIdOf, type UsageFile, type UsageRecord } from '../connect/usage/model';
import type { Metering, UsageSpec } from '../vendor-api/metering';
import { flag, oneOf, readBody, text, type Fields } from './body';

/** A usage file in short. */
export interface UsageFileState {
  id: string;
  name: string;
  external_id: string;
  status: string;
  product: { id: string };
  contract: { id: string };
  currency: string;
  /** `QT`, `TR`, `CR` or `PR` */
  schema: string;
  period: { from: string; to: string } | null;
  /** How often `create`, `upload`, `submit`, `accept`, `reject`, `close`, `delete`, `reprocess` took effect. */
  effects: Record<string, number>;
  records: { total: number; valid: number; invalid: number; closed: number };
  error_detail: string;
  acceptance_note: string;
  rejection_note: string;
}

/** A row of the workbook that was uploaded last, and what Connect makes of it. */
export interface UsageRowState {
  /** `UR-…` */
  id: string;
  /** The vendor's own. */
  record_id: string;
  asset: string | null;
  mpn: string | null;
  quantity: number;
  amount: number | null;
  tier: number | null;
  category: string;
  start: string;
  end: string;
  note: string;
  status: string;
  /** For example `USG_011 Unknown MPN "X"`. */
  errors: string[];
  external_billing_id: string;
}

export interface TenantUsageSpec {
  /** Asset id. */
  external_id: string;
  /** `2026-10`; absent, every month for which nothing else is set. */
  period?: string;
  /** Null to have them counted again. */
  records: UsageSpec[] | null;
}

const TENANT_USAGE: Fields<TenantUsageSpec> = {
  external_id: text,
  period: text,
  records: {
    takes: 'A list of records, or null.',
    accepts: (value): value is UsageSpec[] | null => value === null || Array.isArray(value),
  },
};
const PPU: Fields<Partial<Pick<PayAsYouGo, 'schema' | 'dynamic'>>> = { schema: oneOf(...PPU_SCHEMAS), dynamic: flag };

interface WithId {
  Params: { id: string };
}

/** Usage files as a test looks at them, the distributor's word on them, and what the vendor counts. */
export function usageControlRoutes(app: FastifyInstance, store: Store, metering: Metering): void {
  app.get('/usage', () => usageFileStates(store));
  app.get('/usage/doubled', () => doubledRecords(store));
  app.get<WithId>('/usage/:id/rows', ({ params }) => store.usageFile(params.id).records.map(rowState));

  const verdict = (name: string, give: (file: UsageFile, note: string) => void) =>
    app.post<WithId>(`/usage/:id/${name}`, ({ params, body }) => {
      const { note = '' } = readBody<{ note?: string }>(body, { note: text });
      const file = store.usageFile(params.id);
      give(file, note);
      return fileState(store, file);
    });
  verdict('accept', (file, note) => lifecycle.accept(store, file, note, DISTRIBUTOR));
  verdict('reject', (file, note) => lifecycle.reject(store, file, note, DISTRIBUTOR));
  verdict('close', (file, note) => lifecycle.close(store, file, note, DISTRIBUTOR));

  app.put<WithId>('/products/:id/ppu', (request) => {
    const { capabilities } = store.product(request.params.id);
    capabilities.ppu = payAsYouGo(capabilities.ppu, request.body);
    return { ppu: capabilities.ppu };
  });
  app.get<{ Querystring: { period?: string } }>('/tenant-usage', ({ query }) => metering.all(query.period ?? ''));
  app.put('/tenant-usage', ({ body }, reply) => {
    const { external_id: externalId, period, records } = readBody(body, TENANT_USAGE, ['external_id', 'records']);
    metering.assign(externalId, period, records ?? undefined);
    return reply.code(204).send();
  });
}

export function usageFileStates(store: Store): UsageFileState[] {
  return [...store.usageFiles.all()].map((file) => fileState(store, file));
}

function fileState(store: Store, file: UsageFile): UsageFileState {
  const { records, tally } = file;
  return {
    id: file.id,
    name: file.name,
    external_id: file.externalId,
    status: file.status,
    product: { id: file.product.id },
    contract: { id: file.channel.contract.id },
    currency: file.currency,
    schema: file.schema,
    period: file.period ?? null,
    effects: store.journal.effectsOf(file.id),
    records: {
      total: records.length,
      valid: records.length - tally.invalid,
      invalid: tally.invalid,
      closed: tally.closed,
    },
    error_detail: file.errorDetail,
    acceptance_note: file.acceptanceNote,
    rejection_note: file.rejectionNote,
  };
}

function rowState(record: UsageRecord): UsageRowState {
  const { usage, amount, tier, category, start, end, note, status, problems } = record;
  return {
    id: recordIdOf(record),
    record_id: record.recordId,
    asset: record.asset?.id ?? null,
    mpn: record.item?.mpn ?? null,
    quantity: usage,
    amount,
    tier,
    category,
    start,
    end,
    note,
    status,
    errors: problems.map(({ code, text }) => `${code} ${text}`),
    external_billing_id: record.billingId,
  };
}

/** The vendor's ids of records that stand in more than one file that was submitted: what would be billed twice. */
function doubledRecords(store: Store): string[] {
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const file of store.usageFiles.all()) {
    if (!isReported(file)) continue;
    for (const { recordId } of file.records) {
      if (seen.has(recordId)) doubled.add(recordId);
      seen.add(recordId);
    }
  }
  return [...doubled];
}

function payAsYouGo(before: PayAsYouGo | null, body: unknown) {
  if (body === null) return null;
  const { schema = before?.schema ?? 'QT', dynamic = before?.dynamic ?? false } = readBody(body, PPU);
  return { ppu: true as const, schema, dynamic, future: false, late: false, predictive: false };
}
