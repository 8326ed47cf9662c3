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
    save: (options, params) => saveParams.executeWithOptions(options, [id, params]),
    approve: (options, templateId, approval) =>
      approveRequest.executeWithOptions(options, approval ? [id, templateId, approval] : [id, templateId]),
    inquire: (options, inquiry) => inquireRequest.executeWithOptions(options, [id, inquiry]),
    fail: (options, reason) => failRequest.executeWithOptions(options, [id, reason]),
    schedule: (options, plannedDate, plannedBefore) =>
      scheduleRequest.executeWithOptions(options, [id, plannedDate, plannedBefore]),
    confirm: (options) => confirmRevocation.executeWithOptions(options, [id]),
    status: (options) => readStatus.executeWithOptions(options, [id]),
    ...(releases && { release: (options) => releasePurchase.executeWithOptions(options, [id]) }),
  });
}
