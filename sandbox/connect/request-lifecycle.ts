import type { Account } from './accounts';
import { invalid, missedFields, wrongState } from './errors';
import { isoSecond } from './clock';
import type { Asset, FulfillmentRequest, Parameter } from './model';
import {
  clearErrors,
  copyParameters,
  missingRequired,
  requireFulfillmentParameters,
  updateParameters,
} from './parameters';
import type { Template } from './product-model';
import type { Store } from './store';
import { findTemplate, formUrl, renderTemplate } from './templates';

/**
 * The states of a fulfillment request, and what each step does to its subscription.
 *
 * Every step bumps `updated`, of the request and, where it moves, of the subscription.
 */

/** No further step is possible. */
const ENDED = new Set(['approved', 'failed', 'revoked']);

export function isOpen(request: FulfillmentRequest): boolean {
  return !ENDED.has(request.status) && request.status !== 'draft';
}

/** @param by account id, or `system` */
export function move(store: Store, request: FulfillmentRequest, to: string, action: string, by: string): void {
  const from = request.status;
  store.requests.setStatus(request, to);
  request.updatedMs = Date.now();
  if (to === 'inquiring') request.template = findTemplate(request.asset.product, { scope: 'asset', type: 'inquire' });
  if (to === 'pending') request.template = findTemplate(request.asset.product, { scope: 'asset', type: 'pending' });
  store.journal.record(request.id, { action, from, to, by });
}

export function moveAsset(store: Store, asset: Asset, to: string, action: string, by: string): void {
  const from = asset.status;
  asset.updatedMs = Date.now();
  if (from === to) return;
  store.assets.setStatus(asset, to);
  store.journal.record(asset.id, { action, from, to, by });
}

/** Into `pending`, or `inquiring`, where it may be already, while a required ordering parameter is empty. */
export function release(store: Store, request: FulfillmentRequest, action: string, by: string): void {
  const to = missingRequired(request.params, 'ordering').length > 0 ? 'inquiring' : 'pending';
  if (to !== request.status) move(store, request, to, action, by);
}

interface ApproveBody {
  template_id?: unknown;
  activation_tile?: unknown;
  effective_date?: unknown;
  asset?: { billing?: { next_date?: unknown } };
}

const APPROVED_ASSET: Record<string, string> = {
  purchase: 'active',
  suspend: 'suspended',
  resume: 'active',
  cancel: 'terminated',
};

export function approve(store: Store, request: FulfillmentRequest, body: ApproveBody, by: Account): void {
  if (request.status !== 'pending' && request.status !== 'inquiring') {
    throw wrongState('Only pending and inquiring requests can be approved.');
  }
  const template = activationTemplate(request, body);
  const effectiveDate = optionalDate('effective_date', body.effective_date);
  const nextBilling = optionalDate('asset.billing.next_date', body.asset?.billing?.next_date);
  requireFulfillmentParameters(request.params, 'asset.params');

  const { asset } = request;
  const text = template?.body ?? (typeof body.activation_tile === 'string' ? body.activation_tile : '');
  request.activationKey = renderTemplate(text, request.params, formUrl(store, request));
  request.effectiveDate = effectiveDate ?? isoSecond(Date.now());
  move(store, request, 'approved', 'approve', by.id);
  request.template = template;
  if (template !== undefined) asset.template = template;
  asset.nextBilling = nextBilling ?? asset.nextBilling;
  handOver(request);
  moveAsset(store, asset, APPROVED_ASSET[request.type] ?? asset.status, 'approve', by.id);
  store.journal.effect(request.id, 'approve');
}

/** A purchase shares its parameters with the subscription until now; any other request hands over what it changed. */
function handOver({ asset, type, items, params, paramsBefore }: FulfillmentRequest): void {
  if (type === 'purchase') asset.params = copyParameters(params);
  else {
    const changed = (param: Parameter) => {
      const before = paramsBefore.find(({ id }) => id === param.id);
      return before?.value !== param.value || before.structured_value !== param.structured_value;
    };
    const changes = new Map(params.filter(changed).map((param) => [param.id, param]));
    asset.params = asset.params.map((param) => ({ ...(changes.get(param.id) ?? param) }));
  }
  if (type === 'purchase' || type === 'change') {
    asset.items = items.map((item) => ({ ...item, old_quantity: item.quantity }));
  }
}

function activationTemplate(request: FulfillmentRequest, body: ApproveBody): Template | undefined {
  if (body.template_id === undefined && body.activation_tile === undefined) {
    throw missedFields('template_id', 'activation_tile');
  }
  if (body.template_id === undefined) {
    if (typeof body.activation_tile !== 'string') throw invalid('activation_tile', 'Not a valid string.');
    return undefined;
  }
  return existingTemplate(request, body.template_id, 'fulfillment');
}

