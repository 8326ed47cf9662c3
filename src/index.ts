export { type Adjustment, type RequestedAdjustment, requestAdjustment } from './adjustment';
import { main } from './cli';
import type { Vendor, VendorFactory } from './sdk/vendor';

export * from './sdk';

export interface RunOptions {
  /** By product id (`PRD-…`): vendors of products that `vendor` does not serve. Those that CONNECT_PRODUCTS does not list stay unused. */
  products?: Readonly<Record<string, Vendor | VendorFactory>>;
}

/**
 * Runs the `connect-processor` command line with a vendor: the whole `main` of a vendor's own repository.
 *
 * @param vendor serves every product that has none of its own
 * @example run(vendor)
 * @example run(mail, { products: { 'PRD-000-000-001': deskPhone } })
 */
export async function run(vendor: Vendor | VendorFactory, { products = {} }: RunOptions = {}): Promise<void> {
  process.exitCode = 1; // until it is done: Node ends a process that waits for what cannot come any more, and calls that success
  process.once('beforeExit', sayUndone);
  process.exitCode = await main({ vendor, products });
  process.off('beforeExit', sayUndone);
  endSoon();
}

/**
 * What a vendor's module holds open, such as a pool of connections, is no reason to stay: it has a second to put it away. Nor does Temporal's
 * native part let go of a server that is gone.
 */
function endSoon(): void {
  setTimeout(() => process.stdout.write('', () => process.exit()), 1_000).unref(); // once all that was printed is out
}

function sayUndone(): void {
  process.stderr.write(
    "Ended with the work undone: it waits for a promise that nothing can settle any more. Look for an `await` at the top of the vendor's module that never comes to an end.\n",
  );
}
