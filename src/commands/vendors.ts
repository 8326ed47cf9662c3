import { type Config, ConfigError } from '../config';
import { PRODUCT_ID } from '../config-schema';
import { resolveVendor, type Vendor, type VendorFactory, type Vendors } from '../sdk/vendor';
import type { UsageTime } from '../temporal/schedules';
import { vendorIn } from './vendor-file';

/** What the program was started with. */
export interface GivenVendors {
  /** Of every product that has no vendor of its own. */
  vendor: Vendor | VendorFactory;
  /** By product id: those that have one. */
  products: Readonly<Record<string, Vendor | VendorFactory>>;
}

/** When the usage of each product is reported: of those whose vendor has the hook, since there is nothing to ask any other. */
export function usageTimesOf({ usageTimes }: Pick<Config, 'usageTimes'>, vendors: Vendors): UsageTime[] {
  return usageTimes.filter(({ productId }) => vendors.get(productId)?.usage);
}

/**
 * The vendor of each product: of a module that the configuration names for it, else its own of those given, else the one of all. Each is
 * built once, however many products it serves; what serves none is not built.
 *
 * @throws ConfigError with all modules that are no use, each with its place
 * @throws Error that names the product, where what was given for it is no vendor
 */
export async function vendorsOf(
  { connect, vendorFiles, vendor: settings }: Config,
  given: GivenVendors,
): Promise<Vendors> {
  const strange = Object.keys(given.products).find((id) => !PRODUCT_ID.test(id));
  if (strange !== undefined) {
    throw new Error(`run(…, { products }): "${strange}" is no id of a product: one looks like PRD-000-000-000.`);
  }
  const built = new Map<unknown, Vendor>();
  const build = async (source: string | Vendor | VendorFactory): Promise<Vendor> => {
    const found =
      built.get(source) ?? resolveVendor(typeof source === 'string' ? await vendorIn(source) : source, settings);
    built.set(source, found);
    return found;
  };
  const vendors = new Map<string, Vendor>();
  const problems: string[] = [];
  for (const productId of connect.products) {
    const file = vendorFiles[productId];
    const isOwn = Object.hasOwn(given.products, productId); // there, and undefined, where an import has gone wrong
    try {
      vendors.set(productId, await build(file?.path ?? (isOwn ? given.products[productId]! : given.vendor)));
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      if (file) problems.push(`${file.place}: ${said}`);
      else if (isOwn) throw new Error(`run(…, { products }): ${productId}: ${said}`, { cause: error });
      else throw error;
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return vendors;
}
