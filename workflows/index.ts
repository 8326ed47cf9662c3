export { fulfillmentRequest } from './fulfillment-request';
export { pollConnect } from './poll-connect';
export { tierConfigRequest } from './tier-config-request';
