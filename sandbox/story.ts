import type { PlacedOrder, SandboxControl } from './control-client';
import type { UsageFileState } from './usage-control';

/**
 * Orders that the demo places, as data: what is placed, what is expected of it, and the acts that follow.
 *
 * A story knows the sandbox alone. Whoever plays it says what it sees (`View`) and sends the signals it is asked for.
 */
export interface Story {
  name: string;
  /** One short line for a person. */
  about: string;
  place(control: SandboxControl): Promise<Expected[]>;
  /** What happens later, in this order; each once its moment has come. Empty for most stories. */
  acts: Act[];
}

/** What has to become of one request, or of one usage file. */
export interface Expected {
  /** `PR-…`, `TCR-…` or `UF-…` */
  id: string;
  /** Id of its workflow, where it is another. */
  workflow?: string;
  /** For example `purchase`, `tier 2 setup`. */
  what: string;
  /** `pending` of one that nobody is to touch; `accepted` of a usage file. */
  expected: 'approved' | 'failed' | 'revoked' | 'pending' | 'accepted';
  /** Subscription that it is about, if it is about one. */
  asset?: string;
  /** How many tenants the vendor may ever have created for that subscription. */
  tenants?: number;
  /** That none of them may be left. */
  givenBack?: boolean;
  /** Of a usage file: how often one of its name may have been submitted. */
  submissions?: number;
}

export interface View {
  /** Status in Connect. */
  status(id: string): string | undefined;
  /** Phase of its workflow: `running`, `retrying`, `parked`. */
  phase(id: string): string | undefined;
  /** Step of its workflow. */
  step(id: string): string | undefined;
  /** All that Connect has. */
  usageFiles: readonly UsageFileState[];
  /** Usage whose workflow is parked, whether Connect has a file of it or not. */
  heldBack: readonly HeldBackUsage[];
  /** How many tenants the vendor has made for a subscription. */
  tenants(asset: string): number;
}

export interface HeldBackUsage {
  /** Id of its workflow. */
  workflow: string;
  /** Id of the product. */
  product: string;
  reason: string;
}

export interface Act {
  /** What happens now, for a person. */
  about: string;
  when(view: View): boolean;
  /** How long its moment lasts before it is played, for a person to see it. */
  lingerMs?: number;
  run(control: SandboxControl, view: View): Promise<Consequence>;
}

export interface Consequence {
  /** What came of it, for a person. */
  said?: string;
  /** What there is now besides. */
  placed?: Expected[];
  /** Acts that have to follow before the story's others, since it came so. */
  acts?: Act[];
  /** Whose workflows are sent the signal `reprocess`; of usage that Connect has no file of, the workflows themselves. */
  reprocess?: string[];
  /** Product whose usage of the last month is to be reported. */
  reportUsageOf?: string;
}

/** An order that is to be approved, with one tenant. */
export function approved(order: PlacedOrder): Expected {
  return { id: order.id, what: order.type, expected: 'approved', asset: order.asset.id, tenants: 1 };
}

/** The set-ups that purchases of a reseller wait for, and of the reseller above it, tier 2 first. */
export async function tierSetups(control: SandboxControl, reseller: string): Promise<Expected[]> {
  const { tierConfigRequests } = await control.state();
  return tierConfigRequests
    .filter((request) => [reseller, `${reseller}-parent`].includes(request.reseller))
    .map(({ id, level }): Expected => ({ id, what: `tier ${level} setup`, expected: 'approved' }));
}

/** Act on a request, or a tier config request, in Connect. @throws Error where Connect refuses, for a story cannot go on then */
export async function actOn(
  control: SandboxControl,
  id: string,
  action: 'purchase' | 'validate' | 'fail' | 'revoke',
  { as, body }: { as: 'vendor' | 'distributor'; body: object },
): Promise<void> {
  const path = id.startsWith('TCR-') ? '/tier/config-requests' : '/requests';
  const answer = await control.connect('POST', `${path}/${id}/${action}`, { as, body });
  if (answer.status !== 200) throw new Error(`${action} ${id}: ${answer.status} ${JSON.stringify(answer.body)}`);
}
