import type { FastifyInstance } from 'fastify';
import type { Account } from './accounts';
import { ASSET_STATUSES } from './assets';
import { accountOf, only } from './authorization';
import { invalid, unauthorized, wrongState } from './errors';
import { answerList } from './list';
import type { FulfillmentRequest, Parameter } from './model';
import { firstStatus, placeOrder, type OrderBody } from './order-intake';
import { missingRequired, updateParameters } from './parameters';
import * as lifecycle from './request-lifecycle';
import { requestView } from './request-view';
import { choice, date, text, withUnderscoreNames, type Fields } from './rql/fields';
import { sliFields } from './sli';
import type { Store } from './store';
import { formUrl, renderTemplate } from './templates';
import { validateDraft, validateRequest } from './webhook-triggers';

const TYPES = ['purchase', 'cancel', 'change', 'suspend', 'resume', 'adjustment', 'renew', 'transfer'];
const STATUSES = [
  'draft',
  'tiers_setup',
  'pending',
  'inquiring',
  'approved',
  'failed',
  'scheduled',
  'revoking',
  'revoked',
];
const CONNECTION_TYPES = ['production', 'test', 'preview'];

const fields: Fields<FulfillmentRequest> = withUnderscoreNames<FulfillmentRequest>({
  id: text((request) => request.id),
  type: choice(TYPES, (request) => request.type),
  status: choice(STATUSES, (request) => request.status, { orderable: true }),
  created: date((request) => request.createdMs),
  updated: date((request) => request.updatedMs),
  assignee: text((request) => request.assignee?.id, { lookups: ['eq', 'null', 'in'] }),
  'assignee.email': text((request) => request.assignee?.email, { lookups: ['eq', 'ilike', 'in'] }),
  'template.id': text((request) => request.template?.id),
  'marketplace.id': text((request) => request.asset.channel.marketplace.id),
  'marketplace.name': text((request) => request.asset.channel.marketplace.name, { orderable: true }),
  'contract.id': text((request) => request.asset.channel.contract.id),
  'asset.id': text((request) => request.asset.id),
  'asset.status': choice(ASSET_STATUSES, (request) => request.asset.status, { lookups: ['eq'] }),
  'asset.external_id': text((request) => request.asset.external_id),
  'asset.external_uid': text((request) => request.asset.external_uid),
  'asset.product.id': text((request) => request.asset.product.id),
  'asset.product.name': text((request) => request.asset.product.name, { orderable: true }),
  'asset.connection.id': text((request) => request.asset.channel.connection.id),
  'asset.connection.type': choice(CONNECTION_TYPES, (request) => request.asset.channel.connection.type, {
    lookups: ['eq', 'in'],
  }),
  'asset.connection.hub.id': text((request) => request.asset.channel.connection.hub.id),
  'asset.connection.provider.id': text((request) => request.asset.channel.connection.provider.id),
  'asset.connection.vendor.id': text((request) => request.asset.channel.connection.vendor.id),
  'asset.contract.id': text((request) => request.asset.channel.contract.id),
  'asset.marketplace.id': text((request) => request.asset.channel.marketplace.id),
  'asset.marketplace.name': text((request) => request.asset.channel.marketplace.name, { orderable: true }),
  'asset.params.id': text((request) => request.params.map((param) => param.id), { lookups: ['eq', 'in'] }),
  'asset.params.value': text((request) => request.params.map((param) => param.value), { lookups: ['eq', 'in'] }),
  'asset.tiers.customer.id': text((request) => request.asset.tiers.customer.id, { orderable: true }),
  'asset.tiers.customer.name': text((request) => request.asset.tiers.customer.name, { orderable: true }),
  'asset.tiers.tier1.id': text((request) => request.asset.tiers.tier1.id),
  'asset.tiers.tier2.id': text((request) => request.asset.tiers.tier2?.id),
  ...sliFields,
});

type Body = Record<string, unknown>;
interface WithId {
  Params: { id: string };
  Body: Body | null;
}

