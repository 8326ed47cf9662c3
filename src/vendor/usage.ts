import type { UsageHook } from '../sdk';
import type { VendorApi } from './api';

/** What tenants of the product used in the month, as the vendor's own metering counts it, page after page. */
export function createUsage(api: VendorApi): UsageHook {
  return async function* (report) {
    for await (const counted of api.usage(report.period.id, report.productId, report.signal)) {
      yield {
        asset: counted.external_id,
        mpn: counted.mpn,
        quantity: String(counted.quantity),
        id: counted.id,
        start: counted.start,
        end: counted.end,
      };
    }
  };
}
