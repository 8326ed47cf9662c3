import { createHash } from 'node:crypto';
import type { Parameter } from '../src/connect/parameter';
import { isSecret } from '../src/domain/parameters';
import type { Basis } from '../src/domain/request-run';

/** What a customer orders: a reseller's set-up has no items. */
export interface Ordered {
  items: readonly { id: string; quantity: string }[];
  params: readonly Parameter[];
}

/** @param sets ids of the parameters that the decision about it sets */
export function basisOf({ items, params }: Ordered, sets: readonly string[]): Basis {
  const quantities = items.map(({ id, quantity }) => [id, quantity]);
  const values = params
    .filter((param) => param.phase === 'ordering' && !isSecret(param) && !sets.includes(param.id))
    .map(({ id, value, structured_value: structured }) => [id, value, sorted(structured ?? {})]);
  const digest = createHash('sha256')
    .update(JSON.stringify([quantities.sort(), values.sort()]))
    .digest('base64');
  return { digest, sets: [...sets] };
}

/** Whether the same is ordered as when the vendor decided; true where that is not known. */
export function isStillOrdered(ordered: Ordered, basis: Basis | undefined): boolean {
  return basis === undefined || basisOf(ordered, basis.sets).digest === basis.digest;
}

/** The order of a structure's keys says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}