/** `/requests` and the actions on one. An action answers 200 with the whole request. */
export function requestRoutes(app: FastifyInstance, store: Store): void {
  const view = (request: FulfillmentRequest, selected?: ReadonlySet<string>) => requestView(store, request, selected);

  app.get('/requests', (request, reply) =>
    answerList(request, reply, store.requests, {
      fields,
      view,
      search: (one) => [one.id, one.asset.id, one.asset.external_id, one.asset.tiers.customer.name],
    }),
  );
  app.post<{ Body: OrderBody | null }>('/requests', async (request, reply) => {
    const placed = placeOrder(store, request.body ?? {}, accountOf(request));
    if (placed.status === 'draft') await validateDraft(store, placed);
    reply.code(201);
    return view(placed);
  });
  app.get<WithId>('/requests/:id', ({ params }) => view(store.request(params.id)));
  app.put<WithId>('/requests/:id', ({ params, body }) => {
    const request = store.request(params.id);
    lifecycle.save(store, request, body ?? {});
    return view(request);
  });
  app.get<WithId>('/requests/:id/render', ({ params }, reply) => {
    const request = store.request(params.id);
    reply.type('text/markdown');
    return renderTemplate(request.template?.body ?? '', request.params, formUrl(store, request));
  });

  type Act = (request: FulfillmentRequest, body: Body, by: Account) => void;
  const action = (name: string, kind: Account['kind'] | 'both', act: Act) =>
    app.post<WithId>(`/requests/:id/${name}`, (incoming) => {
      const by = only(kind, accountOf(incoming));
      const request = store.request(incoming.params.id);
      act(request, incoming.body ?? {}, by);
      return view(request);
    });

  action('approve', 'vendor', (request, body, by) => lifecycle.approve(store, request, body, by));
  action('fail', 'vendor', (request, body, by) => lifecycle.fail(store, request, body, by));
  action('inquire', 'vendor', (request, body, by) => lifecycle.inquire(store, request, body, by));
  action('schedule', 'vendor', (request, body, by) => lifecycle.schedule(store, request, body, by));
  action('confirm', 'vendor', (request, _body, by) => lifecycle.confirm(store, request, by));
  action('revoke', 'distributor', (request, body, by) => lifecycle.revoke(store, request, body, by));
  for (const name of ['purchase', 'submit']) {
    action(name, 'distributor', (request, _body, by) => submit(store, request, name, by));
  }
  action('assign', 'both', (request, body) => {
    request.assignee = assigneeOf(body);
    request.updatedMs = Date.now();
  });
  action('unassign', 'both', (request) => {
    request.assignee = null;
    request.updatedMs = Date.now();
  });

  app.post<WithId>('/requests/:id/validate', async ({ params, body }) => {
    const request = store.request(params.id);
    updateParameters(request.params, (body?.asset as { params?: unknown } | undefined)?.params, 'asset.params');
    await validateRequest(store, request);
    markMissing(request.params);
    return view(request);
  });

  app.post<WithId & { Querystring: { code?: string } }>('/requests/:id/pend', (incoming) => {
    const request = store.request(incoming.params.id);
    const { code } = incoming.query;
    // The customer's form holds no key; the code of its link lets it in.
    if (code !== undefined && code !== request.formCode) throw unauthorized();
    const by = code === undefined ? accountOf(incoming).id : 'customer';
    lifecycle.pend(store, request, (incoming.body?.asset as { params?: unknown } | undefined)?.params, by);
    return view(request);
  });
}

function submit(store: Store, request: FulfillmentRequest, action: string, by: Account): void {
  if (request.status !== 'draft') throw wrongState('Only draft requests can be submitted.');
  lifecycle.move(store, request, firstStatus(store, request), action, by.id);
  const { asset } = request;
  if (asset.status === 'draft') lifecycle.moveAsset(store, asset, 'processing', action, by.id);
  if (request.type === 'cancel') lifecycle.moveAsset(store, asset, 'terminating', action, by.id);
}

/** Marks required ordering parameters that are empty. */
export function markMissing(params: Parameter[]): void {
  const missing = new Set(missingRequired(params, 'ordering'));
  for (const param of params) if (missing.has(param.id)) param.value_error = 'This field is required.';
}

/** @throws ConnectError 400 where neither an id nor an e-mail address is named */
export function assigneeOf(body: Body): { id: string; name: string; email: string } {
  const { id, email } = body;
  if (typeof id !== 'string' && typeof email !== 'string') throw invalid('id', 'This field is required.');
  return {
    id: typeof id === 'string' ? id : 'UR-000-000-002',
    name: 'Sandbox Operator',
    email: typeof email === 'string' ? email : 'operator@vendor.example',
  };
}
