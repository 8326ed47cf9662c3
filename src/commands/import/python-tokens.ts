/** A piece of Python. Of a number or a string that has no value without running it (bytes, an f-string), there is none. */
export type Token =
  | { kind: 'name' | 'op'; text: string }
  | { kind: 'number'; value: number | undefined }
  | { kind: 'string'; value: string | undefined };

export function isOp(token: Token | undefined, text: string): boolean {
  return token?.kind === 'op' && token.text === text;
}

/** A logical line: it goes on over line ends within brackets, in triple quotes, and after a backslash. */
export interface Line {
  /** Its first line in the file, from 1. */
  at: number;
  /** Columns of white space before it. */
  indent: number;
  tokens: Token[];
}

/** The text is no Python: something in it has a beginning and no end. */
export class PythonUnreadable extends Error {
  constructor(
    what: string,
    readonly line: number,
  ) {
    super(`line ${line}: ${what}`);
    this.name = 'PythonUnreadable';
  }
}

const SPACE = /(?:[ \t\f]|\\\n)+/y;
const COMMENT = /#[^\n]*/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER =
  /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?/y;
const STRING = /(?<prefix>[bB][rR]?|[rR][bBfFtT]?|[fFtT][rR]?|[uU])?(?<quote>'''|"""|'|")/y;
const OPERATOR = /:=|->|(?:\*\*|\/\/|<<|>>|[-+*/%&|^@=<>!])=?|./suy;
const CLOSERS: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/**
 * Cuts Python into logical lines, without those that are empty or hold a comment alone. Nothing is run.
 *
 * @throws PythonUnreadable
 */
export function* logicalLines(source: string): Generator<Line> {
  const text = source.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const open: { closer: string; line: number }[] = [];
  let at = 0;
  let lineNumber = 1;
  let line: Line | undefined;

  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) return undefined;
    at = pattern.lastIndex;
    lineNumber += found[0].split('\n').length - 1;
    return found;
  };

  /** What the string holds, up to its closing quotes, as it is written. */
  const takeBody = (quote: string): string => {
    const begun = lineNumber;
    const from = at;
    for (; !text.startsWith(quote, at); at += 1) {
      if (text[at] === '\\') at += 1;
      if (at >= text.length || (text[at] === '\n' && quote.length === 1 && text[at - 1] !== '\\')) {
        throw new PythonUnreadable(`a string that begins with ${quote} has no end`, begun);
      }
      if (text[at] === '\n') lineNumber += 1;
    }
    at += quote.length;
    return text.slice(from, at - quote.length);
  };

  const takeToken = (): Token => {
    const string = take(STRING)?.groups;
    if (string) return { kind: 'string', value: stringValue(string['prefix'] ?? '', takeBody(string['quote']!)) };
    const number = take(NUMBER)?.[0];
    if (number !== undefined) return { kind: 'number', value: numberValue(number) };
    const name = take(NAME)?.[0];
    if (name !== undefined) return { kind: 'name', text: name };
    const operator = take(OPERATOR)![0];
    const closer = CLOSERS[operator];
    if (closer !== undefined) open.push({ closer, line: lineNumber });
    else if (')]}'.includes(operator) && open.pop()?.closer !== operator) {
      throw new PythonUnreadable(`"${operator}" closes nothing`, lineNumber);
    }
    return { kind: 'op', text: operator };
  };

  while (at < text.length) {
    const space = take(SPACE)?.[0] ?? '';
    if (take(COMMENT) ?? at >= text.length) continue;
    if (text[at] === '\n') {
      take(/\n/y);
      if (open.length > 0) continue;
      if (line) yield line;
      line = undefined;
      continue;
    }
    line ??= { at: lineNumber, indent: columnsOf(space), tokens: [] };
    line.tokens.push(takeToken());
  }
  const unclosed = open.at(-1);
  if (unclosed) throw new PythonUnreadable(`a bracket has no "${unclosed.closer}"`, unclosed.line);
  if (line) yield line;
}

/** A tab goes on to the next column of eight. */
function columnsOf(space: string): number {
  let columns = 0;
  for (const one of space) columns = one === '\t' ? columns - (columns % 8) + 8 : one === ' ' ? columns + 1 : 0;
  return columns;
}

/** @returns undefined for a complex number */
function numberValue(text: string): number | undefined {
  const value = Number(text.replaceAll('_', ''));
  return Number.isNaN(value) ? undefined : value;
}

/** @returns undefined for bytes, for what is computed, and for a character by its name */
function stringValue(prefix: string, body: string): string | undefined {
  if (/[bft]/i.test(prefix)) return undefined;
  if (/r/i.test(prefix)) return body;
  let isKnown = true;
  const value = body.replaceAll(ESCAPE, (whole: string, code: string) => {
    if (/^N\{/.test(code)) isKnown = false;
    return unescaped(code) ?? whole;
  });
  return isKnown ? value : undefined;
}

const ESCAPE = /\\(N\{[^}]*\}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|.|\n)/gsu;
const ESCAPED: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** @returns undefined where it stays as it is written */
function unescaped(code: string): string | undefined {
  if (Object.hasOwn(ESCAPED, code)) return ESCAPED[code];
  const digits = /^[0-7]+$/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16);
  const isNumeric = /^(?:[0-7]+|[xuU][\da-fA-F]{2,8})$/.test(code);
  return isNumeric && digits <= 0x10ffff ? String.fromCodePoint(digits) : undefined;
}
