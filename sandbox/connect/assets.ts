import type { FastifyInstance } from 'fastify';
import { isoSecond } from './clock';
import { answerList } from './list';
import type { Asset, FulfillmentRequest } from './model';
import { configurationView, productReference } from './products';
import { isOpen } from './request-lifecycle';
import { choice, date, text, type Fields } from './rql/fields';
import type { Store } from './store';
import { renderTemplate, templateReference } from './templates';
import { accountView } from './tier-accounts';

export const ASSET_STATUSES = ['draft', 'processing', 'active', 'terminating', 'suspended', 'terminated'];

/** A subscription as JSON, as it stands in a request and in its own collection. */
export function assetView(asset: Asset, withCapabilities = false) {
  const { product, channel, tiers } = asset;
  return {
    id: asset.id,
    status: asset.status,
    external_id: asset.external_id,
    external_uid: asset.external_uid,
    product: withCapabilities
      ? { ...productReference(product), capabilities: product.capabilities }
      : productReference(product),
    connection: channel.connection,
    events: { created: { at: isoSecond(asset.createdMs) }, updated: { at: isoSecond(asset.updatedMs) } },
    items: asset.items as object[],
    params: asset.params as object[],
    tiers: {
      customer: accountView(tiers.customer),
      tier1: accountView(tiers.tier1),
      tier2: accountView(tiers.tier2),
    },
    marketplace: channel.marketplace,
    contract: channel.contract,
    configuration: { params: configurationView(product) },
  };
}

function collectionView(asset: Asset, selected: ReadonlySet<string>): object {
  const view: Record<string, unknown> = assetView(asset, selected.has('product.capabilities'));
  if (selected.has('template')) view.template = templateReference(asset.template);
  if (selected.has('pending_request')) {
    const open = asset.requests.find(isOpen);
    view.pending_request =
      open === undefined
        ? null
        : { id: open.id, type: open.type, status: open.status, template: templateReference(open.template) };
  }
  return view;
}

const only = (...lookups: ('gt' | 'lt')[]) => ({ lookups });

const fields: Fields<Asset> = {
  id: text((asset) => asset.id),
  status: choice(ASSET_STATUSES, (asset) => asset.status, { orderable: true }),
  external_id: text((asset) => asset.external_id),
  external_uid: text((asset) => asset.external_uid),
  'product.id': text((asset) => asset.product.id),
  'product.name': text((asset) => asset.product.name, { orderable: true }),
  'connection.id': text((asset) => asset.channel.connection.id),
  'connection.type': choice(['production', 'test', 'preview'], (asset) => asset.channel.connection.type),
  'connection.hub.id': text((asset) => asset.channel.connection.hub.id),
  'contract.id': text((asset) => asset.channel.contract.id),
  'marketplace.id': text((asset) => asset.channel.marketplace.id, { orderable: true }),
  'params.id': text((asset) => asset.params.map((param) => param.id)),
  'params.value': text((asset) => asset.params.map((param) => param.value)),
  'tiers.customer.id': text((asset) => asset.tiers.customer.id, { orderable: true }),
  'tiers.tier1.id': text((asset) => asset.tiers.tier1.id),
  'tiers.tier2.id': text((asset) => asset.tiers.tier2?.id),
  created: date((asset) => asset.createdMs, only('gt', 'lt')),
  updated: date((asset) => asset.updatedMs, only('gt', 'lt')),
};

/** `/assets`, `/assets/{id}`, its requests, its rendered template, and of its billing view the date that an approval may set. */
export function assetRoutes(app: FastifyInstance, store: Store): void {
  app.get('/assets', (request, reply) =>
    answerList(request, reply, store.assets, {
      fields,
      view: collectionView,
      search: (asset) => [asset.id, asset.external_id, asset.tiers.customer.name],
    }),
  );
  app.get<{ Params: { id: string } }>('/assets/:id', ({ params }) =>
    collectionView(store.asset(params.id), new Set(['template'])),
  );
  app.get<{ Params: { id: string } }>('/subscriptions/assets/:id', ({ params }) => {
    const asset = store.asset(params.id);
    const whole = collectionView(asset, new Set(['template', 'pending_request']));
    return { ...whole, billing: { next_date: asset.nextBilling } };
  });
  app.get<{ Params: { id: string } }>('/assets/:id/requests', (request, reply) =>
    answerList(request, reply, store.asset(request.params.id).requests, { fields: {}, view: chainView }),
  );
  app.get<{ Params: { id: string } }>('/assets/:id/render', ({ params }, reply) => {
    const asset = store.asset(params.id);
    reply.type('text/markdown');
    return renderTemplate(asset.template?.body ?? '', asset.params);
  });
}

function chainView(request: FulfillmentRequest): object {
  return {
    id: request.id,
    type: request.type,
    status: request.status,
    events: { created: { at: isoSecond(request.createdMs) }, updated: { at: isoSecond(request.updatedMs) } },
    assignee: request.assignee,
  };
}
