import { DISTRIBUTOR, VENDOR } from './accounts';

/**
 * Every transition that this Connect makes, by kind of object: from which status to which, and who causes it. The lifecycles say what else
 * has to hold; the journal refuses what is not here. docs/state-machines.md tells the same to people, and a test compares the two.
 */

export type Actor = 'vendor' | 'distributor' | 'customer' | 'Connect';
/** From, to, who. An object begins as `new`. */
export type Transition = readonly [from: string, to: string, by: readonly Actor[]];

const FULFILLMENT_REQUEST: readonly Transition[] = [
  ['new', 'draft', ['distributor']],
  ['new', 'tiers_setup', ['distributor']],
  ['new', 'inquiring', ['distributor', 'vendor']],
  ['new', 'pending', ['distributor', 'vendor']],
  ['draft', 'tiers_setup', ['distributor']],
  ['draft', 'inquiring', ['distributor']],
  ['draft', 'pending', ['distributor']],
  ['tiers_setup', 'inquiring', ['Connect']],
  ['tiers_setup', 'pending', ['Connect']],
  ['tiers_setup', 'failed', ['Connect']],
  ['pending', 'inquiring', ['vendor']],
  ['pending', 'approved', ['vendor']],
  ['pending', 'failed', ['vendor']],
  ['pending', 'scheduled', ['vendor']],
  ['inquiring', 'pending', ['customer', 'distributor', 'vendor']],
  ['inquiring', 'approved', ['vendor']],
  ['scheduled', 'pending', ['Connect']],
  ['scheduled', 'revoking', ['distributor']],
  ['revoking', 'revoked', ['vendor']],
];

/** Who ends or orders a request moves its subscription. */
const SUBSCRIPTION: readonly Transition[] = [
  ['new', 'draft', ['distributor']],
  ['new', 'processing', ['distributor']],
  ['draft', 'processing', ['distributor']],
  ['processing', 'active', ['vendor']],
  ['processing', 'terminated', ['vendor', 'Connect']],
  ['active', 'suspended', ['vendor']],
  ['suspended', 'active', ['vendor']],
  ['active', 'terminating', ['distributor']],
  ['suspended', 'terminating', ['distributor']],
  ['terminating', 'terminated', ['vendor']],
  ['terminating', 'active', ['vendor']],
  ['terminating', 'suspended', ['vendor']],
];

const TIER_CONFIG_REQUEST: readonly Transition[] = [
  ['new', 'draft', ['Connect', 'distributor']],
  ['draft', 'tiers_setup', ['Connect', 'distributor']],
  ['draft', 'inquiring', ['Connect', 'distributor']],
  ['draft', 'pending', ['Connect', 'distributor']],
  ['new', 'tiers_setup', ['Connect']],
  ['new', 'inquiring', ['Connect', 'distributor', 'vendor']],
  ['new', 'pending', ['Connect', 'distributor', 'vendor']],
  ['tiers_setup', 'inquiring', ['Connect']],
  ['tiers_setup', 'pending', ['Connect']],
  ['tiers_setup', 'failed', ['Connect', 'distributor', 'vendor']],
  ['pending', 'inquiring', ['vendor']],
  ['pending', 'approved', ['vendor']],
  ['pending', 'failed', ['vendor', 'distributor']],
  ['inquiring', 'pending', ['customer', 'distributor', 'vendor']],
  ['inquiring', 'failed', ['vendor', 'distributor']],
];

const TIER_CONFIG: readonly Transition[] = [
  ['new', 'processing', ['Connect']],
  ['processing', 'active', ['vendor', 'distributor']],
  ['active', 'processing', ['distributor', 'vendor']],
];

/** `uploaded` is `ready` by its other name. */
export const USAGE_FILE: readonly Transition[] = [
  ['new', 'draft', ['vendor']],
  ...['draft', 'invalid', 'ready', 'uploaded', 'rejected'].map((from): Transition => [from, 'uploading', ['vendor']]),
  ['uploading', 'processing', ['Connect']],
  ['processing', 'invalid', ['Connect']],
  ['processing', 'ready', ['Connect']],
  ['processing', 'uploaded', ['Connect']],
  ...['invalid', 'ready', 'uploaded'].map((from): Transition => [from, 'processing', ['vendor']]),
  ['ready', 'pending', ['vendor']],
  ['uploaded', 'pending', ['vendor']],
  ...['draft', 'invalid', 'ready', 'uploaded'].map((from): Transition => [from, 'deleted', ['vendor']]),
  ['pending', 'accepted', ['distributor']],
  ['pending', 'rejected', ['distributor']],
  ['accepted', 'closed', ['distributor']],
];

const USAGE_RECORD: readonly Transition[] = [
  ['new', 'valid', ['Connect']],
  ['new', 'invalid', ['Connect']],
  ['valid', 'approved', ['distributor']],
  ['valid', 'rejected', ['distributor']],
  ['approved', 'rejected', ['distributor']],
  ['rejected', 'approved', ['distributor']],
  ['approved', 'closed', ['distributor']],
];

/** By the prefix of the objects' ids. */
export const STATE_MACHINES: Readonly<Record<string, readonly Transition[]>> = {
  PR: FULFILLMENT_REQUEST,
  AS: SUBSCRIPTION,
  TCR: TIER_CONFIG_REQUEST,
  TC: TIER_CONFIG,
  UF: USAGE_FILE,
  UR: USAGE_RECORD,
};

/** Whom the journal means. `sandbox` is the control surface, which may force anything. */
const ACTORS = new Map<string, Actor>([
  [VENDOR.id, 'vendor'],
  [DISTRIBUTOR.id, 'distributor'],
  ['customer', 'customer'],
  ['system', 'Connect'],
]);

/**
 * @param from null where the object is new
 * @param by account id, `customer`, `system` or `sandbox`
 * @throws Error for a transition that Connect does not have: a mistake in the sandbox
 */
export function requireTransition(id: string, from: string | null, to: string, by: string): void {
  if (by === 'sandbox') return;
  const machine = STATE_MACHINES[id.slice(0, id.indexOf('-'))] ?? [];
  const known = machine.find(([one, other]) => one === (from ?? 'new') && other === to);
  const actor = ACTORS.get(by);
  if (actor === undefined || !known?.[2].includes(actor)) {
    throw new Error(`${id}: there is no transition from ${from ?? 'new'} to ${to} by ${by} in state-machines.ts.`);
  }
}
