import type { FastifyReply, FastifyRequest } from 'fastify';
import { badQuery } from './errors';
import { compileFilter } from './rql/evaluate';
import type { Fields, FieldValue } from './rql/fields';
import { parseRql, type RqlNode, type RqlQuery } from './rql/parse';

export interface ListOptions<T> {
  fields: Fields<T>;
  /** One record as JSON. @param selected names that the query asked for beyond what is shown always */
  view(record: T, selected: ReadonlySet<string>): object;
  /** Texts that `search=` looks into. */
  search?(record: T): string[];
}

/** A collection, or a short fixed list that stands in its own order. */
type Source<T> = Indexed<T> | T[];

/** What is asked of a `Collection`. */
interface Indexed<T> {
  candidates(filter: RqlNode | undefined): Iterable<T>;
  bySequence(a: T, b: T): number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/**
 * Answer a list: a bare array with `Content-Range: items <first>-<last>/<total>`.
 *
 * A page is 100 records unless asked, 1000 at most; `limit=0` counts. Order is creation, oldest first, unless asked.
 *
 * @throws ConnectError 400 for a query that cannot be read
 */
export function answerList<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  source: Source<T>,
  options: ListOptions<T>,
): object[] {
  const query = parseRql(queryString(request));
  const { filter, limit, offset, search } = separatePaging(query.filter);
  const matches = compileFilter(filter, options.fields);
  const indexed = !Array.isArray(source);
  const candidates: Iterable<T> = indexed ? source.candidates(filter) : source;
  const found: T[] = [];
  for (const record of candidates) {
    if (matches !== undefined && !matches(record)) continue;
    if (search !== undefined && !contains(options.search?.(record) ?? [], search)) continue;
    found.push(record);
  }
  if (indexed) found.sort(source.bySequence);
  if (query.ordering[0]?.startsWith('-') === true) found.reverse();
  if (query.ordering.length > 0) sort(found, query.ordering, options.fields);

  const page = limit === 0 ? [] : found.slice(offset, offset + limit);
  const first = limit === 0 ? 0 : offset;
  const last = limit === 0 ? 0 : page.length === 0 ? offset : offset + page.length - 1;
  reply.header('content-range', `items ${first}-${last}/${found.length}`);
  return page.map(viewer(query, options));
}

function queryString(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  return mark === -1 ? '' : url.slice(mark + 1);
}

interface Paging {
  filter: RqlNode | undefined;
  limit: number;
  offset: number;
  search: string | undefined;
}

/** `limit`, `offset` and `search` stand among the filters; each once, with equality only. */
function separatePaging(filter: RqlNode | undefined): Paging {
  const special = new Map<string, string>();
  const rest: RqlNode[] = [];
  const parts = filter === undefined ? [] : filter.kind === 'and' ? filter.args : [filter];
  for (const part of parts) {
    const name = 'prop' in part ? part.prop : '';
    if (name !== 'limit' && name !== 'offset' && name !== 'search') {
      rest.push(part);
      continue;
    }
    if (part.kind !== 'compare' || part.op !== 'eq' || special.has(name)) throw badQuery('Bad filter query.');
    special.set(name, 'text' in part.value ? part.value.text : '');
  }
  return {
    filter: rest.length > 1 ? { kind: 'and', args: rest } : rest[0],
    limit: Math.min(wholeNumber(special.get('limit'), DEFAULT_LIMIT), MAX_LIMIT),
    offset: wholeNumber(special.get('offset'), 0),
    search: special.get('search')?.toLowerCase(),
  };
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;
}

function contains(texts: string[], search: string): boolean {
  return texts.some((text) => text.toLowerCase().includes(search));
}

/** Sorting is stable, so equals stay in the order of creation, turned around where the first field is. */
function sort<T>(records: T[], ordering: string[], fields: Fields<T>): void {
  const keys = ordering.map((field) => {
    const name = field.replace(/^-/, '');
    const found = fields[name];
    if (found?.orderable !== true) throw badQuery(`Bad ordering filter: ${name}.`);
    return { get: found.get.bind(found), sign: field.startsWith('-') ? -1 : 1 };
  });
  records.sort((a, b) => {
    for (const { get, sign } of keys) {
      const order = compare(get(a), get(b));
      if (order !== 0) return order * sign;
    }
    return 0;
  });
}

function compare(a: FieldValue, b: FieldValue): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return a < b ? -1 : 1;
}

function viewer<T>(query: RqlQuery, options: ListOptions<T>): (record: T) => object {
  const selected = new Set(query.select.filter((name) => !name.startsWith('-')));
  const excluded = query.select.filter((name) => name.startsWith('-')).map((name) => name.slice(1).split('.'));
  if (excluded.length === 0) return (record) => options.view(record, selected);
  return (record) => excluded.reduce((view, path) => without(view, path), options.view(record, selected));
}

/** A copy without one member, down to a nested one; views share parts that must stay whole. */
function without(view: object, path: string[]): object {
  if (Array.isArray(view)) return view.map((one: object) => without(one, path));
  const [name, ...rest] = path;
  const copy: Record<string, unknown> = { ...view };
  if (name === undefined || !(name in copy)) return view;
  const member = copy[name];
  if (rest.length === 0) delete copy[name];
  else if (typeof member === 'object' && member !== null) copy[name] = without(member, rest);
  return copy;
}
