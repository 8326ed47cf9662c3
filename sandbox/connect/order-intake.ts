import { randomUUID } from 'node:crypto';
import type { Account } from './accounts';
import { adjustmentDraft, ConnectError, forbidden, invalid, notListed } from './errors';
import { emptyItems, isAltered, isBought, nextItems, setQuantities } from './items';
import type { Asset, Channel, FulfillmentRequest } from './model';
import { copyParameters, emptyParameters, missingRequired, updateParameters } from './parameters';
import { isOpen, moveAsset } from './request-lifecycle';
import { openConversation } from './conversations';
import { CHANNELS, isListed } from './places';
import type { Store } from './store';
import { findTemplate, formUrl, templateReference } from './templates';
import { resolveTiers } from './tier-accounts';
import { requireTierConfigs } from './tier-config-setup';

/** The body of `POST /requests`. */
export interface OrderBody {
  type?: unknown;
  status?: unknown;
  note?: unknown;
  planned_date?: unknown;
  marketplace?: { id?: unknown };
  asset?: {
    id?: unknown;
    product?: { id?: unknown };
    connection?: { id?: unknown; type?: unknown };
    external_id?: unknown;
    external_uid?: unknown;
    items?: unknown;
    params?: unknown;
    tiers?: unknown;
  };
}

/** The asset statuses that a type starts from. */
const STARTS_FROM: Record<string, string[]> = {
  change: ['active'],
  suspend: ['active'],
  resume: ['suspended'],
  cancel: ['active', 'suspended'],
  adjustment: ['active'],
  renew: ['active'],
  transfer: ['active'],
};

/**
 * Place an order. The distributor places everything but an `adjustment`, which is the vendor's.
 *
 * It starts as `draft` where asked, with drafts of the tier config requests that it will wait for; else `tiers_setup` while a tier configuration is missing, else `inquiring` while a
 * required ordering parameter is, else `pending`.
 *
 * @throws ConnectError 400 for a wrong body, 403 for the wrong account, 409 where the subscription has an open request
 * or is in a state that does not allow it
 */
export function placeOrder(store: Store, body: OrderBody, by: Account): FulfillmentRequest {
  const { type } = body;
  if (typeof type !== 'string') throw invalid('type', 'This field is required.');
  if (type !== 'purchase' && !(type in STARTS_FROM)) throw invalid('type', `"${type}" is not a valid choice.`);
  if ((type === 'adjustment') !== (by.kind === 'vendor')) throw forbidden();
  if (type === 'adjustment' && body.status === 'draft') throw adjustmentDraft();
  return type === 'purchase' ? purchase(store, body, by) : followUp(store, type, body, by);
}

function purchase(store: Store, body: OrderBody, by: Account): FulfillmentRequest {
  const input = body.asset ?? {};
  const productId = input.product?.id;
  if (typeof productId !== 'string') throw invalid('asset.product.id', 'This field is required.');
  const product = store.products.get(productId);
  if (product === undefined) throw invalid('asset.product.id', `Product ${productId} does not exist.`);
  refuseDuplicate(store, plainText(input.external_uid));
  const params = emptyParameters(product, 'asset');
  updateParameters(params, input.params, 'asset.params');
  const items = emptyItems(product);
  setQuantities(items, input.items);
  if (!items.some(isBought)) throw invalid('asset.items', 'This list may not be empty.');

  const now = Date.now();
  const id = store.ids.asset();
  const asset: Asset = {
    seq: store.next(),
    id,
    status: body.status === 'draft' ? 'draft' : 'processing',
    external_id: plainText(input.external_id) ?? id.slice(-4),
    external_uid: plainText(input.external_uid) ?? randomUUID(),
    product,
    channel: channelOf(body, productId),
    tiers: resolveTiers(store, input.tiers),
    items,
    params,
    template: undefined,
    nextBilling: null,
    requests: [],
    createdMs: now,
    updatedMs: now,
  };
  store.assets.add(asset);
  store.journal.record(id, { action: 'purchase', from: null, to: asset.status, by: by.id });
  const request = add(store, 'purchase', asset, { items, params }, body, by);
  store.purchaseByExternalUid.set(asset.external_uid, request);
  return request;
}

