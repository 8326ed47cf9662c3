import { type RequestInput, type RequestResult, REVOKE } from '../src/domain/request-run';
import * as proxies from './proxies';
import { liveRequest } from './request-life';

/** The life of one fulfillment request: purchase, change, suspend, resume, cancel, adjustment. Its workflow id is the request's id. */
export async function fulfillmentRequest(input: RequestInput): Promise<RequestResult> {
  const { id, type, waited, releases } = input;
  const { askVendor, releasePurchase } = proxies.vendor(input.handlerSeconds);
  const { saveParams, approveRequest, inquireRequest, failRequest, readStatus } = proxies.connect;
  const { scheduleRequest, confirmRevocation } = proxies.connect;

  return await liveRequest(input, {
    ask: (options) => askVendor.executeWithOptions(options, type === REVOKE ? [id, waited, REVOKE] : [id, waited]),
    save: (options, ...step) => saveParams.executeWithOptions(options, [id, ...step]),
    approve: (options, ...step) => approveRequest.executeWithOptions(options, [id, ...step]),
    inquire: (options, inquiry) => inquireRequest.executeWithOptions(options, [id, inquiry]),
    fail: (options, ...step) => failRequest.executeWithOptions(options, [id, ...step]),
    schedule: (options, ...step) => scheduleRequest.executeWithOptions(options, [id, ...step]),
    confirm: (options, tried) => confirmRevocation.executeWithOptions(options, [id, tried]),
    status: (options) => readStatus.executeWithOptions(options, [id]),
    ...(releases && { release: (options) => releasePurchase.executeWithOptions(options, [id]) }),
  });
}
