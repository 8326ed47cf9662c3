import { openConversation } from './conversations';
import type { FulfillmentRequest, TierAccount, TierConfig, TierConfigRequest } from './model';
import { copyParameters, emptyParameters, missingRequired } from './parameters';
import type { Store } from './store';

/**
 * Make sure that the tier configurations of a purchase exist: one for each tier that the product has parameters for,
 * by (account, product, level, connection). What is missing is set up by a tier config request, tier 2 before tier 1.
 *
 * @returns whether the purchase has to wait for one
 */
export function requireTierConfigs(store: Store, request: FulfillmentRequest): boolean {
  const { product, channel, tiers } = request.asset;
  let waits = false;
  let parent: TierConfig | undefined;
  for (const level of [2, 1] as const) {
    const account = level === 2 ? tiers.tier2 : tiers.tier1;
    const params = emptyParameters(product, `tier${level}`);
    if (account === undefined || params.length === 0) continue;
    const key = tierConfigKey(request, level, account);
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
      if (config.openRequest === undefined) openTierConfigRequest(store, config, 'setup', tiers, 'system');
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
  const { product, tiers } = request.asset;
  return ([1, 2] as const).every((level) => {
    const account = level === 2 ? tiers.tier2 : tiers.tier1;
    if (account === undefined || emptyParameters(product, `tier${level}`).length === 0) return true;
    return isSetUp(store.tierConfigByKey.get(tierConfigKey(request, level, account)));
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

function tierConfigKey({ asset }: FulfillmentRequest, level: number, account: TierAccount): string {
  return [account.id, asset.product.id, level, asset.channel.connection.id].join('|');
}

/** Open a request on a configuration. The setup shares the configuration's parameters; a later one has copies. */
export function openTierConfigRequest(
  store: Store,
  config: TierConfig,
  type: TierConfigRequest['type'],
  tiers: TierConfigRequest['tiers'],
  by: string,
): TierConfigRequest {
  const now = Date.now();
  config.requestCount += 1;
  const params = type === 'setup' ? config.params : copyParameters(config.params);
  const request: TierConfigRequest = {
    seq: store.next(),
    id: store.ids.tierConfigRequest(config.id, config.requestCount),
    type,
    status: firstTierStatus(config, params),
    configuration: config,
    params,
    tiers: { tier1: config.level === 1 ? tiers.tier1 : undefined, tier2: tiers.tier2 },
    reason: null,
    notes: null,
    assignee: null,
    template: undefined,
    activationText: '',
    effectiveDate: null,
    previousApproved: config.lastApproved,
    events: {},
    createdMs: now,
    updatedMs: now,
  };
  config.openRequest = request;
  if (config.status === 'active') moveConfig(store, config, 'processing', type, by);
  store.tierConfigRequests.add(request);
  openConversation(store, request.id, `${type} of ${config.id}`);
  store.journal.record(request.id, { action: 'create', from: null, to: request.status, by });
  return request;
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
