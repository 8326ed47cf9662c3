/**
 * Connect's query language, as values. A filter is made by the functions below and serialised by them, quoted where it must be.
 *
 * @see https://github.com/cloudblue/lib-rql
 */
export type Filter = { readonly rql: string };

export type RqlValue = string | number | boolean | null;

const UNQUOTED = /^[\w\-*+\\][\w.\s\-:+@*\\]*$/;
const PROPERTY = /^[A-Za-z][\w.-]*$/;

export const eq = (property: string, value: RqlValue) => comparison('eq', property, value);
export const ge = (property: string, value: RqlValue) => comparison('ge', property, value);

/** @throws RangeError on an empty list, which would match everything or nothing depending on who reads it */
export function oneOf(property: string, values: readonly RqlValue[]): Filter {
  if (values.length === 0) throw new RangeError(`A list of values for "${property}" must not be empty.`);
  return { rql: `in(${name(property)},(${values.map(literal).join(',')}))` };
}

/** @throws RangeError without filters */
export function and(...filters: Filter[]): Filter {
  if (filters.length === 0) throw new RangeError('and() needs at least one filter.');
  return filters.length === 1 ? filters[0]! : { rql: `and(${filters.map(({ rql }) => rql).join(',')})` };
}

export interface ListOptions {
  filter?: Filter;
  /** Fields to sort by; `-` before one for descending. */
  ordering?: readonly string[];
  /** Fields to add; `-` before one to leave out. */
  select?: readonly string[];
  /** The most that one answer is to bring; default as many as Connect gives. */
  limit?: number;
}

/** The query of a list, without `limit` and `offset`. Percent-encoded for a server that decodes once and keeps `+`. */
export function toQuery({ filter, ordering = [], select = [] }: ListOptions): string {
  const list = (operator: string, fields: readonly string[]) =>
    fields.length > 0
      ? `${operator}(${fields.map((field) => (field.startsWith('-') ? `-${name(field.slice(1))}` : name(field))).join(',')})`
      : '';
  return [list('select', select), filter?.rql ?? '', list('ordering', ordering)].filter(Boolean).map(encode).join('&');
}

function comparison(operator: string, property: string, value: RqlValue): Filter {
  return { rql: `${operator}(${name(property)},${literal(value)})` };
}

/** @throws RangeError for a text that RQL cannot say: one with both kinds of quote, since there is no escape */
function literal(value: RqlValue): string {
  if (value === null) return 'null()';
  if (value === '') return 'empty()';
  if (typeof value !== 'string') return String(value);
  if (UNQUOTED.test(value)) return value;
  if (!value.includes('"')) return `"${value}"`;
  if (!value.includes("'")) return `'${value}'`;
  throw new RangeError('RQL cannot say a text that has both kinds of quotation mark.');
}

function name(property: string): string {
  if (!PROPERTY.test(property)) throw new RangeError(`"${property}" is no property of RQL.`);
  return property;
}

/** Leaves RQL's own punctuation as it is; a `+` stays one, since the server does not read it as a space. */
function encode(rql: string): string {
  return encodeURIComponent(rql).replace(/%(28|29|2C|2A|3A|2B|40)/g, (code) => decodeURIComponent(code));
}
