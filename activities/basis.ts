import { createHash } from 'node:crypto';
import type { Parameter } from '../src/connect/parameter';
import { isSecret, type ParamChange } from '../src/domain/parameters';
import type { Basis } from '../src/domain/request-run';

/** What a customer orders: a reseller's set-up has no items. */
export interface Ordered {
  items: readonly { id: string; quantity: string }[];
  params: readonly Parameter[];
}

/** @param changes those that the decision about it makes */
export function basisOf({ items, params }: Ordered, changes: readonly ParamChange[]): Basis {
  const changed = params.map((param) => {
    const { value = param.value, structuredValue } = changes.find(({ id }) => id === param.id) ?? {};
    return { ...param, value, structured_value: structuredValue ?? param.structured_value };
  });
  return [...new Set([digestOf({ items, params }), digestOf({ items, params: changed })])];
}

/** Whether the same is ordered as when the vendor decided; true where that is not known. */
export function isStillOrdered(ordered: Ordered, basis: Basis | undefined): boolean {
  return basis === undefined || basis.includes(digestOf(ordered));
}

function digestOf({ items, params }: Ordered): string {
  const quantities = items.map(({ id, quantity }) => [id, quantity]);
  const values = params
    .filter((param) => param.phase === 'ordering' && !isSecret(param))
    .map(({ id, value, structured_value: structured }) => [id, structured ? sorted(structured) : value]);
  const text = JSON.stringify([quantities.sort(), values.sort()]);
  return createHash('sha256').update(text).digest('base64');
}

/** The order of a structure's keys says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}
