import type { FastifyInstance } from 'fastify';
import { invalid } from '../connect/errors';
import type { Store, UsageSettings } from '../connect/store';
import type { Metering } from '../vendor-api/metering';
import type { Tenants } from '../vendor-api/tenants';

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

  app.put<{ Body: Partial<Settings> | null }>('/settings', ({ body }) => {
    const wanted = { ...now(), ...body };
    check(wanted);
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

/** @throws ConnectError 400 for a value that makes no sense */
function check(settings: Settings): void {
  for (const name of ['vendorReadyAfterMs', 'usageProcessingMs'] as const) {
    if (!(settings[name] >= 0)) throw invalid(name, 'A number of milliseconds, 0 or more.');
  }
  const { vendorUsageRecordsPerItem: records, usageReadyAs, usageUploadAnswer } = settings;
  if (!(Number.isInteger(records) && records >= 0)) throw invalid('vendorUsageRecordsPerItem', 'A number, 0 or more.');
  if (!['ready', 'uploaded'].includes(usageReadyAs)) throw invalid('usageReadyAs', '"ready" or "uploaded"');
  if (![200, 201].includes(usageUploadAnswer)) throw invalid('usageUploadAnswer', '200 or 201');
}
