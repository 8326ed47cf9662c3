import { isDeepStrictEqual } from 'node:util';
import { invalid } from './errors';
import type { Parameter } from './model';
import type { Product } from './product-model';

/** What a caller may change of a parameter. */
type Update = Partial<Pick<Parameter, 'value' | 'value_error' | 'structured_value' | 'structured_error'>>;

/** What a caller may send for a parameter. */
type ParameterInput = Partial<Record<'id' | 'name' | keyof Update, unknown>>;

/** The empty parameters of a scope, as a new subscription or tier configuration carries them. */
export function emptyParameters(product: Product, scope: string): Parameter[] {
  return product.parameters
    .filter((definition) => definition.scope === scope && definition.phase !== 'configuration')
    .map((definition) => ({
      id: definition.name,
      name: definition.name,
      title: definition.title,
      description: definition.description,
      type: definition.type,
      phase: definition.phase,
      scope: definition.scope,
      value: '',
      value_error: '',
      constraints: definition.constraints,
    }));
}

/** A copy that can be changed without changing the original. */
export function copyParameters(params: Parameter[]): Parameter[] {
  return params.map((param) => ({ ...param }));
}

/**
 * Write values and errors into parameters. The list may be partial; a member that is absent is left as it is.
 *
 * @param field where the list stands in the body, for the message of an error
 * @returns whether anything changed
 * @throws ConnectError 400 for a parameter that does not exist, or a text that is too long. Nothing is written then.
 */
export function updateParameters(params: Parameter[], input: unknown, field: string): boolean {
  if (input === undefined || input === null) return false;
  if (!Array.isArray(input)) throw invalid(field, 'Expected a list of items.');
  const updates = input.map((one: unknown) => readUpdate(params, one, field));
  let changed = false;
  for (const { param, update } of updates) {
    if (isDeepStrictEqual({ ...param, ...update }, param)) continue;
    Object.assign(param, update);
    changed = true;
  }
  return changed;
}

function readUpdate(params: Parameter[], input: unknown, field: string): { param: Parameter; update: Update } {
  const given: ParameterInput = typeof input === 'object' && input !== null ? input : {};
  const id = given.id ?? given.name;
  if (typeof id !== 'string') throw invalid(`${field}.id`, 'This field is required.');
  const param = params.find((one) => one.id === id);
  if (param === undefined) throw invalid(field, `Parameter ${id} does not exist.`);
  const update: Update = {};
  for (const [name, limit] of [
    ['value', 2048],
    ['value_error', 512],
  ] as const) {
    const text = given[name];
    if (text === undefined) continue;
    if (text !== null && typeof text !== 'string') throw invalid(`${field}.${id}.${name}`, 'Not a valid string.');
    if ((text ?? '').length > limit) {
      throw invalid(`${field}.${id}.${name}`, `Ensure this field has no more than ${limit} characters.`);
    }
    update[name] = text ?? '';
  }
  for (const name of ['structured_value', 'structured_error'] as const) {
    const object = given[name];
    if (object === undefined || object === null) continue;
    if (typeof object !== 'object') throw invalid(`${field}.${id}.${name}`, 'Expected an object.');
    if (Object.keys(object).length > 0) update[name] = object;
  }
  return { param, update };
}

/** Ids of required parameters of a phase that have no value. */
export function missingRequired(params: Parameter[], phase: 'ordering' | 'fulfillment'): string[] {
  return params
    .filter((param) => param.phase === phase && param.constraints.required === true && isEmpty(param))
    .map((param) => param.id);
}

function isEmpty(param: Parameter): boolean {
  return param.value === '' && param.structured_value === undefined;
}

/** @throws ConnectError 400 where a required fulfillment parameter is empty, which forbids an approval */
export function requireFulfillmentParameters(params: Parameter[], field: string): void {
  const missing = missingRequired(params, 'fulfillment');
  if (missing.length > 0) throw invalid(`${field}.${String(missing[0])}`, 'This field may not be blank.');
}

/** Take errors away, as a customer's answer does. */
export function clearErrors(params: Parameter[]): void {
  for (const param of params) {
    param.value_error = '';
    delete param.structured_error;
  }
}
