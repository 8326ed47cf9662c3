import type { FastifyInstance } from 'fastify';
import { VENDOR, type Account } from '../accounts';
import { accountOf, only } from '../authorization';
import { invalid } from '../errors';
import { answerList } from '../list';
import { choice, date, text, withUnderscoreNames, type Fields } from '../rql/fields';
import type { Store } from '../store';
import { Form, type UploadedFile } from '../../multipart';
import { createUsageFile, updateUsageFile, type Body } from './intake';
import * as lifecycle from './lifecycle';
import { FILE_STATUSES, type Category, type UsageFile } from './model';
import * as processing from './processing';
import { reconcile } from './reconciliations';
import { createdView, environmentOf, usageFileDetail, usageFileView } from './views';

const fields: Fields<UsageFile> = withUnderscoreNames<UsageFile>({
  id: text((file) => file.id, { orderable: true }),
  name: text((file) => file.name),
  external_id: text((file) => file.externalId),
  status: choice(FILE_STATUSES, (file) => file.status, { orderable: true }),
  schema: choice(['tr', 'pr', 'qt', 'cr'], (file) => file.schema.toLowerCase(), { orderable: true }),
  environment: choice(['test', 'preview', 'production'], environmentOf, { orderable: true }),
  'product.id': text((file) => file.product.id),
  product_id: text((file) => file.product.id),
  'product.name': text((file) => file.product.name, { orderable: true }),
  'contract.id': text((file) => file.channel.contract.id),
  'contract.name': text((file) => file.channel.contract.name, { orderable: true }),
  distribution_contract_id: text((file) => file.channel.contract.id),
  'marketplace.id': text((file) => file.channel.marketplace.id),
  marketplace_id: text((file) => file.channel.marketplace.id),
  'marketplace.name': text((file) => file.channel.marketplace.name, { orderable: true }),
  'provider.id': text((file) => file.channel.connection.provider.id),
  provider_id: text((file) => file.channel.connection.provider.id),
  'provider.name': text((file) => file.channel.connection.provider.name, { orderable: true }),
  'vendor.id': text(() => VENDOR.id),
  vendor_id: text(() => VENDOR.id),
  'vendor.name': text(() => VENDOR.name, { orderable: true }),
  'created.at': date((file) => file.moments.created?.ms ?? 0, { lookups: ['ge', 'gt', 'le', 'lt'] }),
});

const categoryFields: Fields<Category> = {
  id: text((category) => category.id),
  name: text((category) => category.name),
};

interface WithId {
  Params: { id: string };
  Body: unknown;
}

/** `/usage/files` and the actions on one, which answer the whole file. */
export function usageFileRoutes(app: FastifyInstance, store: Store): void {
  app.get('/usage/files', (request, reply) =>
    answerList(request, reply, store.usageFiles, {
      fields,
      view: usageFileView,
      search: (file) => [file.id, file.name, file.externalId, file.product.name, file.channel.contract.name],
    }),
  );
  app.post<{ Body: unknown }>('/usage/files', (request, reply) => {
    const by = only('vendor', accountOf(request));
    const file = createUsageFile(store, bodyOf(request.body), by);
    reply.code(201);
    return createdView(file);
  });
  app.get<WithId>('/usage/files/:id', ({ params }) => usageFileDetail(store, store.usageFile(params.id)));
  app.put<WithId>('/usage/files/:id', (request) => {
    only('vendor', accountOf(request));
    const file = store.usageFile(request.params.id);
    updateUsageFile(file, bodyOf(request.body));
    return { id: file.id, description: file.description, note: file.note, external_id: file.externalId };
  });
  app.get<WithId>('/usage/files/:id/categories', (request, reply) =>
    answerList(request, reply, store.usageFile(request.params.id).categories, {
      fields: categoryFields,
      view: (category) => category,
    }),
  );
  actionRoutes(app, store);
}

function actionRoutes(app: FastifyInstance, store: Store): void {
  type Act = (file: UsageFile, body: unknown, by: Account) => void | Promise<void>;
  const action = (
    name: string,
    kind: Account['kind'],
    act: Act,
    options: { method?: 'PUT'; answer?: () => number } = {},
  ) =>
    app.route<WithId>({
      method: options.method ?? 'POST',
      url: `/usage/files/:id/${name}`,
      handler: async (request, reply) => {
        const by = only(kind, accountOf(request));
        const file = store.usageFile(request.params.id);
        await act(file, request.body, by);
        reply.code(options.answer?.() ?? 200);
        return usageFileDetail(store, file);
      },
    });

  const { actorOf } = lifecycle;
  const uploadAnswer = () => store.usageSettings.uploadAnswer;
  action(
    'upload',
    actorOf('upload'),
    (file, body, by) => processing.upload(store, file, sentFile(body, 'usage_file'), by),
    { answer: uploadAnswer },
  );
  action('submit', actorOf('submit'), (file, _body, by) => lifecycle.submit(store, file, by));
  action('delete', actorOf('delete'), (file, _body, by) => lifecycle.remove(store, file, by));
  action('reprocess', actorOf('reprocess'), (file, _body, by) => processing.reprocess(store, file, by));
  action('accept', actorOf('accept'), (file, body, by) =>
    lifecycle.accept(store, file, note(body, 'acceptance_note'), by),
  );
  action('reject', actorOf('reject'), (file, body, by) =>
    lifecycle.reject(store, file, note(body, 'rejection_note'), by),
  );
  action('close', actorOf('close'), (file, _body, by) => lifecycle.close(store, file, '', by));
  action('approve-all', 'distributor', (file) => lifecycle.approveAll(file), { method: 'PUT' });
  action('reconciliation', 'distributor', (file, body, by) =>
    reconcile(store, file, sentFile(body, 'recon_file'), body instanceof Form ? body.texts.upload_note : '', by),
  );
}

function bodyOf(body: unknown): Body {
  return typeof body === 'object' && body !== null ? { ...body } : {};
}

function note(body: unknown, field: string): string {
  const value = bodyOf(body)[field];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw invalid(field, 'Not a valid string.');
  if (value.length > 200) throw invalid(field, 'Ensure this field has no more than 200 characters.');
  return value;
}

/** The file of a form. @throws ConnectError 400 where the form has none, or the body is no form */
function sentFile(body: unknown, part: string): UploadedFile {
  const file = body instanceof Form ? body.files[part] : undefined;
  if (file === undefined) throw invalid(part, 'No file was submitted.');
  return file;
}
