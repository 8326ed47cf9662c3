import type { Asset } from './connect/assets';
import { type ConnectClient, type ConnectClientOptions, withConnect } from './connect/client';
import type { FulfillmentRequest } from './connect/requests';
import { and, eq, oneOf } from './connect/rql';
import { isSecret } from './domain/parameters';
import { HIDDEN } from './domain/redact';

/** What of a subscription is to be corrected: values of its fulfillment parameters, by id. */
export interface Adjustment {
  /** `AS-…` */
  assetId: string;
  params: Readonly<Record<string, string>>;
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
  const asset = await connect.assets.get(assetId);
  for (const [id, value] of Object.entries(params)) checkCorrectable(asset, id, value);
  const filter = and(eq('asset.id', assetId), eq('type', 'adjustment'), oneOf('status', OPEN));
  for await (const { items } of connect.requests.list({ filter })) {
    const [open] = items;
    if (!open) continue;
    checkAsksFor(await connect.requests.get(open.id), params);
    return { id: open.id, created: false };
  }
  const stored = new Map(asset.params.map((param) => [param.id, param.value]));
  if (Object.entries(params).every(([id, value]) => stored.get(id) === value)) return { id: undefined, created: false };

  const updates = Object.entries(params).map(([id, value]) => ({ id, value }));
  const { id } = await connect.requests.createAdjustment(assetId, updates);
  return { id, created: true };
}

function checkCorrectable({ id: assetId, params }: Asset, id: string, value: string): void {
  const param = params.find((one) => one.id === id);
  const refuse = (why: string) => new Error(`Nothing was created: ${why}`);
  if (!param) {
    const there = params.filter(({ phase }) => phase === FULFILLMENT).map((one) => one.id);
    throw refuse(`${assetId} has no parameter "${id}". Its fulfillment parameters: ${there.join(', ') || 'none'}.`);
  }
  if (param.phase && param.phase !== FULFILLMENT) {
    throw refuse(`"${id}" is of the phase ${param.phase}, and an adjustment corrects fulfillment parameters.`);
  }
  if (value === '' && param.constraints?.required) throw refuse(`"${id}" is required: give a value.`);
}

/** A password is not told, of either side. */
function checkAsksFor({ id, status, asset }: FulfillmentRequest, wanted: Adjustment['params']): void {
  const differing = asset.params.filter((param) => wanted[param.id] !== undefined && wanted[param.id] !== param.value);
  if (differing.length === 0) return;
  const values = differing.map((param) => {
    const [theirs, ours] = [param.value, wanted[param.id]].map((value) => (isSecret(param) ? HIDDEN : `"${value}"`));
    return `${param.id} = ${theirs}, not ${ours}`;
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
