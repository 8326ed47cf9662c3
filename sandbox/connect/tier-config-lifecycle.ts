import type { Account } from './accounts';
import { isoSecond } from './clock';
import { ConnectError, invalid, wrongTierState } from './errors';
import type { TierConfig, TierConfigRequest } from './model';
import { clearErrors, copyParameters, requireFulfillmentParameters, updateParameters } from './parameters';
import type { Template } from './product-model';
import { endWithoutEffect, release } from './request-lifecycle';
import type { Store } from './store';
import { findTemplate, renderTemplate } from './templates';
import { firstTierStatus, move, moveConfig, placeDraft, tierConfigsReady, waitsFor } from './tier-config-setup';

/** The states of a tier config request, and what its end does to those who wait for it. Every step bumps `updated`. */

export function submit(store: Store, request: TierConfigRequest, by: Account): void {
  if (request.status !== 'draft') throw wrongTierState();
  placeDraft(store, request, by.id);
}

interface ApproveBody {
  template?: { id?: unknown; representation?: unknown; effective_date?: unknown };
  effective_date?: unknown;
}

export function approve(store: Store, request: TierConfigRequest, body: ApproveBody, by: Account): void {
  if (request.status !== 'pending') throw wrongTierState();
  const config = request.configuration;
  const template = activationTemplate(config, body);
  requireFulfillmentParameters(request.params, 'params');

  const now = Date.now();
  const representation = body.template?.representation;
  const text = template?.body ?? (typeof representation === 'string' ? representation : '');
  request.template = template;
  request.activationText = renderTemplate(text, request.params);
  const effective = body.template?.effective_date ?? body.effective_date;
  request.effectiveDate = typeof effective === 'string' ? effective : isoSecond(now);
  request.events.approved = now;
  move(store, request, 'approved', 'approve', by.id);

  config.params = copyParameters(request.params);
  config.template = template;
  config.openRequest = undefined;
  config.lastApproved = request.id;
  store.journal.effect(request.id, 'approve');
  activate(store, config, by.id);
}

function activationTemplate(config: TierConfig, body: ApproveBody): Template | undefined {
  const { id, representation } = body.template ?? {};
  if (id === undefined && representation === undefined) throw invalid('template', 'This field is required.');
  if (id === undefined) return undefined;
  const scope = `tier${config.level}` as const;
  const template = typeof id === 'string' ? findTemplate(config.product, { id, scope }) : undefined;
  if (template === undefined) {
    throw new ConnectError(400, 'TC_012', ['There is no tier configuration request template with such id.']);
  }
  return template;
}

/** Tier 1 goes on behind tier 2, and purchases behind the last of their configurations. */
function activate(store: Store, config: TierConfig, by: string): void {
  moveConfig(store, config, 'active', 'approve', by);
  for (const child of [...store.tierConfigRequests.withStatus('tiers_setup')]) {
    if (child.configuration.parent !== config) continue;
    move(store, child, firstTierStatus(child.configuration, child.params), 'tier 2 is set up', 'system');
  }
  for (const request of [...store.requests.withStatus('tiers_setup')]) {
    if (!waitsFor(request, config) || !tierConfigsReady(store, request)) continue;
    release(store, request, 'tiers are set up', 'system');
  }
}

/** Ends whoever waits, too: a tier 1 behind its tier 2, and purchases. A failed update is only discarded. */
export function fail(store: Store, request: TierConfigRequest, body: { reason?: unknown }, by: Account): void {
  if (!['pending', 'inquiring', 'tiers_setup'].includes(request.status)) throw wrongTierState();
  if (typeof body.reason !== 'string' || body.reason === '') throw invalid('reason', 'This field may not be blank.');
  if (body.reason.length > 500) throw invalid('reason', 'Ensure this field has no more than 500 characters.');
  failWith(store, request, body.reason, by.id);
  store.journal.effect(request.id, 'fail');
}

function failWith(store: Store, request: TierConfigRequest, reason: string, by: string): void {
  const config = request.configuration;
  request.reason = reason;
  move(store, request, 'failed', 'fail', by);
  config.openRequest = undefined;
  config.updatedMs = Date.now();
  if (request.type !== 'setup') {
    moveConfig(store, config, 'active', 'fail', by);
    return;
  }
  for (const child of [...store.tierConfigRequests.withStatus('tiers_setup')]) {
    if (child.configuration.parent === config) failWith(store, child, `${request.id} failed: ${reason}`, 'system');
  }
  for (const waiting of [...store.requests.withStatus('tiers_setup')]) {
    if (!waitsFor(waiting, config)) continue;
    endWithoutEffect(store, waiting, 'failed', `${request.id} failed: ${reason}`, 'tier config failed', 'system');
  }
}

export function inquire(store: Store, request: TierConfigRequest, by: Account): void {
  if (request.status !== 'pending') throw wrongTierState();
  request.events.inquired = Date.now();
  move(store, request, 'inquiring', 'inquire', by.id);
  store.journal.effect(request.id, 'inquire');
}

/** The reseller answers. @param params what the form sends, if it was the form */
export function pend(store: Store, request: TierConfigRequest, params: unknown, by: string, keepErrors = false): void {
  if (request.status !== 'inquiring') throw wrongTierState();
  updateParameters(request.params, params, 'params');
  if (!keepErrors) clearErrors(request.params);
  request.events.pended = Date.now();
  move(store, request, 'pending', 'pend', by);
}

/** `PUT /tier/config-requests/{id}`: parameters and notes, while pending alone. */
export function save(store: Store, request: TierConfigRequest, body: { params?: unknown; notes?: unknown }): void {
  if (request.status !== 'pending') throw wrongTierState();
  if (typeof body.notes === 'string' && body.notes.length > 2000) {
    throw invalid('notes', 'Ensure this field has no more than 2000 characters.');
  }
  const changed = updateParameters(request.params, body.params, 'params');
  if (typeof body.notes === 'string') request.notes = body.notes;
  request.updatedMs = Date.now();
  if (changed) store.journal.effect(request.id, 'save');
}
