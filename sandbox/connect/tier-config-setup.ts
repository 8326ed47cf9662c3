import { openConversation } from './conversations';
import type { FulfillmentRequest, Parameter, TierAccount, TierConfig, TierConfigRequest } from './model';
import { emptyParameters, missingRequired } from './parameters';
import type { Store } from './store';

/**
 * Make sure that the tier configurations of a purchase exist: one for each tier that the product has parameters for,
 * by (account, product, level, connection). What is missing is set up by a tier config request, tier 2 before tier 1: by a
 * draft while the purchase is one, which is placed together with the purchase, or before.
 *
 * @returns whether the purchase has to wait for one
 */
export function requireTierConfigs(store: Store, request: FulfillmentRequest, isDraft = false): boolean {
  const { product, channel, tiers } = request.asset;
  let waits = false;
  let parent: TierConfig | undefined;
  for (const { level, account, params, key } of neededBy(request)) {
    let config = store.tierConfigByKey.get(key);
    if (config === undefined) {
      const now = Date.now();
      config = {
        seq: store.next(),
        id: store.ids.tierConfig(),
        status: 'processing',
        account,
        product,
        level,
        channel,
        params,
        template: undefined,
        parent,
        openRequest: undefined,
        requestCount: 0,
        lastApproved: undefined,
        createdMs: now,
        updatedMs: now,
      };
      store.tierConfigs.add(config);
      store.journal.record(config.id, { action: 'create', from: null, to: config.status, by: 'system' });
      store.tierConfigByKey.set(key, config);
    }
    if (!isSetUp(config)) {
      waits = true;
      const open = config.openRequest;
      if (open === undefined) {
        openTierConfigRequest(store, config, { type: 'setup', tiers, params: config.params, isDraft }, 'system');
      } else if (open.status === 'draft' && !isDraft) placeDraft(store, open, 'system');
    }
    parent = config;
  }
  return waits;
}

/** Whether it was active once: an update makes it `processing` again, and holds up no purchase. */
function isSetUp(config: TierConfig | undefined): boolean {
  return config?.lastApproved !== undefined;
}

/** Whether every tier configuration of a waiting purchase is set up. */
export function tierConfigsReady(store: Store, request: FulfillmentRequest): boolean {
  return neededBy(request).every(({ key }) => isSetUp(store.tierConfigByKey.get(key)));
}

/** The tier config requests that are to end before a purchase can go on, tier 2 first. */
export function setupsFor(store: Store, request: FulfillmentRequest): TierConfigRequest[] {
  return neededBy(request)
    .map(({ key }) => store.tierConfigByKey.get(key)?.openRequest)
    .filter((open) => open !== undefined)
    .filter(({ type }) => type === 'setup');
}

interface NeededTierConfig {
  level: 1 | 2;
  account: TierAccount;
  /** Empty ones, for where the configuration does not exist yet. */
  params: Parameter[];
  /** In `store.tierConfigByKey`. */
  key: string;
}

/** The tier configurations that a purchase needs, tier 2 first. */
function neededBy({ asset }: FulfillmentRequest): NeededTierConfig[] {
  const { product, channel, tiers } = asset;
  return ([2, 1] as const).flatMap((level) => {
    const account = tiers[`tier${level}`];
    const params = emptyParameters(product, `tier${level}`);
    if (account === undefined || params.length === 0) return [];
    return [{ level, account, params, key: [account.id, product.id, level, channel.connection.id].join('|') }];
  });
}

/** Whether a purchase waits for this configuration. */
export function waitsFor(request: FulfillmentRequest, config: TierConfig): boolean {
  const { product, channel, tiers } = request.asset;
  const account = config.level === 2 ? tiers.tier2 : tiers.tier1;
  return (
    account === config.account && product === config.product && channel.connection.id === config.channel.connection.id
  );
}

/** Open a request on a configuration. @param params the configuration's own for a setup; for a later request changed copies */
export function openTierConfigRequest(
  store: Store,
  config: TierConfig,
  { type, tiers, params, isDraft }: Pick<TierConfigRequest, 'type' | 'tiers' | 'params'> & { isDraft: boolean },
  by: string,
): TierConfigRequest {
  const now = Date.now();
  config.requestCount += 1;
  const request: TierConfigRequest = {
    seq: store.next(),
    id: store.ids.tierConfigRequest(config.id, config.requestCount),
    type,
    status: isDraft ? 'draft' : firstTierStatus(config, params),
    configuration: config,
    params,
    tiers: { tier1: config.level === 1 ? tiers.tier1 : undefined, tier2: tiers.tier2 },
    reason: null,
    notes: null,
    assignee: null,
    sliZone: undefined,
    template: undefined,
    activationText: '',
    effectiveDate: null,
    previousApproved: config.lastApproved,
    events: {},
    createdMs: now,
    updatedMs: now,
  };
  config.openRequest = request;
  if (!isDraft) occupy(store, request, by);
  store.tierConfigRequests.add(request);
  openConversation(store, request.id, `${type} of ${config.id}`);
  store.journal.record(request.id, { action: 'create', from: null, to: request.status, by });
  return request;
}

/** A configuration that is in use is in the works again. */
function occupy(store: Store, { configuration, type }: TierConfigRequest, by: string): void {
  if (configuration.status === 'active') moveConfig(store, configuration, 'processing', type, by);
}

/** A draft becomes the turn of somebody. @param by account id, or `system` where its purchase is placed */
export function placeDraft(store: Store, request: TierConfigRequest, by: string): void {
  occupy(store, request, by);
  move(store, request, firstTierStatus(request.configuration, request.params), 'submit', by);
}

/** @param by account id, or `system` */
export function move(store: Store, request: TierConfigRequest, to: string, action: string, by: string): void {
  const from = request.status;
  store.tierConfigRequests.setStatus(request, to);
  request.updatedMs = Date.now();
  store.journal.record(request.id, { action, from, to, by });
}

/** @param by account id, or `system` */
export function moveConfig(store: Store, config: TierConfig, to: string, action: string, by: string): void {
  const from = config.status;
  store.tierConfigs.setStatus(config, to);
  config.updatedMs = Date.now();
  store.journal.record(config.id, { action, from, to, by });
}

/** Tier 1 waits for its tier 2; else the reseller is asked for what is missing; else it is the vendor's turn. */
export function firstTierStatus(config: TierConfig, params: TierConfigRequest['params']): string {
  if (config.parent !== undefined && !isSetUp(config.parent)) return 'tiers_setup';
  return missingRequired(params, 'ordering').length > 0 ? 'inquiring' : 'pending';
}
