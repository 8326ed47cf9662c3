import type { FastifyInstance } from 'fastify';
import { VENDOR } from './accounts';
import { accountOf, only } from './authorization';
import { address, type Body, oneOf, words } from './body';
import { isoSecond } from './clock';
import { invalid } from './errors';
import { answerList } from './list';
import { boolean, choice, text, withUnderscoreNames, type Fields } from './rql/fields';
import type { Store } from './store';
import { deliver, eventOf } from './webhook-delivery';
import { OBJECT_CLASSES, type Webhook, WEBHOOK_TYPES } from './webhook-model';

const fields: Fields<Webhook> = withUnderscoreNames<Webhook>({
  id: text((webhook) => webhook.id),
  label: text((webhook) => webhook.label),
  description: text((webhook) => webhook.description),
  type: choice(WEBHOOK_TYPES, (webhook) => webhook.type),
  active: boolean((webhook) => webhook.active),
  'product.id': text((webhook) => webhook.product.id),
  'product.name': text((webhook) => webhook.product.name),
});

interface WithId {
  Params: { id: string };
  Body: Body | null;
}

/** `/notifications/webhooks`: whom this Connect calls. The vendor's alone. */
export function webhookRoutes(app: FastifyInstance, store: Store): void {
  const path = '/notifications/webhooks';
  app.get(path, (request, reply) => answerList(request, reply, store.webhooks, { fields, view: webhookView }));
  app.post<{ Body: Body | null }>(path, (request, reply) => {
    only('vendor', accountOf(request));
    const webhook: Webhook = {
      seq: store.next(),
      id: store.ids.webhook(),
      status: 'enabled',
      createdMs: Date.now(),
      ...read(store, request.body ?? {}),
      stats: { events: 0, triggers: 0, success_triggers: 0, failure_triggers: 0, failure_since_last_success: 0 },
      lastSuccess: undefined,
      lastFailure: undefined,
    };
    store.webhooks.add(webhook);
    reply.code(201);
    return webhookView(webhook);
  });
  app.get<WithId>(`${path}/:id`, ({ params }) => webhookView(store.webhook(params.id)));
  app.put<WithId>(`${path}/:id`, (request) => {
    only('vendor', accountOf(request));
    const webhook = store.webhook(request.params.id);
    return webhookView(Object.assign(webhook, read(store, { ...asWritten(webhook), ...request.body })));
  });
  app.delete<WithId>(`${path}/:id`, (request, reply) => {
    only('vendor', accountOf(request));
    store.webhooks.remove(store.webhook(request.params.id));
    return reply.code(204).send();
  });
  app.post<WithId>(`${path}/:id/trigger`, async (request) => {
    only('vendor', accountOf(request));
    const webhook = store.webhook(request.params.id);
    await deliver(webhook, eventOf(store, webhook));
    return webhookView(webhook);
  });
}

/** @throws ConnectError 400 for what is missing, or is not possible */
function read(
  store: Store,
  body: Body,
): Omit<Webhook, 'seq' | 'id' | 'status' | 'createdMs' | 'stats' | 'lastSuccess' | 'lastFailure'> {
  const product = store.products.get(words(body, 'product_id', 100));
  if (product === undefined) throw invalid('product_id', 'There is no such product.');
  const url = address(body, 'external_url', 4096);
  if (typeof body['active'] !== 'boolean') throw invalid('active', 'This field is required.');
  if (body['http_method'] !== 'POST') throw invalid('http_method', '"POST" is the only valid choice.');
  return {
    type: oneOf(WEBHOOK_TYPES, body['type'] ?? 'event', 'type'),
    objectClass: oneOf(OBJECT_CLASSES, body['object_class'], 'object_class'),
    label: words(body, 'label', 100),
    description: typeof body['description'] === 'string' ? body['description'] : '',
    product,
    url,
    secret: words(body, 'jwt_secret', 100),
    active: body['active'],
    data: object(body['data']),
    headers: object(body['headers']),
  };
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The members that a call may set, as it would set them. */
function asWritten({
  type,
  objectClass,
  label,
  description,
  product,
  url,
  secret,
  active,
  data,
  headers,
}: Webhook): Body {
  return {
    type,
    object_class: objectClass,
    label,
    description,
    product_id: product.id,
    external_url: url,
    jwt_secret: secret,
    active,
    http_method: 'POST',
    data,
    headers,
  };
}

/** The secret is shown: Connect's description has it in its answers. */
function webhookView(webhook: Webhook): object {
  const { product_id: _id, ...written } = asWritten(webhook);
  return {
    id: webhook.id,
    ...written,
    product: { id: webhook.product.id, name: webhook.product.name },
    account: { id: VENDOR.id, name: VENDOR.name },
    created_at: isoSecond(webhook.createdMs),
    stats: webhook.stats,
    ...(webhook.lastSuccess && { last_success: webhook.lastSuccess }),
    ...(webhook.lastFailure && { last_failure: webhook.lastFailure }),
  };
}
