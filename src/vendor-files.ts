import path from 'node:path';
import { z } from 'zod';
import { byProduct, known } from './config-schema';

const PATH = 'must be the path of a module, from the folder of this file';

/** Under `vendors` in the file: products that a module of their own serves. */
export const VendorModules = known({
  products: byProduct(z.string({ error: PATH }).min(1, PATH)).optional(),
});

/** A module with a vendor, which the configuration names. */
export interface VendorFile {
  /** Absolute. */
  path: string;
  /** Where it is named, for messages: `file.json: vendors.products.PRD-…`. */
  place: string;
}

/** By product: the module of each that has one of its own. @param file that names them; their paths are from its folder */
export function vendorFiles(
  { products = {} }: z.infer<typeof VendorModules>,
  file = '',
): Readonly<Record<string, VendorFile>> {
  const from = path.dirname(path.resolve(file));
  return Object.fromEntries(
    Object.entries(products).map(([productId, name]): [string, VendorFile] => [
      productId,
      { path: path.resolve(from, name), place: `${file}: vendors.products.${productId}` },
    ]),
  );
}
