import type { FastifyInstance } from 'fastify';
import type { Store, UsageSettings } from '../connect/store';
import type { Metering } from '../vendor-api/metering';
import type { Tenants } from '../vendor-api/tenants';
import { flag, milliseconds, oneOf, readBody, whole, type Fields } from './body';

/** The vendor's side of the sandbox. */
export interface VendorSide {
  tenants: Tenants;
  metering: Metering;
}

/** What can be switched while the sandbox runs; a reset takes all of it back. */
export interface Settings {
  /** Milliseconds that a tenant of `slow@…` takes; default 5,000. */
  vendorReadyAfterMs: number;
  /** Records that the vendor counts of each tenant and item in a month; default 1. */
  vendorUsageRecordsPerItem: number;
  /** Whether the templates list filters by `name`; default false. */
  templatesHonourName: boolean;
  /** Milliseconds from an upload of usage to its result; default 300. */
  usageProcessingMs: number;
  /** Status of a usage file that may be submitted; default `ready`. */
  usageReadyAs: UsageSettings['readyAs'];
  /** Status of the answer to an upload of usage; default 201. */
  usageUploadAnswer: UsageSettings['uploadAnswer'];
}

const SETTINGS: Fields<Partial<Settings>> = {
  vendorReadyAfterMs: milliseconds,
  vendorUsageRecordsPerItem: whole(0),
  templatesHonourName: flag,
  usageProcessingMs: milliseconds,
  usageReadyAs: oneOf('ready', 'uploaded'),
  usageUploadAnswer: oneOf(200, 201),
};

/** `PUT /settings`: what is not named stays. */
export function settingRoutes(app: FastifyInstance, store: Store, { tenants, metering }: VendorSide): void {
  const now = (): Settings => ({
    vendorReadyAfterMs: tenants.readyAfterMs,
    vendorUsageRecordsPerItem: metering.recordsPerItem,
    templatesHonourName: store.templatesHonourName,
    usageProcessingMs: store.usageSettings.processingMs,
    usageReadyAs: store.usageSettings.readyAs,
    usageUploadAnswer: store.usageSettings.uploadAnswer,
  });

  app.put('/settings', ({ body }) => {
    const wanted = { ...now(), ...readBody(body, SETTINGS) };
    tenants.readyAfterMs = wanted.vendorReadyAfterMs;
    metering.recordsPerItem = wanted.vendorUsageRecordsPerItem;
    store.templatesHonourName = wanted.templatesHonourName;
    store.usageSettings = {
      processingMs: wanted.usageProcessingMs,
      readyAs: wanted.usageReadyAs,
      uploadAnswer: wanted.usageUploadAnswer,
    };
    return now();
  });
}
