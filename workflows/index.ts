export { fulfillmentRequest } from './fulfillment-request';
export { pollConnect } from './poll-connect';
export { reportUsage, scheduledUsage } from './report-usage';
export { tierConfigRequest } from './tier-config-request';
export { usageFile } from './usage-file';
