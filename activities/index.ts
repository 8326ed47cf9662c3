import type { ConnectClient } from '../src/connect/client';
import { createDispatch, type DispatchDependencies } from './dispatch';
import { createFulfillmentActivities } from './fulfillment';
import { withHeartbeat, withTypedFailures } from './guard';
import { createRelease } from './release';
import { createRequestStatus } from './request-status';
import { createTemplates } from './templates';
import { createTierConfigActivities } from './tier-config';
import { createUsageActivities } from './usage';
import { createVendorActivities, type VendorDependencies } from './vendor';

export interface ActivityDependencies extends DispatchDependencies, Omit<VendorDependencies, 'templates'> {
  connect: ConnectClient;
}

export type Activities = ReturnType<typeof createActivities>;

/** Everything that touches the world, made of what it needs. */
export function createActivities(dependencies: ActivityDependencies) {
  const withTemplates = { ...dependencies, templates: createTemplates(dependencies.connect) };
  return withTypedFailures(
    {
      ...createDispatch(dependencies), // its heartbeat carries a cursor
      ...withHeartbeat({
        ...createVendorActivities(withTemplates),
        ...createFulfillmentActivities(withTemplates),
        ...createTierConfigActivities(withTemplates),
        ...createRequestStatus(dependencies),
        ...createRelease(dependencies),
        ...createUsageActivities(dependencies),
      }),
    },
    dependencies.redact,
  );
}
