import { badQuery } from '../errors';

/** A value as written; `null()` and `empty()` are values of their own. */
export type RqlValue = { text: string } | { constant: 'null' | 'empty' };

export type RqlNode =
  | { kind: 'and' | 'or'; args: RqlNode[] }
  | { kind: 'not'; arg: RqlNode }
  | { kind: 'compare'; op: string; prop: string; value: RqlValue }
  | { kind: 'list'; op: 'in' | 'out'; prop: string; values: RqlValue[] };

export interface RqlQuery {
  filter: RqlNode | undefined;
  /** `-` in front means descending. */
  ordering: string[];
  /** `-` in front means without. */
  select: string[];
}

const PROPERTY = /[A-Za-z][\w\-.]*/y;
const UNQUOTED = /[\p{L}\p{N}_\-*+\\][\p{L}\p{N}_.\s\-:+@*\\]*/uy;
const QUOTED = /"([^"]*)"|'([^']*)'/y;
const SIGNED = /[-+]?[A-Za-z][\w\-.]*/y;
const COMPARISONS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const SEARCHES = new Set(['like', 'ilike']);

/**
 * Read the query string of a list.
 *
 * @param raw what stands behind the `?`, still percent-encoded. It is decoded once and `+` stays a plus.
 * @throws ConnectError 400 "Bad filter query." where the grammar does not allow it
 */
export function parseRql(raw: string): RqlQuery {
  if (raw === '') return { filter: undefined, ordering: [], select: [] };
  let text: string;
  try {
    text = decodeURIComponent(raw);
  } catch {
    throw syntaxError();
  }
  return new Parser(text).query();
}

const syntaxError = () => badQuery('Bad filter query.');

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  query(): RqlQuery {
    const filters: RqlNode[] = [];
    let ordering: string[] | undefined;
    let select: string[] | undefined;
    do {
      const start = this.at;
      const name = this.take(PROPERTY);
      if (name === 'ordering' && this.skip('(')) {
        if (ordering !== undefined) throw syntaxError();
        ordering = this.fields();
      } else if (name === 'select' && this.skip('(')) {
        if (select !== undefined) throw syntaxError();
        select = this.fields();
      } else {
        this.at = start;
        filters.push(this.expression());
      }
    } while (this.skip('&') || this.skip(','));
    if (this.at !== this.text.length) throw syntaxError();
    return {
      filter: filters.length > 1 ? { kind: 'and', args: filters } : filters[0],
      ordering: ordering ?? [],
      select: select ?? [],
    };
  }

  private expression(): RqlNode {
    if (this.skip('(')) return this.group();
    const start = this.at;
    const name = this.need(PROPERTY);
    if (this.skip('(')) {
      if (name === 'and' || name === 'or') return this.logic(name);
      if (name === 'not') return this.negation();
      this.at = start;
    } else this.at = start;
    return this.simple();
  }

  /** `(a&b)`, `(a,b)`, `(a|b)`, `(a;b)`; behind the opening parenthesis. */
  private group(): RqlNode {
    const args = [this.expression()];
    let kind: 'and' | 'or' | undefined;
    while (!this.skip(')')) {
      const sign = this.text[this.at] ?? '';
      const now = '&,'.includes(sign) ? 'and' : 'or';
      if (sign === '' || !'&,|;'.includes(sign) || (kind !== undefined && kind !== now)) throw syntaxError();
      kind = now;
      this.at += 1;
      args.push(this.expression());
    }
    return args.length === 1 ? (args[0] as RqlNode) : { kind: kind ?? 'and', args };
  }

  private logic(kind: 'and' | 'or'): RqlNode {
    const args = [this.expression()];
    while (this.skip(',')) args.push(this.expression());
    this.expect(')');
    return { kind, args };
  }

  /** One simple expression only: `not(and(...))` is not part of the grammar. */
  private negation(): RqlNode {
    const arg = this.simple();
    this.expect(')');
    return { kind: 'not', arg };
  }

  private simple(): RqlNode {
    const name = this.need(PROPERTY);
    if (this.skip('(')) return this.call(name);
    this.expect('=');
    const start = this.at;
    const op = this.take(PROPERTY);
    if (op !== undefined && COMPARISONS.has(op) && this.skip('=')) {
      return { kind: 'compare', op, prop: name, value: this.value() };
    }
    this.at = start;
    return { kind: 'compare', op: 'eq', prop: name, value: this.value() };
  }

  private call(op: string): RqlNode {
    const prop = this.need(PROPERTY);
    this.expect(',');
    if (op === 'in' || op === 'out') {
      this.expect('(');
      const values = [this.value()];
      while (this.skip(',')) values.push(this.value());
      this.expect(')');
      this.expect(')');
      return { kind: 'list', op, prop, values };
    }
    if (!COMPARISONS.has(op) && !SEARCHES.has(op)) throw syntaxError();
    const value = this.value();
    if (SEARCHES.has(op) && 'text' in value && value.text.includes('**')) throw syntaxError();
    this.expect(')');
    return { kind: 'compare', op, prop, value };
  }

  private value(): RqlValue {
    QUOTED.lastIndex = this.at;
    const quoted = QUOTED.exec(this.text);
    if (quoted !== null) {
      this.at = QUOTED.lastIndex;
      return { text: quoted[1] ?? quoted[2] ?? '' };
    }
    for (const constant of ['null', 'empty'] as const) {
      if (this.text.startsWith(`${constant}()`, this.at)) {
        this.at += constant.length + 2;
        return { constant };
      }
    }
    return { text: this.need(UNQUOTED) };
  }

  private fields(): string[] {
    const fields = [this.need(SIGNED)];
    while (this.skip(',')) fields.push(this.need(SIGNED));
    this.expect(')');
    return fields.map((field) => field.replace(/^\+/, ''));
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at = pattern.lastIndex;
    return found;
  }

  private need(pattern: RegExp): string {
    const found = this.take(pattern);
    if (found === undefined) throw syntaxError();
    return found;
  }

  private skip(sign: string): boolean {
    if (this.text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  private expect(sign: string): void {
    if (!this.skip(sign)) throw syntaxError();
  }
}
