import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { optional, OptionalRef, Text } from './parameter';
import { and, eq, oneOf } from './rql';

/** What is reported of a product under a contract for a period, as a workbook. */
const UsageFile = z.object({
  id: z.string(),
  name: Text,
  external_id: Text,
  status: Text,
  product: OptionalRef,
  contract: OptionalRef,
  marketplace: OptionalRef,
  /** The connection type of the orders that it is about: `production`, `test` or `preview`. */
  environment: Text,
  currency: Text,
  period: optional(z.object({ from: Text, to: Text })),
  /** Why Connect finds it invalid. */
  error_detail: Text,
  rejection_note: Text,
  acceptance_note: Text,
  /** Of one file alone: a list has `stats` in its place. */
  records: optional(z.object({ valid: z.number().nullish(), invalid: z.number().nullish() })),
  events: optional(
    z.object({
      uploaded: optional(z.object({ at: Text, by: OptionalRef })),
      submitted: optional(z.object({ at: Text })),
    }),
  ),
  stats: optional(z.object({ uploaded: z.number().nullish() })),
});
export type UsageFile = z.infer<typeof UsageFile>;

/** What a new usage file says of itself. */
export interface NewUsageFile {
  /** At most 100 characters. */
  name: string;
  /** At most 200 characters. */
  description: string;
  external_id: string;
  /** Days: `2026-10-01`. */
  period: { from: string; to: string };
  /** ISO 4217. */
  currency: string;
  product: { id: string };
  contract: { id: string };
}

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const UPLOAD_MS = 5 * 60_000;

export function usageFiles(http: Http) {
  const route = '/usage/files';
  return {
    /** @see GET /usage/files/{id} */
    get: (id: string, options?: CallOptions): Promise<UsageFile> =>
      http.value({ method: 'GET', route: `${route}/{id}`, ids: [id] }, UsageFile, options),

    /** Those of a product, whatever their status. @see GET /usage/files */
    ofProducts: (products: readonly string[], options?: CallOptions): Promise<UsageFile[]> =>
      all(pages(http, { route }, UsageFile, { filter: oneOf('product.id', products) }, options), route),

    /** Those of a product under a contract, but for the deleted ones. @see GET /usage/files */
    async ofContract(product: string, contract: string, options?: CallOptions): Promise<UsageFile[]> {
      const filter = and(eq('product.id', product), eq('contract.id', contract));
      const found = await all(pages(http, { route }, UsageFile, { filter }, options), route);
      return found.filter(({ status }) => status !== 'deleted');
    },

    /** Those with an external id, which Connect does not keep unique, but for the deleted ones. */
    async withExternalId(product: string, externalId: string, options?: CallOptions): Promise<UsageFile[]> {
      const filter = and(eq('product.id', product), eq('external_id', externalId));
      const found = await all(pages(http, { route }, UsageFile, { filter }, options), route);
      return found.filter(({ status, external_id }) => status !== 'deleted' && external_id === externalId);
    },

    /** A draft, without records. @see POST /usage/files */
    async create(file: NewUsageFile, options?: CallOptions): Promise<{ id: string }> {
      const created = z.object({ id: z.string() }); // the answer of the creation has other fields than the file
      return await http.value({ method: 'POST', route, body: file }, created, options);
    },

    /** Replaces the records. Connect reads them later: look at the status. @see POST /usage/files/{id}/upload */
    async upload(id: string, workbook: Uint8Array, fileName: string, options?: CallOptions): Promise<void> {
      const file = { part: 'usage_file', name: fileName, type: WORKBOOK, content: workbook };
      const call = { method: 'POST', route: `${route}/{id}/upload`, ids: [id], file } as const;
      await http.answer(call, { timeoutMs: UPLOAD_MS, ...options });
    },

    /** Hands it to the distributor. @see POST /usage/files/{id}/submit */
    async submit(id: string, options?: CallOptions): Promise<void> {
      await http.answer({ method: 'POST', route: `${route}/{id}/submit`, ids: [id] }, options);
    },

    /** Of a draft, or one that is ready or invalid. @see POST /usage/files/{id}/delete */
    async delete(id: string, options?: CallOptions): Promise<void> {
      await http.answer({ method: 'POST', route: `${route}/{id}/delete`, ids: [id] }, options);
    },
  };
}
