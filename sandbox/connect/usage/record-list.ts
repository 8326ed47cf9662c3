import type { FastifyReply, FastifyRequest } from 'fastify';
import { valuesOf } from '../collection';
import { answerList, type ListOptions } from '../list';
import { parseRql, type RqlNode } from '../rql/parse';
import type { Store } from '../store';
import type { UsageRecord } from './model';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/**
 * Answer a list of usage records. A file's own, asked for by nothing but `usagefile.id`, are cut out of their order:
 * the last page of a hundred thousand costs what the first one does. Any other query is answered as every list is.
 */
export function answerRecords(
  request: FastifyRequest,
  reply: FastifyReply,
  store: Store,
  options: ListOptions<UsageRecord>,
): object[] {
  const { filter, ordering, select } = parseRql((request.raw.url ?? '').split('?').slice(1).join('?'));
  const page = ordering.length + select.length === 0 ? pageOfFile(flat(filter)) : undefined;
  if (page === undefined) return answerList(request, reply, candidates(store, filter), options);

  const { fileId, limit, offset } = page;
  const records = store.usageFiles.get(fileId)?.records ?? [];
  const found = limit === 0 ? [] : records.slice(offset, offset + limit);
  const first = limit === 0 ? 0 : offset;
  const last = limit === 0 ? 0 : Math.max(offset, offset + found.length - 1);
  reply.header('content-range', `items ${first}-${last}/${records.length}`);
  return found.map((record) => options.view(record, new Set()));
}

/** The records of the files that a filter names, else all. */
function candidates(store: Store, filter: RqlNode | undefined): UsageRecord[] {
  const named = valuesOf(filter, 'usagefile.id') ?? valuesOf(filter, 'usage_file');
  const files = named ? named.map((id) => store.usageFiles.get(id)) : [...store.usageFiles.all()];
  return files.flatMap((file) => file?.records ?? []);
}

/** The parts of a filter that all have to hold. */
function flat(filter: RqlNode | undefined): RqlNode[] {
  if (filter === undefined) return [];
  return filter.kind === 'and' ? filter.args.flatMap(flat) : [filter];
}

/** What a query asks for that says nothing but which file, and which page of it; undefined where it says more. */
function pageOfFile(parts: RqlNode[]): { fileId: string; limit: number; offset: number } | undefined {
  const asked = new Map<string, string>();
  for (const part of parts) {
    if (part.kind !== 'compare' || part.op !== 'eq' || !('text' in part.value) || asked.has(part.prop))
      return undefined;
    asked.set(part.prop, part.value.text);
  }
  const { 'usagefile.id': fileId, limit, offset, ...others } = Object.fromEntries(asked);
  if (fileId === undefined || Object.keys(others).length > 0) return undefined;
  return { fileId, limit: Math.min(whole(limit, DEFAULT_LIMIT), MAX_LIMIT), offset: whole(offset, 0) };
}

function whole(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;
}
