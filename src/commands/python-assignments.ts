import { type Literal, literalIn } from './python-literals';
import { isOp, logicalLines, type Token } from './python-tokens';

/** What a name is set to, at the top of a file or in the body of a class. */
export interface Assignment {
  name: string;
  /** In the file, from 1. */
  line: number;
  /** Its value, where that can be read without running anything; else why not. */
  value: { literal: Literal } | { problem: string };
}

type Block = { indent: number; kind: 'class' | 'def' | 'other' };

const HEADERS = new Set([
  'class',
  'def',
  'async',
  'if',
  'elif',
  'else',
  'for',
  'while',
  'with',
  'try',
  'except',
  'finally',
]);
const CONDITIONAL = 'it is set under a condition';

/**
 * Reads what a Python file sets, as data: nothing of it is run. Of a name that is set twice, or changed once it is set, both are there, in
 * their order.
 *
 * @throws PythonUnreadable
 */
export function readAssignments(source: string): Assignment[] {
  const assignments: Assignment[] = [];
  let blocks: Block[] = [];
  for (const { at, indent, tokens } of logicalLines(source)) {
    blocks = blocks.filter((block) => block.indent < indent);
    const header = headerOf(tokens, indent);
    if (header) blocks.push(header.block);
    const body = header ? header.rest : tokens;
    if (!blocks.some(({ kind }) => kind === 'def')) {
      const isSure = blocks.every(({ kind }) => kind === 'class');
      for (const statement of splitAt(body, [';'])) {
        const found = [...assignmentsIn(statement), ...changesIn(statement, assignments)];
        assignments.push(
          ...found.map(({ name, value }) => ({ name, line: at, value: isSure ? value : { problem: CONDITIONAL } })),
        );
      }
    }
  }
  return assignments;
}

/** The block that a line opens, and what stands on the same line in it. */
function headerOf(tokens: readonly Token[], indent: number): { block: Block; rest: Token[] } | undefined {
  const [first] = tokens;
  const word = first?.kind === 'name' ? first.text : '';
  if (!HEADERS.has(word) && !isOp(tokens.at(-1), ':')) return undefined; // `match` is no keyword for good
  const kind = word === 'class' ? 'class' : word === 'def' || word === 'async' ? 'def' : 'other';
  const [head = []] = splitAt(tokens, [':']);
  return { block: { indent, kind }, rest: tokens.slice(head.length + 1) };
}

function assignmentsIn(statement: readonly Token[]): Omit<Assignment, 'line'>[] {
  const [first, second] = statement;
  if (first?.kind === 'name' && second?.kind === 'op' && /^(?:[-+*/%&|^@]|\*\*|\/\/|<<|>>)=$/.test(second.text)) {
    return [{ name: first.text, value: { problem: `it is changed by "${second.text}"` } }];
  }
  const parts = splitAt(statement, ['=']);
  if (parts.length < 2) return [];
  const literal = literalIn(parts.at(-1)!);
  const value: Assignment['value'] = literal === undefined ? { problem: 'its value is computed' } : { literal };
  return parts.slice(0, -1).flatMap((target) => {
    const name = nameOf(target);
    if (name !== undefined) return [{ name, value }];
    const names = target.flatMap((token) => (token.kind === 'name' ? [token.text] : []));
    return names.map((one) => ({ name: one, value: { problem: 'it is set together with others, or in part' } }));
  });
}

/** The lists and dictionaries of `before` that a statement may change: by a method, whichever it is, or in part by `del`. */
function changesIn(statement: readonly Token[], before: readonly Assignment[]): Omit<Assignment, 'line'>[] {
  const [first] = statement;
  const isDel = first?.kind === 'name' && first.text === 'del';
  return statement.flatMap((token, at) => {
    if (token.kind !== 'name' || !isChangeable(before.findLast(({ name }) => name === token.text))) return [];
    if (isDel) return [{ name: token.text, value: { problem: 'it is deleted, or in part' } }];
    const method = methodAfter(statement.slice(at + 1));
    return method === undefined ? [] : [{ name: token.text, value: { problem: `".${method}()" is called on it` } }];
  });
}

function isChangeable(assignment: Assignment | undefined): boolean {
  if (!assignment || !('literal' in assignment.value)) return false;
  const { literal } = assignment.value;
  return Array.isArray(literal) || literal instanceof Map;
}

/** Of `.append(…)`, and of `['a'].append(…)`, which changes a list within. */
function methodAfter(tokens: readonly Token[]): string | undefined {
  let at = 0;
  for (let depth = 0; depth > 0 || isOp(tokens[at], '['); at += 1) {
    depth += isOp(tokens[at], '[') ? 1 : isOp(tokens[at], ']') ? -1 : 0;
  }
  const [dot, method, call] = tokens.slice(at);
  return isOp(dot, '.') && method?.kind === 'name' && isOp(call, '(') ? method.text : undefined;
}

/** Of `NAME`, `NAME: list` and `Globals.NAME`. */
function nameOf(target: readonly Token[]): string | undefined {
  const [plain = []] = splitAt(target, [':']);
  const last = plain.at(-1);
  const isName = plain.length === 1 || (plain.length === 3 && isOp(plain[1], '.'));
  return isName && last?.kind === 'name' ? last.text : undefined;
}

/** Cuts where one of the signs stands outside of all brackets, and before any lambda, whose own signs mean something else. */
function splitAt(tokens: readonly Token[], signs: readonly string[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  let isLambda = false;
  for (const token of tokens) {
    if (token.kind === 'op') depth += '([{'.includes(token.text) ? 1 : ')]}'.includes(token.text) ? -1 : 0;
    isLambda ||= token.kind === 'name' && token.text === 'lambda';
    if (depth === 0 && !isLambda && token.kind === 'op' && signs.includes(token.text)) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}
