import { isoSecond } from './clock';
import type { TierConfigRequest } from './model';
import { sliView } from './sli';
import { templateReference } from './templates';
import { accountView } from './tier-accounts';
import { tierConfigView } from './tier-configs';

/** A tier config request as JSON. */
export function tierConfigRequestView(request: TierConfigRequest): object {
  const { configuration: config, params } = request;
  const moments = { created: request.createdMs, updated: request.updatedMs, ...request.events };
  return {
    id: request.id,
    type: request.type,
    status: request.status,
    configuration: tierConfigView(config, params),
    parent_configuration: config.parent === undefined ? null : tierConfigView(config.parent),
    params,
    tiers: { tier1: accountView(request.tiers.tier1), tier2: accountView(request.tiers.tier2) },
    environment: config.channel.connection.type,
    assignee: request.assignee,
    template: templateReference(request.template),
    reason: request.reason,
    notes: request.notes,
    activation: { link: '' },
    previous_approved_request: request.previousApproved === undefined ? null : { id: request.previousApproved },
    effective_date: request.effectiveDate,
    sli: sliView(request),
    events: Object.fromEntries(Object.entries(moments).map(([name, ms]) => [name, { at: isoSecond(ms) }])),
  };
}
