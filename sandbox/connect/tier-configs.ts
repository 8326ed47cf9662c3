import type { FastifyInstance } from 'fastify';
import { isoSecond } from './clock';
import { notFound } from './errors';
import { answerList } from './list';
import type { Parameter, TierConfig } from './model';
import { configurationView, productReference } from './products';
import { choice, date, number, text, type Fields } from './rql/fields';
import type { Store } from './store';
import { renderTemplate, templateReference } from './templates';
import { accountView } from './tier-accounts';

/** A tier configuration as JSON. @param params those of an open request, where it is shown inside one */
export function tierConfigView(config: TierConfig, params: Parameter[] = config.params): object {
  const { product, channel } = config;
  return {
    id: config.id,
    name: `Configuration of ${config.account.id}`,
    status: config.status,
    account: accountView(config.account),
    product: productReference(product),
    tier_level: config.level,
    connection: channel.connection,
    params,
    template: templateReference(config.template),
    open_request: config.openRequest === undefined ? null : { id: config.openRequest.id },
    configuration: { params: configurationView(product) },
    contract: channel.contract,
    marketplace: channel.marketplace,
    events: { created: { at: isoSecond(config.createdMs) }, updated: { at: isoSecond(config.updatedMs) } },
  };
}

const fields: Fields<TierConfig> = {
  id: text((config) => config.id, { orderable: true }),
  status: choice(['active', 'processing'], (config) => config.status, { lookups: ['eq', 'in'], orderable: true }),
  'account.id': text((config) => config.account.id, { orderable: true }),
  'account.external_id': text((config) => config.account.external_id),
  'account.external_uid': text((config) => config.account.external_uid),
  'product.id': text((config) => config.product.id, { orderable: true }),
  'connection.id': text((config) => config.channel.connection.id, { orderable: true }),
  'connection.type': choice(['production', 'test', 'preview'], (config) => config.channel.connection.type),
  'contract.id': text((config) => config.channel.contract.id, { orderable: true }),
  'marketplace.id': text((config) => config.channel.marketplace.id, { orderable: true }),
  'params.id': text((config) => config.params.map((param) => param.id)),
  'params.value': text((config) => config.params.map((param) => param.value)),
  tier_level: number((config) => config.level, { orderable: true }),
  created: date((config) => config.createdMs, { lookups: ['ge', 'le'] }),
  updated: date((config) => config.updatedMs, { lookups: ['ge', 'le'] }),
};

/** `/tier/configs` */
export function tierConfigRoutes(app: FastifyInstance, store: Store): void {
  const existing = (id: string): TierConfig => {
    const config = store.tierConfigs.get(id);
    if (config === undefined) throw notFound('Tier configuration', id);
    return config;
  };
  app.get('/tier/configs', (request, reply) =>
    answerList(request, reply, store.tierConfigs, { fields, view: (config) => tierConfigView(config) }),
  );
  app.get<{ Params: { id: string } }>('/tier/configs/:id', ({ params }) => tierConfigView(existing(params.id)));
  app.get<{ Params: { id: string } }>('/tier/configs/:id/render', ({ params }, reply) => {
    const config = existing(params.id);
    reply.type('text/markdown');
    return renderTemplate(config.template?.body ?? '', config.params);
  });
}
