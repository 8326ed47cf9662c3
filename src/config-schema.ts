import { z } from 'zod';

/** An object in which nothing else may stand: a name with a slip of the pen would be passed over, and nobody would notice. */
export function known<Shape extends z.ZodRawShape>(shape: Shape, unknown = 'no such setting') {
  const names = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `${unknown}; possible here: ${names}`
        : `must be an object; possible in it: ${names}`,
  });
}

export const PRODUCT_ID = /^PRD-\d+(-\d+)*$/;

/** Settings that differ by product, under the ids of the products. */
export function byProduct<T extends z.ZodType>(settings: T) {
  return z.record(z.string().regex(PRODUCT_ID), settings, {
    error: ({ code }) =>
      code === 'invalid_key'
        ? 'is no id of a product: one looks like PRD-000-000-000'
        : 'must be an object with ids of products as its names',
  });
}
