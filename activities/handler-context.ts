import { log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { FulfillmentRequest } from '../src/connect/requests';
import type { Waited } from '../src/domain/request-run';
import { type FulfillmentContext, fulfillmentContext, type Logger } from '../src/sdk/request-context';
import { tierParamsOf } from '../src/sdk/tier-params';

/** What a handler is given of a fulfillment request that was just read. */
export function handlerContext(
  connect: Pick<ConnectClient, 'tierConfigs'>,
  request: FulfillmentRequest,
  signal: AbortSignal,
  waited?: Waited,
): FulfillmentContext {
  const tierParams = tierParamsOf(connect, request, signal);
  return fulfillmentContext(request, { signal, log: requestLog(request.id), waited, tierParams });
}

/** A log whose lines carry the request's id. */
export function requestLog(requestId: string): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: Record<string, unknown>) =>
    void log[level](message, { ...fields, requestId });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