/** @throws ConnectError 400 for an id that no template of the scope `asset` and this type has */
function existingTemplate(request: FulfillmentRequest, id: unknown, type: Template['type']): Template {
  const template =
    typeof id === 'string' ? findTemplate(request.asset.product, { id, scope: 'asset', type }) : undefined;
  if (template === undefined) throw invalid('template_id', `There is no template with id ${JSON.stringify(id)}.`);
  return template;
}

function optionalDate(field: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))) return value;
  const format = 'YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]';
  throw invalid(field, `Datetime has wrong format. Use one of these formats instead: ${format}.`);
}

export function fail(store: Store, request: FulfillmentRequest, body: { reason?: unknown }, by: Account): void {
  if (request.status !== 'pending') throw wrongState('Only pending requests can be failed.');
  if (typeof body.reason !== 'string' || body.reason === '') throw missedFields('reason');
  endWithoutEffect(store, request, 'failed', body.reason, 'fail', by.id);
  store.journal.effect(request.id, 'fail');
}

/** Failed or revoked: a purchase ends its subscription, a cancel gives it back, anything else leaves it as it was. */
export function endWithoutEffect(
  store: Store,
  request: FulfillmentRequest,
  to: 'failed' | 'revoked',
  reason: string,
  action: string,
  by: string,
): void {
  request.reason = reason;
  move(store, request, to, action, by);
  const { asset, type } = request;
  if (type === 'purchase') moveAsset(store, asset, 'terminated', action, by);
  if (type === 'cancel') moveAsset(store, asset, request.assetBefore, action, by);
}

export function inquire(store: Store, request: FulfillmentRequest, body: { template_id?: unknown }, by: Account): void {
  if (request.status !== 'pending') throw wrongState('Only pending requests can be moved to inquiring status.');
  if (!request.params.some((param) => param.value_error !== '' || param.structured_error !== undefined)) {
    throw wrongState('For marking request to inquiring status at least one parameter should be marked as invalid.');
  }
  const template = body.template_id === undefined ? undefined : existingTemplate(request, body.template_id, 'inquire');
  move(store, request, 'inquiring', 'inquire', by.id);
  if (template !== undefined) request.template = template;
  store.journal.effect(request.id, 'inquire');
}

/**
 * The customer answers: values are written, errors are taken away, the request is pending again once nothing required is empty.
 *
 * @param keepErrors leave the old errors beside the new values, as where a hub pends without the customer's form
 */
export function pend(store: Store, request: FulfillmentRequest, params: unknown, by: string, keepErrors = false): void {
  if (request.status !== 'inquiring') throw wrongState('Only inquiring requests can be moved to pending status.');
  updateParameters(request.params, params, 'asset.params');
  if (!keepErrors) clearErrors(request.params);
  request.answered = true;
  request.updatedMs = Date.now();
  release(store, request, 'pend', by);
}

export function schedule(
  store: Store,
  request: FulfillmentRequest,
  body: { planned_date?: unknown },
  by: Account,
): void {
  if (request.status !== 'pending') throw wrongState('Only pending requests can be scheduled.');
  const planned = optionalDate('planned_date', body.planned_date);
  if (planned === undefined) throw missedFields('planned_date');
  request.plannedDate = planned;
  move(store, request, 'scheduled', 'schedule', by.id);
  store.at(Date.parse(planned), () => {
    if (request.status === 'scheduled') move(store, request, 'pending', 'planned date', 'system');
  });
}

export function revoke(store: Store, request: FulfillmentRequest, body: { reason?: unknown }, by: Account): void {
  if (request.status !== 'scheduled') throw wrongState('Only scheduled requests can be revoked.');
  if (typeof body.reason !== 'string' || body.reason === '') throw missedFields('reason');
  request.reason = body.reason;
  move(store, request, 'revoking', 'revoke', by.id);
}

export function confirm(store: Store, request: FulfillmentRequest, by: Account): void {
  if (request.status !== 'revoking') throw wrongState('Only revoking requests can be confirmed.');
  endWithoutEffect(store, request, 'revoked', request.reason, 'confirm', by.id);
}

/** `PUT /requests/{id}`: parameters and the note, nothing else. */
export function save(store: Store, request: FulfillmentRequest, body: Record<string, unknown>): void {
  if (request.status !== 'pending' && request.status !== 'draft') {
    throw wrongState(
      'Only pending, draft or inquiring Fulfillments with enabled validation capability can be updated.',
    );
  }
  const params = (body.asset as { params?: unknown } | undefined)?.params;
  const changed = updateParameters(request.params, params, 'asset.params');
  if (typeof body.note === 'string') request.note = body.note;
  request.updatedMs = Date.now();
  if (changed) store.journal.effect(request.id, 'save');
}
