import { toConnect } from '../activities/param-updates';
import type { Asset } from './connect/assets';
import { type ConnectClient, type ConnectClientOptions, withConnect } from './connect/client';
import type { FulfillmentRequest } from './connect/requests';
import { and, eq, oneOf } from './connect/rql';
import { findParam, isSecret, outstanding, type ParamChange, type ParamValue } from './domain/parameters';
import { HIDDEN } from './domain/redact';
import { valueProblems } from './sdk/values';

/** What of a subscription is to be corrected: values of its fulfillment parameters, by id. */
export interface Adjustment {
  /** `AS-…` */
  assetId: string;
  /** As a handler gives them: a text, or the structure of a `checkbox`, `phone`, `address` or `object`. */
  params: Readonly<Record<string, ParamValue>>;
}

/** An adjustment in Connect. */
export interface RequestedAdjustment {
  /** `PR-…`: processed as any request, by the handler `adjustment`. Undefined where the subscription has these values already. */
  id: string | undefined;
  /** False where nothing is to be corrected, or one that asks for the same is open already: then that one is it. */
  created: boolean;
}

const FULFILLMENT = 'fulfillment';
const OPEN = ['draft', 'tiers_setup', 'pending', 'inquiring', 'scheduled', 'revoking'];

/**
 * Asks Connect for an adjustment, unless one of that subscription is open or has done its work: so a call that is repeated because its answer
 * was lost asks once.
 *
 * @throws Error where a parameter is not one that can be corrected so: such an adjustment would park, and stand in the way of the next
 * @throws Error where the one that is open asks for other values
 * @throws ConnectError: for example ConnectApiError 409 where Connect takes none beside the change that is open
 */
export async function createAdjustment(
  connect: Pick<ConnectClient, 'requests' | 'assets'>,
  { assetId, params }: Adjustment,
): Promise<RequestedAdjustment> {
  const [problem] = valueProblems(params);
  if (problem !== undefined) throw refusal(`${problem}.`);
  const asset = await connect.assets.get(assetId);
  for (const [id, value] of Object.entries(params)) checkCorrectable(asset, id, value);
  const wanted = Object.entries(params).map(toChange);
  const filter = and(eq('asset.id', assetId), eq('type', 'adjustment'), oneOf('status', OPEN));
  for await (const { items } of connect.requests.list({ filter })) {
    const [open] = items;
    if (!open) continue;
    checkAsksFor(await connect.requests.get(open.id), wanted);
    return { id: open.id, created: false };
  }
  if (outstanding(asset.params, wanted).length === 0) return { id: undefined, created: false };

  const { id } = await connect.requests.createAdjustment(assetId, wanted.map(toConnect));
  return { id, created: true };
}

const toChange = ([id, value]: [string, ParamValue]): ParamChange =>
  typeof value === 'string' ? { id, value } : { id, structuredValue: value };

const refusal = (why: string) => new Error(`Nothing was created: ${why}`);

function checkCorrectable({ id: assetId, params }: Asset, id: string, value: ParamValue): void {
  const param = params.find((one) => one.id === id);
  if (!param) {
    const there = params.filter(({ phase }) => phase === FULFILLMENT).map((one) => one.id);
    throw refusal(`${assetId} has no parameter "${id}". Its fulfillment parameters: ${there.join(', ') || 'none'}.`);
  }
  if (param.phase && param.phase !== FULFILLMENT) {
    throw refusal(`"${id}" is of the phase ${param.phase}, and an adjustment corrects fulfillment parameters.`);
  }
  const isEmpty = value === '' || Object.keys(value).length === 0;
  if (isEmpty && param.constraints?.required) throw refusal(`"${id}" is required: give a value.`);
}

/** A password is not told, of either side. */
function checkAsksFor({ id, status, asset }: FulfillmentRequest, wanted: readonly ParamChange[]): void {
  const differing = outstanding(asset.params, wanted);
  if (differing.length === 0) return;
  const values = differing.map((change) => {
    const param = findParam(asset.params, change.id);
    const asked =
      change.value === undefined ? [param.structured_value ?? {}, change.structuredValue] : [param.value, change.value];
    const [theirs, ours] = asked.map((value) => (isSecret(param) ? HIDDEN : JSON.stringify(value)));
    return `${change.id} = ${theirs}, not ${ours}`;
  });
  throw new Error(
    `Nothing was created: ${id} is open already (${status}), and asks for other values: ${values.join('; ')}. Ask again when it has come to its end.`,
  );
}

/**
 * The same for a vendor's own program. Nobody looks whether the vendor has the handler `adjustment`: one that nobody handles stands in the way
 * of other requests for the subscription.
 *
 * @example await requestAdjustment({ assetId, params: { subscription_id: 'T-7' } }, { url: CONNECT_API_URL, apiKey: CONNECT_API_KEY })
 */
export async function requestAdjustment(
  adjustment: Adjustment,
  options: Pick<ConnectClientOptions, 'url' | 'apiKey'>,
): Promise<RequestedAdjustment> {
  return await withConnect(options, (connect) => createAdjustment(connect, adjustment));
}
