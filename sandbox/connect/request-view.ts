import { assetView } from './assets';
import { isoSecond } from './clock';
import type { FulfillmentRequest } from './model';
import { sliView } from './sli';
import type { Store } from './store';
import { formUrl, templateReference } from './templates';

/** A fulfillment request as JSON. @param selected may hold `asset.product.capabilities`, which is hidden otherwise */
export function requestView(store: Store, request: FulfillmentRequest, selected?: ReadonlySet<string>): object {
  const { asset } = request;
  return {
    id: request.id,
    type: request.type,
    status: request.status,
    note: request.note,
    reason: request.reason,
    created: isoSecond(request.createdMs),
    updated: isoSecond(request.updatedMs),
    effective_date: request.effectiveDate,
    planned_date: request.plannedDate,
    answered: request.answered,
    assignee: request.assignee,
    sli: sliView(request),
    activation_key: request.activationKey,
    template: templateReference(request.template),
    params_form_url: request.status === 'inquiring' ? formUrl(store, request) : '',
    previous_approved_request: request.previousApproved === undefined ? null : { id: request.previousApproved },
    external_attributes: {},
    marketplace: asset.channel.marketplace,
    contract: asset.channel.contract,
    asset: {
      ...assetView(asset, selected?.has('asset.product.capabilities')),
      items: request.items,
      params: request.params,
    },
  };
}
