import type { FastifyInstance } from 'fastify';
import { ApiError } from '../api-error';
import { DISTRIBUTOR } from '../connect/accounts';
import { notFound } from '../connect/errors';
import * as requests from '../connect/request-lifecycle';
import type { Store } from '../connect/store';
import * as tierRequests from '../connect/tier-config-lifecycle';
import { validateDraft } from '../connect/webhook-triggers';
import type { Conditions } from '../http-server';
import type { Tenants } from '../vendor-api/tenants';
import { flag, milliseconds, namedTexts, readBody, text, type Fields } from './body';
import { ORDER, SUBSCRIPTION, placeOrders, placedView, seedSubscriptions } from './orders';
import { settingRoutes, type VendorSide } from './settings';
import { usageControlRoutes, usageFileStates } from './usage';

/** Statuses in which a request rests until somebody outside the platform's vendor acts. */
const SETTLED = 'approved,failed,inquiring,revoked';
/** Statuses in which Connect does nothing more with a usage file by itself. */
const USAGE_SETTLED = 'invalid,pending,accepted,rejected,closed,deleted';
const LONGEST_WAIT_MS = 60_000;

interface Answer {
  request: string;
  params?: Record<string, string>;
  /** Leave the old errors beside the new values. */
  keep_errors?: boolean;
}
const ANSWER: Fields<Answer> = { request: text, params: namedTexts, keep_errors: flag };
const FORCED: Fields<{ status?: string; type?: string }> = { status: text, type: text };

interface WithId {
  Params: { id: string };
}

/** Everything that a test, the demo or a person asks of the sandbox itself. No key is needed, and no fault applies. */
export function controlRoutes(app: FastifyInstance, store: Store, vendor: VendorSide, conditions: Conditions): void {
  const { tenants, metering } = vendor;
  conditionRoutes(app, conditions);
  orderRoutes(app, store, tenants);
  usageControlRoutes(app, store, metering);
  settingRoutes(app, store, vendor);
  lookRoutes(app, store, tenants, conditions);

  app.post('/reset', (_request, reply) => {
    store.reset();
    tenants.clear();
    metering.clear();
    conditions.faults.clear();
    conditions.counters.clear();
    return reply.code(204).send();
  });
  app.delete<{ Params: { id: string; template: string } }>('/products/:id/templates/:template', ({ params }, reply) => {
    const product = store.product(params.id);
    const rest = product.templates.filter(({ id }) => id !== params.template);
    if (rest.length === product.templates.length) throw notFound('Template', params.template);
    product.templates = rest;
    return reply.code(204).send();
  });

  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send(error.body());
    return reply.code(error.statusCode ?? 500).send({ error_code: 'SANDBOX', errors: [error.message] });
  });
}

