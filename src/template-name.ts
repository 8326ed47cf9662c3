import { z } from 'zod';

const name = z.string().min(1);

/** Names of templates: for all, and where a product or a type of request has another one. */
const Names = z.strictObject({ activation: name.optional(), inquire: name.optional() });
const ByType = Names.extend({ types: z.record(z.string(), Names).optional() });
export const TemplateNames = ByType.extend({ products: z.record(z.string(), ByType).optional() });
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
