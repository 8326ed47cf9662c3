import type { FastifyInstance } from 'fastify';
import type { Account } from './accounts';
import { accountOf, only } from './authorization';
import { adjustmentDraft, ConnectError, forbidden, invalid } from './errors';
import { answerList } from './list';
import type { TierConfigRequest } from './model';
import { copyParameters, updateParameters } from './parameters';
import { assigneeOf, markMissing } from './requests';
import { choice, date, text, withUnderscoreNames, type Fields } from './rql/fields';
import { sliFields } from './sli';
import type { Store } from './store';
import { renderTemplate } from './templates';
import * as lifecycle from './tier-config-lifecycle';
import { tierConfigRequestView } from './tier-config-request-view';
import { openTierConfigRequest } from './tier-config-setup';
import { validateTierConfigRequest } from './webhook-triggers';

const few = { lookups: ['eq' as const, 'in' as const], orderable: true };
const STATUSES = ['draft', 'tiers_setup', 'pending', 'inquiring', 'approved', 'failed'];
const ENVIRONMENTS = ['production', 'test', 'preview'];

const fields: Fields<TierConfigRequest> = withUnderscoreNames<TierConfigRequest>({
  id: text((request) => request.id, { orderable: true }),
  type: choice(['setup', 'update', 'adjustment'], (request) => request.type, few),
  status: choice(STATUSES, (request) => request.status, few),
  environment: choice(ENVIRONMENTS, (request) => request.configuration.channel.connection.type, {
    lookups: ['eq', 'in'],
  }),
  created: date((request) => request.createdMs),
  updated: date((request) => request.updatedMs),
  'assignee.id': text((request) => request.assignee?.id, { lookups: ['eq', 'ilike', 'null', 'in'], orderable: true }),
  'configuration.id': text((request) => request.configuration.id, { orderable: true }),
  'configuration.account.id': text((request) => request.configuration.account.id, { orderable: true }),
  'configuration.account.external_id': text((request) => request.configuration.account.external_id),
  'configuration.account.external_uid': text((request) => request.configuration.account.external_uid),
  'configuration.product.id': text((request) => request.configuration.product.id, { orderable: true }),
  'configuration.product.name': text((request) => request.configuration.product.name, { orderable: true }),
  'configuration.tier_level': choice(['1', '2'], (request) => String(request.configuration.level), few),
  'configuration.connection.type': choice(ENVIRONMENTS, (request) => request.configuration.channel.connection.type, {
    lookups: ['eq', 'in'],
  }),
  'configuration.contract.id': text((request) => request.configuration.channel.contract.id, { orderable: true }),
  'configuration.marketplace.id': text((request) => request.configuration.channel.marketplace.id, { orderable: true }),
  'params.id': text((request) => request.params.map((param) => param.id)),
  'params.value': text((request) => request.params.map((param) => param.value)),
  'template.id': text((request) => request.template?.id),
  ...sliFields,
});

type Body = Record<string, unknown>;
interface WithId {
  Params: { id: string };
  Body: Body | null;
}

/** `/tier/config-requests` and the actions on one: approve answers the rendered template, submit and validate the request, the others 204. */
export function tierConfigRequestRoutes(app: FastifyInstance, store: Store): void {
  const path = '/tier/config-requests';
  app.get(path, (request, reply) =>
    answerList(request, reply, store.tierConfigRequests, { fields, view: tierConfigRequestView }),
  );
  app.post<{ Body: Body | null }>(path, async (incoming, reply) => {
    const request = openLater(store, incoming.body ?? {}, accountOf(incoming));
    if (request.status === 'draft') await validateTierConfigRequest(store, request);
    reply.code(201);
    return tierConfigRequestView(request);
  });
  app.get<WithId>(`${path}/:id`, ({ params }) => tierConfigRequestView(store.tierConfigRequest(params.id)));
  app.put<WithId>(`${path}/:id`, ({ params, body }) => {
    const request = store.tierConfigRequest(params.id);
    lifecycle.save(store, request, body ?? {});
    return tierConfigRequestView(request);
  });
  app.get<WithId>(`${path}/:id/render`, ({ params }, reply) => {
    const request = store.tierConfigRequest(params.id);
    reply.type('text/markdown');
    return renderTemplate(request.template?.body ?? '', request.params);
  });

  app.post<WithId>(`${path}/:id/approve`, (incoming) => {
    const by = only('vendor', accountOf(incoming));
    const request = store.tierConfigRequest(incoming.params.id);
    lifecycle.approve(store, request, incoming.body ?? {}, by);
    return {
      template: { id: request.template?.id ?? '', representation: request.activationText },
      effective_date: request.effectiveDate,
    };
  });
  app.post<WithId>(`${path}/:id/validate`, async (incoming) => {
    const request = store.tierConfigRequest(incoming.params.id);
    updateParameters(request.params, incoming.body?.params, 'params');
    await validateTierConfigRequest(store, request);
    markMissing(request.params);
    return tierConfigRequestView(request);
  });

  app.post<WithId>(`${path}/:id/submit`, (incoming) => {
    const by = only('distributor', accountOf(incoming));
    const request = store.tierConfigRequest(incoming.params.id);
    lifecycle.submit(store, request, by);
    return tierConfigRequestView(request);
  });

  type Act = (request: TierConfigRequest, body: Body, by: Account) => void;
  const silent = (name: string, kind: Account['kind'] | 'both', act: Act) =>
    app.post<WithId>(`${path}/:id/${name}`, (incoming, reply) => {
      const by = only(kind, accountOf(incoming));
      act(store.tierConfigRequest(incoming.params.id), incoming.body ?? {}, by);
      return reply.code(204).send();
    });
  silent('fail', 'both', (request, body, by) => lifecycle.fail(store, request, body, by));
  silent('inquire', 'vendor', (request, _body, by) => lifecycle.inquire(store, request, by));
  silent('pend', 'both', (request, body, by) => lifecycle.pend(store, request, body.params, by.id));
  silent('assign', 'both', (request, body) => {
    request.assignee = assigneeOf(body);
    request.updatedMs = Date.now();
  });
  silent('unassign', 'both', (request) => {
    request.assignee = null;
    request.updatedMs = Date.now();
  });
}

/** An `update` by the distributor, or an `adjustment` by the vendor, on an active configuration. An update is a draft where asked. */
function openLater(store: Store, body: Body, by: Account): TierConfigRequest {
  const { type } = body;
  if (type !== 'update' && type !== 'adjustment') throw invalid('type', `"${String(type)}" is not a valid choice.`);
  if ((type === 'adjustment') !== (by.kind === 'vendor')) throw forbidden();
  const isDraft = body.status === 'draft';
  if (isDraft && type === 'adjustment') throw adjustmentDraft();
  const id = (body.configuration as { id?: unknown } | undefined)?.id;
  const config = typeof id === 'string' ? store.tierConfigs.get(id) : undefined;
  if (config === undefined) throw invalid('configuration.id', 'There is no such tier configuration.');
  if (config.status !== 'active' || config.openRequest !== undefined) {
    throw new ConnectError(409, 'TC_006', ['The tier configuration has an open request or is not active.'], {
      request_id: config.openRequest?.id,
      request_status: config.openRequest?.status,
    });
  }
  const tiers =
    config.level === 1
      ? { tier1: config.account, tier2: config.parent?.account }
      : { tier1: undefined, tier2: config.account };
  const params = copyParameters(config.params);
  updateParameters(params, body.params, 'params');
  return openTierConfigRequest(store, config, { type, tiers, params, isDraft }, by.id);
}
