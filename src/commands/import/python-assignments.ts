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

type Block = { indent: number; kind: 'class' | 'def' | 'other'; name: string };

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
const TWICE = 'it is set in more than one class, or outside of them too';
/** Of a name that `import` sets, which may be anything. */
export const IMPORTED = 'it is imported';
/** Stands for whatever names a statement may set: `from … import *`. */
export const ANY_NAME = '*';
const CHANGED_BY = ['+', '-', '*', '/', '%', '&', '|', '^', '@', '**', '//', '<<', '>>'].map((sign) => `${sign}=`);

/** What a statement sets. `of`: whose it is, where a dotted name says so, `Globals` of `Globals.NAME` */
type Found = Omit<Assignment, 'line'> & { of?: string | undefined };

/**
 * Reads what a Python file sets, as data: nothing of it is run. Of a name that is set twice, or changed once it is set, both are there, in
 * their order; where two classes set it, the second has no value, since nothing says which of them counts.
 *
 * @throws PythonUnreadable
 */
export function readAssignments(source: string): Assignment[] {
  const assignments: Assignment[] = [];
  const setIn = new Map<string, Set<string>>(); // the classes in which each name is set
  let blocks: Block[] = [];
  for (const { at, indent, tokens } of logicalLines(source)) {
    blocks = blocks.filter((block) => block.indent < indent);
    const header = headerOf(tokens, indent);
    if (header) blocks.push(header.block);
    const body = header ? header.rest : tokens;
    if (!blocks.some(({ kind }) => kind === 'def')) {
      const isSure = blocks.every(({ kind }) => kind === 'class');
      const place = blocks.flatMap(({ kind, name }) => (kind === 'class' ? [name] : [])).join('.');
      for (const statement of splitAt(body, [';'])) {
        const set = [...setattrsIn(statement), ...assignmentsIn(statement)];
        for (const { name, of = place } of set) setIn.set(name, (setIn.get(name) ?? new Set()).add(of));
        for (const { name, value } of [...importsIn(statement), ...set, ...changesIn(statement, assignments)]) {
          const isTwice = 'literal' in value && setIn.get(name)!.size > 1;
          const isImport = 'problem' in value && value.problem === IMPORTED; // so it stays under a condition too: no setting
          const problem = isSure || isImport ? (isTwice ? TWICE : undefined) : CONDITIONAL;
          assignments.push({ name, line: at, value: problem === undefined ? value : { problem } });
        }
      }
    }
  }
  return assignments;
}

/** The block that a line opens, and what stands on the same line in it. */
function headerOf(tokens: readonly Token[], indent: number): { block: Block; rest: Token[] } | undefined {
  const [first, second] = tokens;
  const word = first?.kind === 'name' ? first.text : '';
  if (!HEADERS.has(word) && !isOp(tokens.at(-1), ':')) return undefined; // `match` is no keyword for good
  const kind = word === 'class' ? 'class' : word === 'def' || word === 'async' ? 'def' : 'other';
  const [head = []] = splitAt(tokens, [':']);
  const name = kind === 'class' && second?.kind === 'name' ? second.text : '';
  return { block: { indent, kind, name }, rest: tokens.slice(head.length + 1) };
}

/** Of `from … import …` and `import … as …`; a plain `import` sets a module, which is no setting. */
function importsIn(statement: readonly Token[]): Found[] {
  const [first] = statement;
  if (first?.kind !== 'name' || !['from', 'import'].includes(first.text)) return [];
  const words = statement.filter((token) => !isOp(token, '(') && !isOp(token, ')'));
  const from = words.findIndex((token) => token.kind === 'name' && token.text === 'import');
  const value = { problem: IMPORTED };
  return splitAt(words.slice(from + 1), [',']).flatMap((one): Found[] => {
    const last = one.at(-1);
    if (isOp(last, '*')) return [{ name: ANY_NAME, value }];
    const isNamed = first.text === 'from' || one.some((token) => token.kind === 'name' && token.text === 'as');
    return isNamed && last?.kind === 'name' ? [{ name: last.text, value }] : [];
  });
}

/** Of `setattr(Globals, 'NAME', …)`, wherever it stands. */
function setattrsIn(statement: readonly Token[]): Found[] {
  return statement.flatMap((token, at): Found[] => {
    if (token.kind !== 'name' || token.text !== 'setattr' || !isOp(statement[at + 1], '(')) return [];
    const [of = [], name = []] = splitAt(statement.slice(at + 2), [',']);
    const literal = literalIn(name);
    const value = { problem: 'it is set by "setattr()"' };
    return [{ name: typeof literal === 'string' ? literal : ANY_NAME, value, of: nameOf(of) }];
  });
}

function assignmentsIn(statement: readonly Token[]): Found[] {
  const [changed = [], ...amount] = splitAt(statement, CHANGED_BY);
  if (amount.length > 0) {
    const { text: sign } = statement[changed.length] as { text: string };
    return namesOf(changed, { problem: `it is changed by "${sign}"` });
  }
  const parts = splitAt(statement, ['=']);
  if (parts.length < 2) return [];
  const literal = literalIn(parts.at(-1)!);
  const value: Assignment['value'] = literal === undefined ? { problem: 'its value is computed' } : { literal };
  return parts.slice(0, -1).flatMap((target) => namesOf(target, value));
}

function namesOf(target: readonly Token[], value: Assignment['value']): Found[] {
  const name = nameOf(target);
  if (name !== undefined) return [{ name, value, of: ownerOf(target) }];
  const names = target.flatMap((token) => (token.kind === 'name' ? [token.text] : []));
  return names.map((one) => ({ name: one, value: { problem: 'it is set together with others, or in part' } }));
}

/** The lists and dictionaries of `before` that a statement may change: by a method, whichever it is, or in part by `del`. */
function changesIn(statement: readonly Token[], before: readonly Assignment[]): Found[] {
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

/** Of `Globals.NAME`, whose it is. */
function ownerOf([owner, dot]: readonly Token[]): string | undefined {
  return owner?.kind === 'name' && isOp(dot, '.') ? owner.text : undefined;
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
