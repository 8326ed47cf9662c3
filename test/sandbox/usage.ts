import { writeXlsx } from 'hucre/xlsx';
import type { Answer, useSandbox } from './start';

export const EUROPE = 'CRD-10000-20000-30001';
export const OVERSEAS = 'CRD-10000-20000-30002';
export const PERIOD = { from: '2026-10-01', to: '2026-10-31' };

export type Row = Record<string, string | number | Date | null>;

/** A row that nothing is wrong with. */
export function rowFor(asset: string, changes: Row = {}): Row {
  return {
    record_id: 'record-1',
    item_search_criteria: 'item.mpn',
    item_search_value: 'CALLS',
    quantity: 12,
    start_time_utc: '2026-10-01 00:00:00',
    end_time_utc: '2026-10-31 23:59:59',
    asset_search_criteria: 'asset.id',
    asset_search_value: asset,
    ...changes,
  };
}

/** A workbook, written by another library than the sandbox reads with. */
export async function workbook(rows: Row[], categories?: Row[], sheet = 'records'): Promise<Uint8Array> {
  const sheets = [{ name: sheet, rows: table(rows) }];
  if (categories !== undefined) sheets.push({ name: 'categories', rows: table(categories) });
  return writeXlsx({ sheets });
}

function table(rows: Row[]): (string | number | Date | null)[][] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))];
}

export function form(content: Uint8Array | string, part = 'usage_file', texts: Record<string, string> = {}): FormData {
  const body = new FormData();
  for (const [name, text] of Object.entries(texts)) body.append(name, text);
  body.append(part, new Blob([Uint8Array.from(Buffer.from(content))]), 'usage.xlsx');
  return body;
}

/** What most tests of usage do first. */
export function usageOf(box: ReturnType<typeof useSandbox>) {
  const path = '/usage/files';
  return {
    async draft(changes: object = {}): Promise<string> {
      const body = {
        name: 'October',
        product: { id: box.sandbox.products.usage },
        contract: { id: EUROPE },
        period: PERIOD,
      };
      return (await box.vendor('POST', path, { ...body, ...changes })).body.id;
    },
    /** A subscription of the product with pay-as-you-go items. */
    async asset(spec: { marketplace?: string; connection?: string } = {}): Promise<string> {
      return (await box.control.seedSubscription({ product: box.sandbox.products.usage, ...spec })).asset;
    },
    async upload(id: string, content: Uint8Array | string): Promise<Answer> {
      return box.vendor('POST', `${path}/${id}/upload`, form(content));
    },
    /** Upload, and what became of it. */
    async judged(id: string, content: Uint8Array | string): Promise<Answer> {
      await this.upload(id, content);
      await box.control.usage.untilSettled(id, { statuses: ['ready', 'uploaded', 'invalid'] });
      return this.file(id);
    },
    async file(id: string): Promise<Answer> {
      return box.vendor('GET', `${path}/${id}`);
    },
    async status(id: string): Promise<string> {
      return (await this.file(id)).body.status;
    },
    /** A file that is ready, with as many rows of one subscription. */
    async ready(count = 1, changes: object = {}): Promise<string> {
      const asset = await this.asset();
      const id = await this.draft(changes);
      const rows = Array.from({ length: count }, (_, index) => rowFor(asset, { record_id: `record-${index + 1}` }));
      const { body } = await this.judged(id, await workbook(rows));
      if (body.status !== 'ready') throw new Error(`${body.status}: ${body.error_detail}`);
      return id;
    },
    /** A file that the distributor accepted. */
    async accepted(count = 1): Promise<string> {
      const id = await this.ready(count);
      await box.vendor('POST', `${path}/${id}/submit`);
      await box.control.usage.accept(id);
      return id;
    },
  };
}
