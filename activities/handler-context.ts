import { log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { FulfillmentRequest } from '../src/connect/requests';
import type { Waited } from '../src/domain/request-run';
import { logWith } from '../src/sdk/log-with';
import { type FulfillmentContext, fulfillmentContext } from '../src/sdk/request-context';
import { tierParamsOf } from '../src/sdk/tier-params';

/** What a handler is given of a fulfillment request that was just read. */
export function handlerContext(
  connect: Pick<ConnectClient, 'tierConfigs'>,
  request: FulfillmentRequest,
  signal: AbortSignal,
  waited?: Waited,
): FulfillmentContext {
  const tierParams = tierParamsOf(connect, request, signal);
  return fulfillmentContext(request, { signal, log: logWith(log, { requestId: request.id }), waited, tierParams });
}
