import { isOp, type Token } from './python-tokens';

/** A Python literal: a list, a tuple and a set are an array. */
export type Literal = string | number | boolean | null | Literal[] | Map<Literal, Literal>;

class NotALiteral extends Error {}

/** @returns undefined where it cannot be read without running it */
export function literalIn(tokens: readonly Token[]): Literal | undefined {
  try {
    return new LiteralReader(tokens).whole();
  } catch (error) {
    if (error instanceof NotALiteral) return undefined;
    throw error;
  }
}

const DEEPEST = 100;
const CONSTANTS = new Map<string, Literal>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

class LiteralReader {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** All of it; values that are separated by commas are a tuple. */
  whole(): Literal {
    const first = this.value();
    if (!this.takes(',')) return this.ended(first);
    const values = [first];
    while (this.at < this.tokens.length) {
      values.push(this.value());
      if (!this.takes(',')) break;
    }
    return this.ended(values);
  }

  private ended(value: Literal): Literal {
    if (this.at < this.tokens.length) throw new NotALiteral();
    return value;
  }

  private value(): Literal {
    const token = this.tokens[this.at++];
    if (token === undefined || this.depth > DEEPEST) throw new NotALiteral();
    switch (token.kind) {
      case 'string':
        return known(token.value) + this.furtherStrings();
      case 'number':
        return known(token.value);
      case 'name':
        return known(CONSTANTS.get(token.text));
      case 'op':
        return this.structure(token.text);
    }
  }

  /** Strings side by side are one. */
  private furtherStrings(): string {
    let text = '';
    for (let next = this.tokens[this.at]; next?.kind === 'string'; next = this.tokens[this.at]) {
      text += known(next.value);
      this.at += 1;
    }
    return text;
  }

  private structure(sign: string): Literal {
    this.depth += 1;
    const value = this.structureOf(sign);
    this.depth -= 1;
    return value;
  }

  private structureOf(sign: string): Literal {
    switch (sign) {
      case '[':
        return this.valuesUntil(']').values;
      case '(': {
        const { values, hasComma } = this.valuesUntil(')');
        const [only] = values;
        return values.length === 1 && !hasComma ? only! : values;
      }
      case '{':
        return this.dictionaryOrSet();
      case '-':
      case '+': {
        const token = this.tokens[this.at++];
        if (token?.kind !== 'number') throw new NotALiteral();
        return sign === '-' ? -known(token.value) : known(token.value);
      }
      default:
        throw new NotALiteral();
    }
  }

  private dictionaryOrSet(): Literal {
    if (this.takes('}')) return new Map();
    const begun = this.at;
    const key = this.value();
    if (!this.takes(':')) {
      this.at = begun;
      return this.valuesUntil('}').values;
    }
    const entries = new Map([[key, this.value()]]);
    while (!this.takes('}')) {
      this.expect(',');
      if (this.takes('}')) break;
      const next = this.value();
      this.expect(':');
      entries.set(next, this.value());
    }
    return entries;
  }

  private valuesUntil(closer: string): { values: Literal[]; hasComma: boolean } {
    const values: Literal[] = [];
    let hasComma = false;
    while (!this.takes(closer)) {
      if (values.length > 0) {
        this.expect(',');
        hasComma = true;
        if (this.takes(closer)) break;
      }
      values.push(this.value());
    }
    return { values, hasComma };
  }

  private takes(sign: string): boolean {
    if (!isOp(this.tokens[this.at], sign)) return false;
    this.at += 1;
    return true;
  }

  private expect(sign: string): void {
    if (!this.takes(sign)) throw new NotALiteral();
  }
}

/** @throws NotALiteral */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new NotALiteral();
  return value;
}
