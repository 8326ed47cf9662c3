import { z } from 'zod';
import { byProduct, known } from './config-schema';
import { REQUEST_TYPES } from './sdk/handlers';

const name = z
  .string({ error: 'must be a text: the name of a template' })
  .min(1, 'is empty: give the name of a template');
const noInquiry = z.never({
  error: 'cannot be set: Connect takes no template for the inquiry of a tier config request',
});

const uses = { activation: name.optional(), inquire: name.optional() };
const OfType = known(uses);
const OfTierType = known({ activation: name.optional(), inquire: noInquiry.optional() });
const ofType = (type: string) => (type.startsWith('tier-') ? OfTierType : OfType).optional();
const types = known(
  Object.fromEntries(REQUEST_TYPES.filter((type) => type !== 'revoke').map((type) => [type, ofType(type)])),
  'no type of request that has a handler',
).optional();

const products = byProduct(known({ ...uses, types })).optional();

/** Names of templates: for all, and where a product or a type of request has another one. */
export const TemplateNames = known({ ...uses, types, products });
export type TemplateNames = z.infer<typeof TemplateNames>;

/** What a new product's activation templates are called, in each scope. */
const DEFAULT_ACTIVATION_TEMPLATE = 'Default Activation Template';

/** What a new product's inquire template is called. */
const DEFAULT_INQUIRE_TEMPLATE = 'Additional information is required to process your request';

/**
 * The name of the template for a request: that of its product and type, else of its product, else of its type, else of all.
 *
 * @param type as in `ConnectRequestType`: `purchase`, …, `tier-setup`
 * @returns `chosen` is false where it is Connect's default that nobody chose: then the only template of its kind will do
 */
export function templateName(
  names: TemplateNames,
  use: 'activation' | 'inquire',
  productId: string,
  type: string,
): { name: string; chosen: boolean } {
  const product = names.products?.[productId];
  const chosen = product?.types?.[type]?.[use] ?? product?.[use] ?? names.types?.[type]?.[use] ?? names[use];
  if (chosen !== undefined) return { name: chosen, chosen: true };
  return { name: use === 'activation' ? DEFAULT_ACTIVATION_TEMPLATE : DEFAULT_INQUIRE_TEMPLATE, chosen: false };
}
