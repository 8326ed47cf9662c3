export { type Adjustment, type RequestedAdjustment, requestAdjustment } from './adjustment';
import { main } from './cli';
import type { Vendor, VendorFactory } from './sdk/vendor';

export * from './sdk';

/**
 * Runs the `connect-processor` command line with a vendor: the whole `main` of a vendor's own repository.
 *
 * @example run(vendor)
 */
export async function run(vendor: Vendor | VendorFactory): Promise<void> {
  process.exitCode = await main(vendor);
}
