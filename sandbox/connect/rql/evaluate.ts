import { badQuery } from '../errors';
import type { Field, Fields, Lookup, Plain } from './fields';
import type { RqlNode, RqlValue } from './parse';

export type Predicate<T> = (record: T) => boolean;

/**
 * Turn a filter into a function.
 *
 * @returns undefined where nothing of it applies: names that the list does not know are ignored, as Connect does
 * @throws ConnectError 400 for a lookup that the field does not offer, or a value that does not convert
 */
export function compileFilter<T>(node: RqlNode | undefined, fields: Fields<T>): Predicate<T> | undefined {
  if (node === undefined) return undefined;
  switch (node.kind) {
    case 'and': {
      const parts = compileAll(node.args, fields);
      return parts.length === 0 ? undefined : (record) => parts.every((part) => part(record));
    }
    case 'or': {
      const parts = compileAll(node.args, fields);
      return parts.length === 0 ? undefined : (record) => parts.some((part) => part(record));
    }
    case 'not': {
      const part = compileFilter(node.arg, fields);
      return part && ((record) => !part(record));
    }
    case 'list': {
      const field = fields[node.prop];
      if (field === undefined) return undefined;
      allow(field, node.prop, node.op);
      const values = new Set(node.values.map((value) => convert(field, node.prop, value)));
      const matches = any(field, (value) => values.has(value));
      return node.op === 'in' ? matches : (record) => !matches(record);
    }
    case 'compare': {
      const field = fields[node.prop];
      return field && comparison(field, node.op as Lookup, node.prop, node.value);
    }
    default:
      return node satisfies never;
  }
}

function compileAll<T>(nodes: RqlNode[], fields: Fields<T>): Predicate<T>[] {
  return nodes.map((node) => compileFilter(node, fields)).filter((part) => part !== undefined);
}

function comparison<T>(field: Field<T>, op: Lookup, name: string, raw: RqlValue): Predicate<T> {
  if (op === 'like' || op === 'ilike') {
    allow(field, name, op);
    if ('constant' in raw) throw badQuery(`Bad value for filter: ${name}.`);
    const pattern = likePattern(raw.text, op === 'ilike');
    return any(field, (value) => typeof value === 'string' && pattern.test(value));
  }
  const isNull = 'constant' in raw && raw.constant === 'null';
  allow(field, name, isNull ? 'null' : op);
  const wanted = convert(field, name, raw);
  const equal = any(field, (value) => value === wanted);
  switch (op) {
    case 'eq':
      return equal;
    case 'ne':
      return (record) => !equal(record);
    default:
      if (wanted === null || isNull) throw badQuery(`Bad lookup for filter: ${name}.`);
      return any(field, (value) => value !== null && ordered(op, value, wanted));
  }
}

function ordered(op: Lookup, value: Plain, wanted: Plain): boolean {
  const left = value as number;
  const right = wanted as number;
  if (op === 'gt') return left > right;
  if (op === 'ge') return left >= right;
  if (op === 'lt') return left < right;
  return left <= right;
}

/** Match where any of a field's values does; a field without values has the one value null. */
function any<T>(field: Field<T>, test: (value: Plain) => boolean): Predicate<T> {
  return (record) => {
    const value = field.get(record) ?? null;
    return typeof value === 'object' && value !== null ? value.some(test) : test(value);
  };
}

function allow<T>(field: Field<T>, name: string, lookup: Lookup): void {
  if (!field.lookups.has(lookup)) throw badQuery(`Bad lookup for filter: ${name}, lookup: ${lookup}.`);
}

function convert<T>(field: Field<T>, name: string, value: RqlValue): Plain {
  if ('constant' in value) {
    if (value.constant === 'empty') return '';
    if (!field.lookups.has('null')) throw badQuery(`Bad lookup for filter: ${name}, lookup: null.`);
    return null;
  }
  const bad = () => badQuery(`Bad value for filter: ${name}.`);
  switch (field.type) {
    case 'text':
      return value.text;
    case 'choice':
      if (field.choices?.has(value.text) !== true) throw bad();
      return value.text;
    case 'boolean':
      if (value.text !== 'true' && value.text !== 'false') throw bad();
      return value.text === 'true';
    case 'number': {
      const number = Number(value.text);
      if (value.text.trim() === '' || Number.isNaN(number)) throw bad();
      return number;
    }
    case 'date': {
      const ms = /^\d{4}-\d\d-\d\d/.test(value.text) ? Date.parse(zoned(value.text)) : Number.NaN;
      if (Number.isNaN(ms)) throw bad();
      return ms;
    }
    default:
      return field.type satisfies never;
  }
}

/** An instant without a zone is UTC. */
function zoned(text: string): string {
  return /T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text;
}

/** `*` stands for anything, `\*` for a star. */
function likePattern(pattern: string, ignoreCase: boolean): RegExp {
  const source = pattern
    .split(/(\\\*|\*)/)
    .map((part) => (part === '*' ? '[^]*' : part.replace(/^\\\*$/, '*').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, ignoreCase ? 'i' : '');
}
