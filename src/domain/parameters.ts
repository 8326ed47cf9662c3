/** The value of a parameter: text, or for `checkbox`, `phone`, `address` and `object` a structure. */
export type ParamValue = string | Record<string, unknown>;

/** A write of one parameter. `valueError` marks it invalid for the customer; an empty text takes that mark away. */
export interface ParamChange {
  id: string;
  value?: string;
  structuredValue?: Record<string, unknown>;
  valueError?: string;
}

/** What of a parameter is needed to find and compare it. */
export interface StoredParam {
  id: string;
  type: string;
  phase: string;
  value: string;
  structured_value?: Record<string, unknown> | undefined;
  value_error: string;
}

/** Parameters whose value is a secret: they are saved to Connect at once and never handed on. */
export function isSecret(param: { type: string }): boolean {
  return param.type === 'password';
}

/** Thrown where a handler names a parameter that the request does not have. */
export class ParameterMissing extends Error {
  constructor(
    readonly parameterId: string,
    known: readonly string[],
  ) {
    super(`The request has no parameter "${parameterId}". It has: ${known.join(', ') || 'none'}.`);
    this.name = 'ParameterMissing';
  }
}

/** @throws ParameterMissing */
export function findParam<P extends { id: string }>(params: readonly P[], id: string): P {
  const found = params.find((param) => param.id === id);
  if (!found)
    throw new ParameterMissing(
      id,
      params.map((param) => param.id),
    );
  return found;
}

/**
 * The writes that bring stored parameters to the wanted values and errors: only what differs. An error that is not wanted is outdated, and
 * taken away; where a value is not given, it stays.
 *
 * @param wanted values by parameter id
 * @param errors sentences for the customer by parameter id
 * @throws ParameterMissing
 */
export function changesTo(
  stored: readonly StoredParam[],
  wanted: Readonly<Record<string, ParamValue>>,
  errors: Readonly<Record<string, string>> = {},
): ParamChange[] {
  const wantedErrors = new Map(Object.entries(errors));
  const errorOf = (id: string) => wantedErrors.get(id) ?? '';
  for (const id of wantedErrors.keys()) findParam(stored, id);

  const changes: ParamChange[] = [];
  for (const [id, value] of Object.entries(wanted)) {
    const param = findParam(stored, id);
    const valueError = errorOf(id);
    const same = typeof value === 'string' ? param.value === value : sameJson(param.structured_value ?? {}, value);
    if (same && param.value_error === valueError) continue;
    changes.push(typeof value === 'string' ? { id, value, valueError } : { id, structuredValue: value, valueError });
  }
  for (const { id, value_error } of stored) {
    const valueError = errorOf(id);
    if (value_error !== valueError && !Object.hasOwn(wanted, id)) changes.push({ id, valueError });
  }
  return changes;
}

/** Of planned writes, those that the stored parameters do not show yet: what a repeated save still has to do. */
export function outstanding(stored: readonly StoredParam[], planned: readonly ParamChange[]): ParamChange[] {
  return planned.filter((change) => {
    const param = stored.find(({ id }) => id === change.id);
    if (!param) return true;
    return (
      (change.value !== undefined && change.value !== param.value) ||
      (change.structuredValue !== undefined && !sameJson(change.structuredValue, param.structured_value ?? {})) ||
      (change.valueError !== undefined && change.valueError !== param.value_error)
    );
  });
}

/** Equality of JSON values; the order of keys does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true; // -0 is 0: JSON has but one
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) && sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
