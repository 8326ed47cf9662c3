/** What a list can be filtered by: one entry a name, as Connect's description declares them. Other names are ignored. */

export type Lookup = 'eq' | 'ne' | 'like' | 'ilike' | 'null' | 'in' | 'out' | 'gt' | 'ge' | 'lt' | 'le';

/** What records are compared by. Dates are milliseconds. */
export type Plain = string | number | boolean | null;

export interface Field<T> {
  type: 'text' | 'choice' | 'date' | 'number' | 'boolean';
  /** One value, or several of which any may match. */
  get(record: T): FieldValue;
  lookups: ReadonlySet<Lookup>;
  choices?: ReadonlySet<string>;
  orderable: boolean;
}

export type FieldValue = Plain | undefined | readonly Plain[];

export type Fields<T> = Record<string, Field<T>>;

const ALL_TEXT: Lookup[] = ['eq', 'ne', 'like', 'ilike', 'null', 'in', 'out'];
const ALL_DATE: Lookup[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'in', 'out'];

interface FieldOptions {
  lookups?: Lookup[];
  orderable?: boolean;
}

/** A text, filtered by eq, ne, like, ilike, in, out and null() unless said otherwise. */
export function text<T>(get: (record: T) => FieldValue, options: FieldOptions = {}): Field<T> {
  return { type: 'text', get, lookups: new Set(options.lookups ?? ALL_TEXT), orderable: options.orderable ?? false };
}

/** One of a closed list of words; another word in a query is an error. */
export function choice<T>(choices: string[], get: (record: T) => FieldValue, options: FieldOptions = {}): Field<T> {
  const lookups = new Set<Lookup>(options.lookups ?? ['eq', 'ne', 'like', 'ilike', 'in', 'out']);
  return { type: 'choice', get, lookups, choices: new Set(choices), orderable: options.orderable ?? false };
}

/** An instant in milliseconds. */
export function date<T>(get: (record: T) => number, options: FieldOptions = {}): Field<T> {
  return { type: 'date', get, lookups: new Set(options.lookups ?? ALL_DATE), orderable: options.orderable ?? true };
}

export function number<T>(get: (record: T) => number | null, options: FieldOptions = {}): Field<T> {
  return { type: 'number', get, lookups: new Set(options.lookups ?? ALL_DATE), orderable: options.orderable ?? false };
}

export function boolean<T>(get: (record: T) => boolean): Field<T> {
  return { type: 'boolean', get, lookups: new Set(['eq', 'ne']), orderable: false };
}

/** The older spelling of names with dots, `asset__product__id`, which Connect still takes. */
export function withUnderscoreNames<T>(fields: Fields<T>): Fields<T> {
  const both: Fields<T> = { ...fields };
  for (const [name, field] of Object.entries(fields)) both[name.replaceAll('.', '__')] = field;
  return both;
}
