import type { z } from 'zod';
import { ConnectAnswerError } from './errors';
import { type CallOptions, type Http, problemOf } from './http';
import { type ListOptions, toQuery } from './rql';

/** One answer of a list. */
export interface Page<T> {
  items: T[];
  /** What Connect listed in a form that cannot be read: it does not spoil the page it came in. */
  unreadable: { id: string | undefined; problem: string }[];
  /** Of the whole list, where Connect says so. */
  total: number | undefined;
  /** Connect's clock, ISO 8601; undefined where it sent none. */
  answeredAt: string | undefined;
}

/** The most that Connect's main collections give in one answer. */
const PAGE_SIZE = 1000;

/**
 * Reads a list page by page, by the `Content-Range` of the answers. Ends at a page that brings nothing, so a server that miscounts cannot keep it
 * going; where the server does not count at all, at a page that is not full. Where items leave the list while it is read, those behind move up, and some slip past the offset: who needs each of them reads again.
 *
 * @throws ConnectError; the pages before it have been given out
 */
export async function* pages<T>(
  http: Http,
  call: { route: string; ids?: readonly string[] },
  schema: z.ZodType<T>,
  list: ListOptions,
  options: CallOptions = {},
): AsyncGenerator<Page<T>> {
  const query = toQuery(list);
  const { limit = PAGE_SIZE } = list;
  for (let offset = 0; ;) {
    const paged = `${query}${query && '&'}limit=${limit}&offset=${offset}`;
    const { body, contentRange, answeredAt } = await http.answer({ method: 'GET', ...call, query: paged }, options);
    if (!Array.isArray(body)) {
      throw new ConnectAnswerError('GET', call.route, 'schema', 200, 'with something else than a list');
    }
    const page: Page<T> = { items: [], unreadable: [], total: totalOf(contentRange), answeredAt };
    for (const item of body as unknown[]) {
      const parsed = schema.safeParse(item);
      if (parsed.success) page.items.push(parsed.data);
      else page.unreadable.push({ id: idOf(item), problem: problemOf(parsed.error) });
    }
    yield page;

    offset += body.length;
    const isLast = page.total === undefined ? body.length < limit : offset >= page.total;
    if (body.length === 0 || isLast) return;
  }
}

/** Every item of a list that can be read. @throws ConnectAnswerError where one cannot: for lists of which each item matters */
export async function all<T>(list: AsyncIterable<Page<T>>, route: string): Promise<T[]> {
  const items: T[] = [];
  for await (const page of list) {
    const [broken] = page.unreadable;
    if (broken)
      throw new ConnectAnswerError('GET', route, 'schema', 200, `${broken.id ?? 'an item'} ${broken.problem}`);
    items.push(...page.items);
  }
  return items;
}

/** @param contentRange `items 0-99/250` */
function totalOf(contentRange: string | undefined): number | undefined {
  const total = /\/(\d+)\s*$/.exec(contentRange ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

function idOf(item: unknown): string | undefined {
  const { id } = (item ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
}
