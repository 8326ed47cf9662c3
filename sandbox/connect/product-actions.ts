import type { FastifyInstance } from 'fastify';
import { accountOf, only } from './authorization';
import { address, type Body, oneOf, words } from './body';
import { BY, newActionSecret } from './catalogue';
import { isoSecond } from './clock';
import { invalid, notFound } from './errors';
import { answerList } from './list';
import type { Product, ProductAction } from './product-model';
import { choice, text, type Fields } from './rql/fields';
import type { Store } from './store';
import { signedNow } from './token';

const SCOPES: ProductAction['scope'][] = ['asset', 'tier1', 'tier2'];

const fields: Fields<ProductAction> = {
  id: text((action) => action.id),
  scope: choice(SCOPES, (action) => action.scope),
};

interface OfProduct {
  Params: { id: string };
  Body: Body | null;
}
interface OfAction {
  Params: { id: string; action: string };
  Body: Body | null;
  Querystring: { asset_id?: string; tier_config_id?: string };
}

/**
 * `/products/{id}/actions`; the vendor alone changes them. Connect's description has no other member for the address of an action than `action`,
 * so that is taken for it. Of the claims of a link `action_id` and `configuration_id` are known; `asset_id` is inferred.
 */
export function productActionRoutes(app: FastifyInstance, store: Store): void {
  const path = '/products/:id/actions';
  app.get<OfProduct>(path, (request, reply) =>
    answerList(request, reply, store.product(request.params.id).actions, { fields, view }),
  );
  app.post<OfProduct>(path, (request, reply) => {
    only('vendor', accountOf(request));
    const product = store.product(request.params.id);
    const now = Date.now();
    const id = `${product.id.replace('PRD', 'ACT')}-${String(store.next()).padStart(3, '0')}`;
    const action = { id, ...read(request.body ?? {}), createdMs: now, updatedMs: now };
    product.actions.push(action);
    reply.code(201);
    return view(action);
  });
  app.post<OfProduct>(`${path}/regeneratesecret`, (request) => {
    only('vendor', accountOf(request));
    const product = store.product(request.params.id);
    product.actionSecret = newActionSecret();
    return { jwt_secret: product.actionSecret };
  });

  app.get<OfAction>(`${path}/:action`, ({ params }) => view(existing(store, params)));
  app.put<OfAction>(`${path}/:action`, (request) => {
    only('vendor', accountOf(request));
    const action = existing(store, request.params);
    return view(Object.assign(action, read({ ...action, ...request.body }), { updatedMs: Date.now() }));
  });
  app.delete<OfAction>(`${path}/:action`, (request, reply) => {
    only('vendor', accountOf(request));
    const action = existing(store, request.params);
    const { actions } = store.product(request.params.id);
    actions.splice(actions.indexOf(action), 1);
    return reply.code(204).send();
  });
  app.get<OfAction>(`${path}/:action/actionLink`, ({ params, query }) => {
    const product = store.product(params.id);
    const action = existing(store, params);
    const link = new URL(action.action);
    const claims = { action_id: action.id, ...subject(store, product, action, query) };
    link.searchParams.set('jwt', signedNow(claims, product.actionSecret));
    return { link: link.href };
  });
}

/** What a link is about. @throws ConnectError 400 for what the action is not for */
function subject(
  store: Store,
  product: Product,
  { scope }: ProductAction,
  { asset_id: asset, tier_config_id: config }: OfAction['Querystring'],
): object {
  if (scope === 'asset') {
    if (asset === undefined) throw invalid('asset_id', 'This field is required.');
    if (store.asset(asset).product.id !== product.id) throw invalid('asset_id', 'It is of another product.');
    return { asset_id: asset };
  }
  if (config === undefined) throw invalid('tier_config_id', 'This field is required.');
  const found = store.tierConfigs.get(config);
  if (found === undefined) throw notFound('Tier configuration', config);
  if (found.product.id !== product.id || `tier${found.level}` !== scope) {
    throw invalid('tier_config_id', 'It is of another product or level.');
  }
  return { configuration_id: config };
}

function existing(store: Store, { id, action: wanted }: OfAction['Params']): ProductAction {
  const action = store.product(id).actions.find((one) => one.id === wanted);
  if (action === undefined) throw notFound('Action', wanted);
  return action;
}

/** @throws ConnectError 400 for what is missing, or is not possible */
function read(body: Body): Omit<ProductAction, 'id' | 'createdMs' | 'updatedMs'> {
  const name = words(body, 'name', 100);
  return {
    action: address(body, 'action', 100),
    name,
    title: typeof body['title'] === 'string' ? body['title'] : name,
    type: words(body, 'type', 100),
    scope: oneOf(SCOPES, body['scope'], 'scope'),
    description: words(body, 'description', 300),
  };
}

function view({ createdMs, updatedMs, ...action }: ProductAction): object {
  const events = { created: { at: isoSecond(createdMs), by: BY }, updated: { at: isoSecond(updatedMs), by: BY } };
  return { ...action, events };
}
