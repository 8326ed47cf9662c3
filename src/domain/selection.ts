/** Connect's connection types: where a product's preview, its test orders and its customers' orders come from. */
export const CONNECTION_TYPES = ['production', 'test', 'preview'] as const;
export type ConnectionType = (typeof CONNECTION_TYPES)[number];

/** Which of a product's requests are processed, and of which of its subscriptions usage is reported. */
export interface Selection {
  /** False: none at all. */
  process: boolean;
  /** Types of request that are switched off, as in `ConnectRequestType`: `purchase`, …, `tier-setup`, … */
  typesOff: readonly string[];
  connectionTypes: readonly ConnectionType[];
  marketplaces: Ids;
  contracts: Ids;
  /** What becomes of a request that is assigned to a person in the Connect portal. */
  assigned: 'leave' | 'process';
}

/** Which ids will do: those that are allowed, or all where nothing says which; without those that are denied. */
export interface Ids {
  allowed: readonly string[] | undefined;
  denied: readonly string[];
}

/** Where a subscription was sold; an empty text where Connect does not say. */
export interface Place {
  productId: string;
  connectionType: string;
  marketplaceId: string;
  contractId: string;
}

/** What of a request decides whether it is processed. */
export interface Origin extends Place {
  type: string;
}

/** Somebody to whom a request is assigned. */
export interface Assignee {
  id: string;
  name: string;
}

/** Why requests are left, each a label of the metric too. */
export const LEFT_REASONS = [
  'product',
  'type',
  'connection',
  'marketplace',
  'contract',
  'assignee',
  'unhandled',
] as const;

/** Why a request is left pending, or the usage of a subscription is not reported. */
export interface Left {
  reason: (typeof LEFT_REASONS)[number];
  /** For people. */
  text: string;
}

/** @returns undefined for a request of whose kind and place requests are processed */
export function whyNotSelected(selection: Selection, origin: Origin): Left | undefined {
  return whyOff(selection, origin) ?? whyTypeOff(selection, origin) ?? whyElsewhere(selection, origin);
}

/** @returns undefined for a subscription whose usage is reported: one of a place of which requests are processed */
export function whyNotReported(selection: Selection, place: Place): Left | undefined {
  return whyOff(selection, place) ?? whyElsewhere(selection, place);
}

/** @returns undefined for a subscription that can have a usage file; one of a preview is sold nowhere, and so has no currency */
export function whyNoUsageFile({ connectionType, marketplaceId }: Place): Left | undefined {
  if (connectionType !== 'preview' || !['', NO_MARKETPLACE].includes(marketplaceId)) return undefined;
  return { reason: 'connection', text: 'a preview has no marketplace, and so no usage file' };
}

/** What Connect names where there is none. */
const NO_MARKETPLACE = 'MP-00000';

function whyOff({ process }: Selection, { productId }: Place): Left | undefined {
  return process ? undefined : { reason: 'product', text: `${productId} is switched off` };
}

function whyTypeOff({ typesOff }: Selection, { type, productId }: Origin): Left | undefined {
  return typesOff.includes(type) ? { reason: 'type', text: `${type} of ${productId} is switched off` } : undefined;
}

function whyElsewhere(selection: Selection, place: Place): Left | undefined {
  const { connectionType, marketplaceId } = place;
  if (!selection.connectionTypes.some((one) => one === connectionType)) {
    return {
      reason: 'connection',
      text: connectionType
        ? `the connection type ${connectionType} is not processed`
        : 'Connect does not say of which connection type it is',
    };
  }
  const marketplace = whyNotAmong(selection.marketplaces, 'marketplace', marketplaceId);
  return marketplace ? { reason: 'marketplace', text: marketplace } : whyContract(selection, place);
}

function whyContract({ contracts }: Selection, { contractId }: Place): Left | undefined {
  const text = whyNotAmong(contracts, 'contract', contractId);
  return text === undefined ? undefined : { reason: 'contract', text };
}

function whyNotAmong({ allowed, denied }: Ids, what: string, id: string): string | undefined {
  if (denied.includes(id)) return `the ${what} ${id} is denied`;
  if (allowed && !allowed.includes(id)) return `the ${what} ${id || '(none)'} is not allowed`;
  return undefined;
}

/** @returns undefined for a request that no person has taken; a service user, which is a token such as ours, is none */
export function whyTaken({ assigned }: Selection, assignee: Assignee | undefined): Left | undefined {
  if (assigned === 'process' || !assignee || assignee.id.startsWith('SU-')) return undefined;
  const { id, name } = assignee;
  return { reason: 'assignee', text: `it is assigned to ${name ? `${name} (${id})` : id}` };
}
