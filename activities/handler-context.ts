import { log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { Parameter } from '../src/connect/parameter';
import type { FulfillmentRequest } from '../src/connect/requests';
import type { Waited } from '../src/domain/request-run';
import { type FulfillmentContext, fulfillmentContext, type Logger } from '../src/sdk/request-context';

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

/** Reads the parameters of a reseller's tier configuration, once for each level. */
function tierParamsOf(
  connect: Pick<ConnectClient, 'tierConfigs'>,
  { asset }: FulfillmentRequest,
  signal: AbortSignal,
): FulfillmentContext['tierParams'] {
  const read = new Map<number, Promise<readonly Parameter[]>>();
  return (level) => {
    const account = asset.tiers[`tier${level}`]?.id;
    if (!account) return Promise.resolve([]);
    const of = { account, product: asset.product.id, level, connection: asset.connection?.id };
    const params = read.get(level) ?? connect.tierConfigs.paramsOf(of, { signal });
    read.set(level, params);
    return params;
  };
}

/** A log whose lines carry the request's id. */
export function requestLog(requestId: string): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: Record<string, unknown>) =>
    void log[level](message, { ...fields, requestId });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
