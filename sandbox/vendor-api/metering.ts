import { hash } from 'node:crypto';
import { VendorError, type Tenant, type Tenants } from './tenants';

/** What a tenant used of one item in one stretch of a month. */
export interface Usage {
  /** The same whenever it is asked for. */
  id: string;
  tenantId: string;
  external_id: string;
  mpn: string;
  quantity: number;
  /** ISO 8601, both included. */
  start: string;
  end: string;
}

export interface UsagePage {
  period: string;
  records: Usage[];
  /** What `cursor` has to be for the rest; null on the last page. */
  next: string | null;
}

/** What is set for a tenant; the month's first and last second unless said otherwise. */
export type UsageSpec = Pick<Usage, 'mpn' | 'quantity'> & Partial<Pick<Usage, 'id' | 'external_id' | 'start' | 'end'>>;

/** What was ordered, and which of its items are counted. */
export interface MeteredOrder {
  /** Id of the product. */
  product: string;
  items: MeteredItem[];
}

interface MeteredItem {
  mpn: string;
  decimals: number;
}

/** Which records of a month are asked for, as texts of a query. */
export interface UsageQuery {
  /** `2026-10` */
  period: string;
  /** Id of a product: records of its tenants alone. */
  product?: string;
  /** `next` of the page before. */
  cursor?: string;
  /** Default 1000, 10,000 at most. */
  limit?: string;
}

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;

/** Counts what tenants use, or seems to: quantities come from the tenant, the item and the month, and never change. */
export class Metering {
  /** Records of each tenant and item in a month; with more than one, each is about its own stretch of the month. */
  recordsPerItem = 1;
  /** External id, with the month behind it where it is about one, to what was set. */
  private readonly set = new Map<string, UsageSpec[]>();

  /** @param orderOf what was ordered for a tenant, by its external id */
  constructor(
    private readonly tenants: Tenants,
    private readonly orderOf: (externalId: string) => MeteredOrder | undefined,
  ) {}

  /**
   * Say what a tenant uses, in one month or in every month for which nothing else is said.
   *
   * @param records undefined to count as before
   */
  assign(externalId: string, period: string | undefined, records: UsageSpec[] | undefined): void {
    if (period !== undefined) readMonth(period);
    const key = keyOf(externalId, period);
    if (records === undefined) this.set.delete(key);
    else this.set.set(key, records);
  }

  /**
   * One page of a month. Tenants are there as if they always had been, until the month in which they are deleted.
   *
   * @throws VendorError 400 for what is no month, cursor or limit
   */
  page({ period, product, cursor, limit }: UsageQuery): UsagePage {
    const most = Math.min(readNumber('limit', limit, DEFAULT_LIMIT), MAX_LIMIT);
    if (most === 0) throw new VendorError(400, 'invalid', 'limit: a number expected, 1 or more');
    return this.cut(period, readNumber('cursor', cursor, 0), most, product);
  }

  /** A whole month. @throws VendorError 400 for what is no month */
  all(period: string): Usage[] {
    return this.cut(period, 0, Infinity).records;
  }

  clear(): void {
    this.set.clear();
    this.recordsPerItem = 1;
  }

  private cut(period: string, start: number, most: number, product?: string): UsagePage {
    const month = readMonth(period);
    const records: Usage[] = [];
    let position = 0;
    for (const tenant of this.tenants.inUseSince(month.startMs)) {
      if (product !== undefined && this.orderOf(tenant.external_id)?.product !== product) continue;
      const { count, part } = this.partsOf(tenant.external_id, month);
      const from = Math.max(start - position, 0);
      const to = Math.min(from + most - records.length, count);
      for (let index = from; index < to; index++) records.push(this.record(tenant, month, part(index), index));
      if (from < count && to < count) return { period, records, next: String(position + to) };
      position += count;
    }
    return { period, records, next: null };
  }

  /** What a tenant's records of a month are about: what was set, else each counted item once for each stretch. Made one by one: a month has many pages. */
  private partsOf(externalId: string, { period }: Month): { count: number; part: (index: number) => Part } {
    const set = this.set.get(keyOf(externalId, period)) ?? this.set.get(keyOf(externalId));
    if (set !== undefined) return { count: set.length, part: (index) => ({ spec: set[index]! }) };
    const { recordsPerItem: stretches } = this;
    const items = this.orderOf(externalId)?.items ?? [];
    return {
      count: items.length * stretches,
      part: (index) => ({ item: items[Math.floor(index / stretches)]!, stretch: index % stretches }),
    };
  }

  private record(tenant: Tenant, { period, startMs, endMs }: Month, part: Part, index: number): Usage {
    const { tenantId, external_id } = tenant;
    const id = `usage-${tenantId}-${period}-${index + 1}`;
    if ('spec' in part) {
      return { id, tenantId, external_id, start: isoSecond(startMs), end: isoSecond(endMs - 1000), ...part.spec };
    }
    const boundary = (stretch: number) =>
      Math.floor((startMs + ((endMs - startMs) * stretch) / this.recordsPerItem) / 1000) * 1000;
    return {
      id,
      tenantId,
      external_id,
      mpn: part.item.mpn,
      quantity: quantity(id, part.item.decimals),
      start: isoSecond(boundary(part.stretch)),
      end: isoSecond(boundary(part.stretch + 1) - 1000),
    };
  }
}

type Part = { spec: UsageSpec } | { item: MeteredItem; stretch: number };

interface Month {
  period: string;
  startMs: number;
  /** First moment of the next. */
  endMs: number;
}

function readMonth(period: string): Month {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(period) ?? [];
  if (year === undefined) throw new VendorError(400, 'invalid', 'period: a month expected, as 2026-10');
  return { period, startMs: Date.UTC(Number(year), Number(month) - 1), endMs: Date.UTC(Number(year), Number(month)) };
}

function readNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw new VendorError(400, 'invalid', `${name}: a number expected`);
  return Number(text);
}

/** 1 to 10,000 of the item's smallest part, the same each time. */
function quantity(id: string, decimals: number): number {
  const drawn = hash('sha256', id, 'buffer').readUInt32BE(0);
  return Number(((1 + (drawn % 10_000)) / 10 ** decimals).toFixed(decimals));
}

const keyOf = (externalId: string, period = 'every') => `${externalId} ${period}`;
const isoSecond = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