function conditionRoutes(app: FastifyInstance, conditions: Conditions): void {
  const { faults, counters } = conditions;
  app.put('/latency', ({ body }) => {
    const { ms } = readBody<{ ms: number }>(body, { ms: milliseconds }, ['ms']);
    conditions.latencyMs = ms;
    return { ms };
  });
  app.post('/faults', ({ body }, reply) => {
    const fault = faults.add(body);
    reply.code(201);
    return fault;
  });
  app.get('/faults', () => faults.list());
  app.get<WithId>('/faults/:id', ({ params }) => {
    const fault = faults.get(params.id);
    if (fault === undefined) throw notFound('Fault', params.id);
    return fault;
  });
  app.delete('/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
  app.delete<WithId>('/faults/:id', ({ params }, reply) => {
    if (!faults.remove(params.id)) throw notFound('Fault', params.id);
    return reply.code(204).send();
  });
  app.delete('/counters', (_request, reply) => {
    counters.clear();
    return reply.code(204).send();
  });
}

function orderRoutes(app: FastifyInstance, store: Store, tenants: Tenants): void {
  app.post('/orders', async ({ body }, reply) => {
    const placed = placeOrders(store, readBody(body, ORDER));
    for (const { id, status } of placed) if (status === 'draft') await validateDraft(store, store.request(id));
    reply.code(201);
    return { requests: placed };
  });
  app.post('/subscriptions', ({ body }, reply) => {
    const seeded = seedSubscriptions(store, tenants, readBody(body, SUBSCRIPTION));
    reply.code(201);
    return { subscriptions: seeded };
  });

  app.post('/answers', ({ body }) => {
    const { request: id, params = {}, keep_errors: keepErrors } = readBody(body, ANSWER, ['request']);
    const values = Object.entries(params).map(([name, value]) => ({ id: name, value }));
    const tierRequest = store.tierConfigRequests.get(id);
    if (tierRequest !== undefined) {
      tierRequests.pend(store, tierRequest, values, DISTRIBUTOR.id, keepErrors);
      return { id, status: tierRequest.status };
    }
    const request = store.request(id);
    requests.pend(store, request, values, 'customer', keepErrors);
    return { id, status: request.status };
  });

  app.patch<WithId>('/requests/:id', ({ params, body }) => {
    const request = store.request(params.id);
    const { type = request.type, status = request.status } = readBody(body, FORCED);
    request.type = type;
    requests.move(store, request, status, 'forced', 'sandbox');
    return placedView(request);
  });
  app.delete<WithId>('/requests/:id', ({ params }, reply) => {
    const tierRequest = store.tierConfigRequests.get(params.id);
    if (tierRequest !== undefined) store.tierConfigRequests.remove(tierRequest);
    else {
      const request = store.request(params.id);
      store.requests.remove(request);
      request.asset.requests = request.asset.requests.filter((one) => one !== request);
    }
    return reply.code(204).send();
  });
}

function lookRoutes(app: FastifyInstance, store: Store, tenants: Tenants, { counters, faults }: Conditions): void {
  const known = (id: string) => store.requests.get(id) ?? store.tierConfigRequests.get(id) ?? store.usageFiles.get(id);
  const counts = () => ({
    requests: store.requests.counts(),
    tierConfigRequests: store.tierConfigRequests.counts(),
    usageFiles: store.usageFiles.counts(),
    assets: store.assets.counts(),
    tenants: tenants.size,
    doubledTenants: tenants.doubled(),
    faults: faults.list().length,
  });

  app.get('/counts', counts);
  app.get('/state', () => ({
    counts: counts(),
    requests: [...store.requests.all()].map(placedView),
    tierConfigRequests: [...store.tierConfigRequests.all()].map(({ id, type, status, configuration }) => ({
      id,
      type,
      status,
      level: configuration.level,
      reseller: configuration.account.external_id,
      product: { id: configuration.product.id },
    })),
    assets: [...store.assets.all()].map(({ id, status }) => ({ id, status })),
    usageFiles: usageFileStates(store),
    tenants: tenants.all(),
  }));
  app.get('/counters', () => ({ calls: counters.list(), effects: store.journal.effects() }));
  app.get<{ Querystring: { external_id?: string } }>('/tenants', ({ query }) =>
    query.external_id === undefined ? tenants.all() : tenants.everCreated(query.external_id),
  );
  app.get<WithId>('/requests/:id/timeline', ({ params }) => {
    const timeline = store.journal.timeline(params.id);
    if (timeline.length === 0) throw notFound('Timeline of', params.id);
    return timeline;
  });
  const settled = (path: string, what: string, otherwise: string) =>
    app.get<WithId & { Querystring: { timeout_ms?: string; statuses?: string } }>(path, async ({ params, query }) => {
      if (known(params.id) === undefined) throw notFound(what, params.id);
      const statuses = new Set((query.statuses ?? otherwise).split(','));
      const patience = Math.min(Number(query.timeout_ms ?? LONGEST_WAIT_MS), LONGEST_WAIT_MS);
      const status = () => known(params.id)?.status ?? 'gone';
      const reached = await store.journal.until(params.id, () => statuses.has(status()), patience);
      return { id: params.id, status: status(), settled: reached };
    });
  settled('/requests/:id/settled', 'Request', SETTLED);
  settled('/usage/:id/settled', 'Usage file', USAGE_SETTLED);
}
