import type { RequestInput, RequestResult } from '../src/domain/request-run';
import * as proxies from './proxies';
import { liveRequest } from './request-life';

/** The life of one tier config request: setup, update, adjustment. An inquiry of it has no template. */
export async function tierConfigRequest(input: RequestInput): Promise<RequestResult> {
  const { id, waited } = input;
  const { askVendorForTierConfig } = proxies.vendor(input.handlerSeconds);
  const { saveTierParams, approveTierConfigRequest, inquireTierConfigRequest, failTierConfigRequest, readStatus } =
    proxies.connect;

  return await liveRequest(input, {
    ask: (options) => askVendorForTierConfig.executeWithOptions(options, [id, waited]),
    save: (options, ...step) => saveTierParams.executeWithOptions(options, [id, ...step]),
    approve: (options, ...step) => approveTierConfigRequest.executeWithOptions(options, [id, ...step]),
    inquire: (options, inquiry) => inquireTierConfigRequest.executeWithOptions(options, [id, inquiry]),
    fail: (options, ...step) => failTierConfigRequest.executeWithOptions(options, [id, ...step]),
    status: (options) => readStatus.executeWithOptions(options, [id]),
  });
}
