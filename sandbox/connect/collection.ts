import type { RqlNode } from './rql/parse';

/** What every stored record has. `seq` grows with creation, so it settles the order of one and the same second. */
export interface Stored {
  seq: number;
  id: string;
  status: string;
}

/** Records in memory with the indexes that keep a list of the few pending ones cheap beside many finished ones. */
export class Collection<T extends Stored> {
  private readonly byId = new Map<string, T>();
  private readonly byStatus = new Map<string, Set<T>>();

  /** @param indexes further names that a filter can be answered from: value in, records out */
  constructor(private readonly indexes: Record<string, (value: string) => Iterable<T>> = {}) {}

  add(record: T): void {
    this.byId.set(record.id, record);
    this.bucket(record.status).add(record);
  }

  /** Order of creation. */
  readonly bySequence = (a: T, b: T): number => a.seq - b.seq;

  get(id: string): T | undefined {
    return this.byId.get(id);
  }

  remove(record: T): void {
    this.byId.delete(record.id);
    this.bucket(record.status).delete(record);
  }

  setStatus(record: T, status: string): void {
    this.bucket(record.status).delete(record);
    record.status = status;
    this.bucket(status).add(record);
  }

  withStatus(status: string): Iterable<T> {
    return this.byStatus.get(status) ?? [];
  }

  all(): Iterable<T> {
    return this.byId.values();
  }

  get size(): number {
    return this.byId.size;
  }

  /** Open counts: status to number of records. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [status, records] of this.byStatus) if (records.size > 0) counts[status] = records.size;
    return counts;
  }

  clear(): void {
    this.byId.clear();
    this.byStatus.clear();
  }

  /** The records that a filter can match at most: by id, by a further index, by status, else all. */
  candidates(filter: RqlNode | undefined): Iterable<T> {
    const ids = valuesOf(filter, 'id');
    if (ids !== undefined) return ids.map((id) => this.byId.get(id)).filter((record) => record !== undefined);
    for (const [name, lookUp] of Object.entries(this.indexes)) {
      const values = valuesOf(filter, name);
      if (values !== undefined) return values.flatMap((value) => [...lookUp(value)]);
    }
    const statuses = valuesOf(filter, 'status');
    if (statuses !== undefined) return statuses.flatMap((status) => [...this.withStatus(status)]);
    return this.all();
  }

  private bucket(status: string): Set<T> {
    let records = this.byStatus.get(status);
    if (records === undefined) this.byStatus.set(status, (records = new Set()));
    return records;
  }
}

/** The values that a filter demands of a name, each once; undefined where it leaves the name open. */
export function valuesOf(node: RqlNode | undefined, prop: string): string[] | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'and') {
    for (const arg of node.args) {
      const values = valuesOf(arg, prop);
      if (values !== undefined) return values;
    }
    return undefined;
  }
  const values =
    node.kind === 'compare' && node.op === 'eq'
      ? [node.value]
      : node.kind === 'list' && node.op === 'in'
        ? node.values
        : undefined;
  if (values === undefined || (node as { prop: string }).prop !== prop) return undefined;
  const texts = values.map((value) => ('text' in value ? value.text : undefined)).filter((text) => text !== undefined);
  return texts.length === values.length ? [...new Set(texts)] : undefined;
}
