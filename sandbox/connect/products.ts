import type { FastifyInstance } from 'fastify';
import { VENDOR } from './accounts';
import { EVENTS } from './catalogue';
import { notFound } from './errors';
import { answerList } from './list';
import type { ItemDefinition, ParameterDefinition, Product } from './product-model';
import { boolean, choice, number, text, type Fields } from './rql/fields';
import type { Store } from './store';

/** A product as other objects refer to it. */
export function productReference(product: Product) {
  return { id: product.id, name: product.name, icon: '/media/product.png', status: 'published' };
}

const configurationViews = new WeakMap<Product, object[]>();

/** Values of the configuration phase, as they stand inside a subscription. They never change, so they are made once. */
export function configurationView(product: Product): object[] {
  let views = configurationViews.get(product);
  if (views === undefined) {
    views = product.configurations.map(({ value, parameter }) => {
      const { name, title, description, type, scope, phase, events } = parameter;
      const constraints = { required: parameter.constraints.required, hidden: false, unique: false };
      return { id: name, title, description, type, scope, phase, value, constraints, events };
    });
    configurationViews.set(product, views);
  }
  return views;
}

function productView(product: Product): object {
  return {
    ...productReference(product),
    external_id: product.id.slice(-3),
    short_description: product.description,
    detailed_description: product.description,
    version: 1,
    latest: true,
    published_at: EVENTS.created.at,
    category: { id: 'CAT-00001', name: 'Sandbox' },
    owner: { id: VENDOR.id, name: VENDOR.name },
    configurations: { suspend_resume_supported: true, requires_reseller_information: false },
    capabilities: product.capabilities,
    visibility: { owner: true, listing: true, syndication: false, catalog: false },
    stats: { versions: 1 },
    purchase_model: 'itemized',
    events: EVENTS,
  };
}

function itemView(item: ItemDefinition): object {
  return {
    id: item.id,
    local_id: item.localId,
    external_id: item.localId.slice(-4),
    mpn: item.mpn,
    name: item.name,
    display_name: item.name,
    description: `${item.name}.`,
    type: item.type,
    status: 'published',
    period: item.period,
    precision: item.precision,
    unit: { id: item.unit.toLowerCase(), name: item.unit, title: item.unit, unit: item.unit },
    commitment: { count: 1, multiplier: 'monthly' },
    dynamic: item.dynamic,
    parent: null,
    group: null,
    replacement: null,
    end_of_sale_notes: null,
    position: item.position,
    ui: { visibility: true },
    events: EVENTS,
  };
}

function parameterView(definition: ParameterDefinition): object {
  const { id, name, title, description, type, scope, phase, hint, placeholder, position, constraints, events } =
    definition;
  return { id, name, title, description, type, scope, phase, hint, placeholder, position, constraints, events };
}

const SCOPES = ['asset', 'tier1', 'tier2', 'product', 'item', 'marketplace', 'item_marketplace'];

const parameterFields: Fields<ParameterDefinition> = {
  id: text((definition) => definition.id),
  name: text((definition) => definition.name, { lookups: ['eq', 'ne', 'like', 'ilike', 'in', 'out'] }),
  title: text((definition) => definition.title, { orderable: true }),
  phase: choice(['ordering', 'fulfillment', 'configuration'], (definition) => definition.phase),
  scope: choice(SCOPES, (definition) => definition.scope),
  type: text((definition) => definition.type),
  position: number((definition) => definition.position, { orderable: true }),
  'constraints.required': boolean((definition) => definition.constraints.required),
  'constraints.hidden': boolean((definition) => definition.constraints.hidden),
  'constraints.unique': boolean((definition) => definition.constraints.unique),
  'constraints.reconciliation': boolean((definition) => definition.constraints.reconciliation),
};

const itemFields: Fields<ItemDefinition> = {
  id: text((item) => item.id),
  local_id: text((item) => item.localId),
  mpn: text((item) => item.mpn),
  name: text((item) => item.name),
  type: choice(['Reservation', 'PPU'], (item) => item.type),
  item_type: choice(['Reservation', 'PPU'], (item) => item.type),
};

interface WithId {
  Params: { id: string };
}

/** `/products`, and of each its parameters, items and configuration values. Templates have their own file. */
export function productRoutes(app: FastifyInstance, store: Store): void {
  app.get('/products', (request, reply) =>
    answerList(request, reply, [...store.products.values()], {
      fields: { id: text((product) => product.id), name: text((product) => product.name) },
      view: productView,
    }),
  );
  app.get<WithId>('/products/:id', ({ params }) => productView(store.product(params.id)));

  app.get<WithId>('/products/:id/parameters', (request, reply) =>
    answerList(request, reply, store.product(request.params.id).parameters, {
      fields: parameterFields,
      view: parameterView,
    }),
  );
  app.get<{ Params: { id: string; parameter: string } }>('/products/:id/parameters/:parameter', ({ params }) => {
    const { parameters } = store.product(params.id);
    const definition = parameters.find(({ id, name }) => params.parameter === id || params.parameter === name);
    if (definition === undefined) throw notFound('Parameter', params.parameter);
    return parameterView(definition);
  });

  app.get<WithId>('/products/:id/items', (request, reply) =>
    answerList(request, reply, store.product(request.params.id).items, { fields: itemFields, view: itemView }),
  );
  app.get<{ Params: { id: string; item: string } }>('/products/:id/items/:item', ({ params }) => {
    const item = store
      .product(params.id)
      .items.find(({ id, localId }) => params.item === id || params.item === localId);
    if (item === undefined) throw notFound('Item', params.item);
    return itemView(item);
  });

  app.get<WithId>('/products/:id/configurations', (request, reply) =>
    answerList(request, reply, store.product(request.params.id).configurations, {
      fields: { 'parameter.id': text(({ parameter }) => [parameter.id, parameter.name]) },
      view: ({ value, parameter }) => ({
        value,
        structured_value: {},
        parameter: parameterView(parameter),
        events: EVENTS,
      }),
    }),
  );
}
