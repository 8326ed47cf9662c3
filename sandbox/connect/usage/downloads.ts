import type { FastifyInstance } from 'fastify';
import { writeXlsx } from '../../xlsx';
import { ConnectError, notFound } from '../errors';
import type { Product } from '../product-model';
import type { Store } from '../store';
import { recordIdOf, type UsageFile } from './model';
import { requiredColumns } from './rows';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const TEMPLATE_LINK_S = 600;

type Make = (store: Store, id: string) => Buffer | undefined;

const FILES: Record<string, Make> = {
  'usage-file': (store, id) => store.usageFile(id).workbook?.content,
  'processed-file': (store, id) => processedWorkbook(store.usageFile(id)),
  'reconciliation-file': (store, id) => store.usageFile(id).reconciliation?.content,
  template: (store, id) => templateWorkbook(store.product(id)),
};

/** The files that links lead to. The link is the key. */
export function downloadRoutes(app: FastifyInstance, store: Store): void {
  app.get<{ Params: { kind: string; id: string }; Querystring: { expires?: string; signature?: string } }>(
    '/:kind/:id',
    ({ params: { kind, id }, query }, reply) => {
      if (!store.links.allow(`/${kind}/${id}`, Number(query.expires), query.signature ?? '')) {
        throw new ConnectError(403, 'AUTH_003', ['The link is over, or was never given out.']);
      }
      const content = FILES[kind]?.(store, id);
      if (content === undefined) throw notFound('File', id);
      reply.type(XLSX).header('content-disposition', `attachment; filename="${id}.xlsx"`);
      return content;
    },
  );
}

/** `/usage/products/{id}/template`: a link to a workbook to fill in. */
export function usageTemplateRoutes(app: FastifyInstance, store: Store): void {
  app.get<{ Params: { id: string } }>('/usage/products/:id/template', ({ params }) => {
    const { id } = store.product(params.id);
    return { template_link: store.links.to(`/template/${id}`, TEMPLATE_LINK_S) };
  });
}

/** Every row of the workbook with what became of it. */
function processedWorkbook({ records }: UsageFile): Buffer {
  const header = ['row', 'record_id', 'usage_record_id', 'status', 'error_code', 'error'];
  const rows = records.map((record) => [
    record.line,
    record.recordId,
    recordIdOf(record),
    record.status,
    record.problems.map(({ code }) => code).join(', '),
    record.problems.map(({ code, text }) => `${code} ${text}`).join('; '),
  ]);
  return writeXlsx([{ name: 'records', rows: [header, ...rows] }]);
}

function templateWorkbook({ capabilities: { ppu } }: Product): Buffer {
  const ofNewItems = ppu?.dynamic === true ? ['item_name', 'item_mpn', 'item_unit', 'item_precision'] : [];
  const columns = [...requiredColumns({ schema: ppu?.schema ?? 'QT' }), 'record_note', 'category_id', ...ofNewItems];
  return writeXlsx([
    { name: 'records', rows: [columns] },
    { name: 'categories', rows: [['category_id', 'category_name', 'category_description']] },
  ]);
}