/** Hubs send their own ids as text or as numbers. */
function plainText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function followUp(store: Store, type: string, body: OrderBody, by: Account): FulfillmentRequest {
  const assetId = body.asset?.id;
  if (typeof assetId !== 'string') throw invalid('asset.id', 'This field is required.');
  const asset = store.assets.get(assetId);
  if (asset === undefined) throw invalid('asset.id', `Asset ${assetId} does not exist.`);
  const beside = (open: FulfillmentRequest) =>
    (type === 'adjustment' && open.type === 'change') || (type === 'change' && open.type === 'adjustment');
  const open = asset.requests.find((request) => isOpen(request) && !beside(request));
  if (open !== undefined) throw conflict('There is an open request for this asset.', open);
  if (STARTS_FROM[type]?.includes(asset.status) !== true) {
    throw conflict(`Request type ${type} is not allowed when asset state is ${asset.status}`, asset.requests.at(-1));
  }
  const items = nextItems(asset.items);
  const params = copyParameters(asset.params);
  const paramsChanged = updateParameters(params, body.asset?.params, 'asset.params');
  if (type === 'change') {
    setQuantities(items, body.asset?.items);
    if (!items.some(isAltered) && !paramsChanged) throw invalid('asset.items', 'Item quantities are not changed.');
  }
  const request = add(store, type, asset, { items, params }, body, by);
  if (type === 'cancel' && request.status !== 'draft') moveAsset(store, asset, 'terminating', 'cancel', by.id);
  return request;
}

function add(
  store: Store,
  type: string,
  asset: Asset,
  content: Pick<FulfillmentRequest, 'items' | 'params'>,
  body: OrderBody,
  by: Account,
): FulfillmentRequest {
  const now = Date.now();
  const request: FulfillmentRequest = {
    seq: store.next(),
    id: store.ids.request(asset.id, asset.requests.length + 1),
    type,
    status: '',
    asset,
    assetBefore: asset.status,
    ...content,
    paramsBefore: asset.params,
    note: typeof body.note === 'string' ? body.note : '',
    reason: '',
    answered: false,
    assignee: null,
    sliZone: undefined,
    activationKey: '',
    template: undefined,
    formCode: randomUUID(),
    previousApproved: asset.requests.findLast(({ status }) => status === 'approved')?.id,
    plannedDate: typeof body.planned_date === 'string' ? body.planned_date : null,
    effectiveDate: null,
    createdMs: now,
    updatedMs: now,
  };
  const isDraft = body.status === 'draft';
  if (isDraft && type === 'purchase') requireTierConfigs(store, request, isDraft);
  request.status = isDraft ? 'draft' : firstStatus(store, request);
  if (request.status === 'inquiring')
    request.template = findTemplate(asset.product, { scope: 'asset', type: 'inquire' });
  asset.requests.push(request);
  store.requests.add(request);
  openConversation(store, request.id, `${type} ${asset.product.name}`.slice(0, 100));
  store.journal.record(request.id, { action: 'create', from: null, to: request.status, by: by.id });
  return request;
}

/** Where a request that is no draft begins, or a draft that is submitted. Creates tier config requests as needed. */
export function firstStatus(store: Store, request: FulfillmentRequest): string {
  if (request.type === 'purchase' && requireTierConfigs(store, request)) return 'tiers_setup';
  return missingRequired(request.params, 'ordering').length > 0 ? 'inquiring' : 'pending';
}

function channelOf(body: OrderBody, productId: string): Channel {
  const { id, type } = body.asset?.connection ?? {};
  const connected = Object.values(CHANNELS).filter(
    ({ connection }) => (id === undefined || connection.id === id) && (type === undefined || connection.type === type),
  );
  if (connected.length === 0) throw invalid('asset.connection', 'There is no such connection.');
  const marketplace = body.marketplace?.id;
  const channel = connected.find((one) => marketplace === undefined || one.marketplace.id === marketplace);
  if (channel === undefined || !isListed(productId, channel.contract.id)) throw notListed();
  return channel;
}

/** The same purchase sent twice is recognised by the caller's own id of the subscription. */
function refuseDuplicate(store: Store, externalUid: string | undefined): void {
  const known = externalUid === undefined ? undefined : store.purchaseByExternalUid.get(externalUid);
  if (known === undefined || known.status === 'draft') return;
  throw conflict('A purchase of this asset exists.', known, {
    template: templateReference(known.template),
    params_form_url: known.status === 'inquiring' ? formUrl(store, known) : '',
    fail_message: known.reason,
  });
}

function conflict(text: string, known: FulfillmentRequest | undefined, more: object = {}): ConnectError {
  return new ConnectError(409, 'REQ_009', [text], {
    request_id: known?.id,
    request_status: known?.status,
    asset_id: known?.asset.id,
    asset_status: known?.asset.status,
    ...more,
  });
}
