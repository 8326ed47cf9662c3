import type { FastifyInstance } from 'fastify';
import { notFound } from './errors';
import { answerList } from './list';
import type { FulfillmentRequest, Parameter } from './model';
import type { Product, Template } from './product-model';
import { choice, text, type Fields } from './rql/fields';
import type { Store } from './store';

/**
 * Fill a template: `{{ name }}` becomes the value of that parameter, an unknown name becomes nothing.
 *
 * @param formUrl where the customer's form is, for `{{ activation_form_url }}`
 */
export function renderTemplate(body: string, params: Parameter[], formUrl = ''): string {
  return body.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, name: string) =>
    name === 'activation_form_url' ? formUrl : (params.find((param) => param.id === name)?.value ?? ''),
  );
}

export function findTemplate(
  product: Product,
  wanted: Partial<Pick<Template, 'id' | 'scope' | 'type'>>,
): Template | undefined {
  return product.templates.find(
    (template) =>
      (wanted.id === undefined || template.id === wanted.id) &&
      (wanted.scope === undefined || template.scope === wanted.scope) &&
      (wanted.type === undefined || template.type === wanted.type),
  );
}

/** A template as other objects refer to it. */
export function templateReference(template: Template | undefined): object | null {
  return template === undefined ? null : { id: template.id, name: template.name };
}

/** Where the customer answers an inquiry, without a key: `POST {"asset": {"params": [...]}}`. */
export function formUrl(store: Store, request: FulfillmentRequest): string {
  return `${store.baseUrl}/requests/${request.id}/pend?code=${request.formCode}`;
}

const fields: Fields<Template> = {
  scope: choice(['asset', 'tier1', 'tier2'], (template) => template.scope),
  type: choice(['inquire', 'fulfillment', 'pending'], (template) => template.type, {
    lookups: ['eq', 'ne', 'like', 'ilike', 'null', 'in', 'out'],
  }),
};
const fieldsWithName: Fields<Template> = { ...fields, name: text<Template>((template) => template.name) };

/** `/products/{id}/templates`: filters are `scope` and `type` alone, so a `name` is ignored unless switched on. */
export function templateRoutes(app: FastifyInstance, store: Store): void {
  app.get<{ Params: { id: string } }>('/products/:id/templates', (request, reply) => {
    const { templates } = store.product(request.params.id);
    return answerList(request, reply, templates, {
      fields: store.templatesHonourName ? fieldsWithName : fields,
      view: (template) => template,
    });
  });

  app.get<{ Params: { id: string; template: string } }>('/products/:id/templates/:template', ({ params }) =>
    existing(store.product(params.id), params.template),
  );

  app.get<{ Params: { id: string; template: string }; Querystring: { request_id?: string } }>(
    '/products/:id/templates/:template/render',
    ({ params, query }, reply) => {
      const template = existing(store.product(params.id), params.template);
      const request = query.request_id === undefined ? undefined : store.request(query.request_id);
      reply.type('text/markdown');
      return renderTemplate(template.body, request?.params ?? [], request && formUrl(store, request));
    },
  );
}

function existing(product: Product, id: string): Template {
  const template = findTemplate(product, { id });
  if (template === undefined) throw notFound('Template', id);
  return template;
}
