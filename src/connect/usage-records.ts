import { z } from 'zod';
import { ConnectAnswerError } from './errors';
import type { CallOptions, Http } from './http';
import { pages } from './pages';
import { optional, Text } from './parameter';
import { eq } from './rql';

/** One record of a usage file, as Connect has read it. Numbers are decimal text. */
const UsageRecord = z.object({
  id: z.string(),
  status: Text,
  item: optional(z.object({ mpn: Text })),
  /** The subscription, where Connect says it. */
  asset: optional(z.object({ id: Text })),
  /** The quantity. */
  usage: Text,
  amount: Text,
  /** Undocumented. Where it is neither absent nor 1, the quantity may mean something else than what was uploaded. */
  multiplier: Text,
});
export type StoredUsageRecord = z.infer<typeof UsageRecord>;

export function usageRecords(http: Http) {
  const route = '/usage/records';
  return {
    /** Every record of a usage file, page by page. @see GET /usage/records */
    async *ofFile(fileId: string, options?: CallOptions): AsyncGenerator<StoredUsageRecord> {
      for await (const page of pages(http, { route }, UsageRecord, { filter: eq('usagefile.id', fileId) }, options)) {
        const [broken] = page.unreadable;
        if (broken) throw new ConnectAnswerError('GET', route, 'schema', 200, broken.problem);
        yield* page.items;
      }
    },
  };
}
