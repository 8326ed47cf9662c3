import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readAssignments } from '../../../src/commands/import/python-assignments';
import type { Literal } from '../../../src/commands/import/python-literals';
import { PythonUnreadable } from '../../../src/commands/import/python-tokens';

/** What each name is at the end, as Python has it: the last counts. */
const read = (source: string) =>
  Object.fromEntries(
    readAssignments(source).map(({ name, value }) => [name, 'literal' in value ? value.literal : value]),
  );
const problem = (words: string) => ({ problem: expect.stringContaining(words) });

describe('literals', () => {
  test.each<[string, Literal]>([
    ["'a'", 'a'],
    ['"it\'s"', "it's"],
    ['""" two\nlines """', ' two\nlines '],
    ["'''it's \"so\"'''", 'it\'s "so"'],
    ["'a' \"b\" '''c'''", 'abc'],
    ["('a'\n   'b')", 'ab'],
    ["'# no comment'  # a comment", '# no comment'],
    [String.raw`'\t\\\'\"\x41\u00e9\U0001F600\101\d'`, '\t\\\'"A\u00e9\u{1F600}A\\d'],
    [String.raw`r'\d+\''`, String.raw`\d+\'`],
    ["u'a'", 'a'],
    ["'one \\\ntwo'", 'one two'],
    ['1', 1],
    ['-1_000', -1000],
    ['+.5', 0.5],
    ['1e3', 1000],
    ['0x1F', 31],
    ['0o17', 15],
    ['0b101', 5],
    ['True', true],
    ['False', false],
    ['None', null],
    ['[]', []],
    ["['a', # one\n 'b',\n]", ['a', 'b']],
    ["('a',)", ['a']],
    ["('a')", 'a'],
    ['()', []],
    ["'a', 'b'", ['a', 'b']],
    ["{'a', 'b'}", ['a', 'b']],
    ['{}', new Map()],
    [
      "{'a': [1, {'b': None}], 2: ()}",
      new Map<Literal, Literal>([
        ['a', [1, new Map([['b', null]])]],
        [2, []],
      ]),
    ],
    ['1 + \\\n 1', problem('computed') as unknown as Literal],
  ])('NAME = %s', (text, value) => {
    expect(read(`NAME = ${text}\nLAST = 1`)).toEqual({ NAME: value, LAST: 1 });
  });

  test.each([
    ...['1 + 1', "'a' + 'b'", "'a' % 1", 'other', "os.environ['A']", 'f()', "f'{a}'", "rf'{a}'", "b'a'", '1j', '...'],
    ...['[x for x in y]', "'a' if b else 'c'", 'lambda a=1: a', 'not True', '[1 2]', '[,]', '{1: 2, 3}', '', '-True'],
    ...[String.raw`'\N{BULLET}'`, '[*a]', '{**a}', 'a[1:2]', '`a`', '01a'],
  ])('NAME = %s is no literal, and does not hide what follows', (text) => {
    expect(read(`NAME = ${text}\nLAST = 1`)).toMatchObject({ NAME: problem('computed'), LAST: 1 });
  });
});

describe('statements', () => {
  test('the body of a class, annotations, chains and semicolons are read', () => {
    const source = `
import os
class Globals(object):
    """ A = 1
    B = 2 """
    # C = 3
    D: int = 4
    E = F = 5; G = 6
\tclass Inner: H = 7
Globals.I = 8
if J == 9: pass
K: int
`;
    expect(read(source)).toEqual({ D: 4, E: 5, F: 5, G: 6, H: 7, I: 8 });
  });

  test('what a function sets is its own', () => {
    expect(read('def f(a=1):\n    B = 2\n    if a:\n        C = 3\nasync def g(): D = 4\nE = 5')).toEqual({ E: 5 });
  });

  test('what is set under a condition is not known', () => {
    const source = 'A = 1\nif x:\n    A = 2\nelse: B = 3\nmatch y:\n    case 1:\n        C = 4\nD = 5';
    expect(read(source)).toEqual({ A: problem('condition'), B: problem('condition'), C: problem('condition'), D: 5 });
  });

  test('what is changed, or set together with others or in part, is not known', () => {
    expect(read("A = ['a']\nA += ['b']\nB, C = 1, 2\nD = {}\nD['a'] = 1\nE = 6")).toEqual({
      A: problem('+='),
      B: problem('together'),
      C: problem('together'),
      D: problem('in part'),
      E: 6,
    });
  });

  test.each([
    ["A.append('b')", '.append()'],
    ["Globals.A.extend(['b'])", '.extend()'],
    ["A.insert(0, 'b'); C = 1", '.insert()'],
    ["D['list'].append('b')", '.append()'],
    ["D['a']['b'].update(\n  c=1)", '.update()'],
    ['B = A.pop() if len(A) > 1 else None', '.pop()'],
    ['[A.append(one) for one in others]', '.append()'],
    ['del A[0]', 'deleted'],
    ['for one in others: A.append(one)', 'condition'],
    ['if x:\n    A.append(one)', 'condition'],
  ])('what is changed once it is set is not known: %s', (statement, words) => {
    const name = statement.startsWith('D') ? 'D' : 'A';
    const source = `A: List[str] = ['a']\nD = {'list': []}\n${statement}\nLAST = 1`;
    expect(read(source)).toMatchObject({ A: ['a'], D: new Map([['list', []]]), [name]: problem(words), LAST: 1 });
  });

  test.each([
    ["Globals.A += ['b']", '+='],
    ["Globals.A[0] += 'b'", 'in part'],
    ["class Others(Globals):\n    A = ['b']", 'more than one class'],
    ["A = ['b']", 'more than one class'],
    ["Others.A = ['b']", 'more than one class'],
    ['from others import B, A', 'imported'],
    ["setattr(Globals, 'A', ['b'])", 'setattr()'],
  ])('what another statement sets, of a class or outside of it, is not known: %s', (statement, words) => {
    expect(read(`class Globals:\n    A = ['a']\n${statement}\nLAST = 1`)).toMatchObject({ A: problem(words), LAST: 1 });
  });

  test('what is set anew in the same class, or by its name, is known', () => {
    expect(read('class Globals:\n    if x:\n        A = 1\n    A = 2')).toEqual({ A: 2 });
    expect(read("class Globals:\n    A = ['a']\n    A = ['b']\nGlobals.A = ['c']")).toEqual({ A: ['c'] });
    expect(read('from others import A\nclass Globals:\n    A = 1')).toEqual({ A: 1 });
    const twice = 'class Others:\n    A = f()\nclass Globals:\n    A = 1\n    A = 2';
    expect(read(twice)).toEqual({ A: problem('more than one class') });
  });

  test('what is imported under a name of its own is not known; a module is no setting', () => {
    const source = 'from .a import (A, b as B,\n)\nimport c as C, os\nimport json\nLAST = 1';
    const imported = { problem: 'it is imported' };
    expect(read(source)).toEqual({ A: imported, B: imported, C: imported, LAST: 1 });
    expect(read('from a import *')).toEqual({ '*': imported });
    const tried = 'try:\n    from a import A\nexcept ImportError:\n    from b import A\nif X: import c as C';
    expect(read(tried)).toEqual({ A: imported, C: imported });
    expect(read('for name in b: setattr(Globals, name, 1)')).toEqual({ '*': problem('condition') });
  });

  test('what is only read, cannot change, or is set anew afterwards is known', () => {
    const source = `
import logging
logging.basicConfig()
A = ['a']
print(A)
B = 'b'
B.strip()
C = ['c']
C.append(A[0])
C = ['d']
def f(): A.append('b')
`;
    expect(read(source)).toEqual({ A: ['a'], B: 'b', C: ['d'] });
  });

  test('of a name that is set twice the last counts, with its line', () => {
    expect(readAssignments('A = 1\n\nA = (\n  2\n)\nB = 3')).toEqual([
      { name: 'A', line: 1, value: { literal: 1 } },
      { name: 'A', line: 3, value: { literal: 2 } },
      { name: 'B', line: 6, value: { literal: 3 } },
    ]);
  });

  test('line ends of Windows, a byte order mark, tabs and form feeds are no matter', () => {
    expect(read('\uFEFFclass Globals:\r\n\tA = 1\r\n\f\tB = "x"\r\n')).toEqual({ A: 1, B: 'x' });
  });
});

test.each([
  ['A = 1\nB = "open\nC = 3', 'line 2: a string that begins with " has no end'],
  ['A = """open\n\n', 'line 1: a string that begins with """ has no end'],
  ['A = [1,\nB = 2\n', 'line 1: a bracket has no "]"'],
  ['A = 1\nB = (2]', 'line 2: "]" closes nothing'],
  ["A = '\\", "line 1: a string that begins with ' has no end"],
])('%j is not Python', (source, words) => {
  expect(() => readAssignments(source)).toThrow(
    new PythonUnreadable(words.replace(/^line \d+: /, ''), Number(words[5])),
  );
});

describe('whatever the file', () => {
  const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null));
  const { literal } = fc.letrec<{ literal: Literal }>((tie) => ({
    literal: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('literal'), { maxLength: 4 }),
      fc.array(fc.tuple(fc.string(), tie('literal')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  }));
  /** White space, line ends and comments, which mean nothing within brackets. */
  const gap = fc.constantFrom('', ' ', '\n', '\t', ' # a [ comment "\n', ' \\\n');

  /** A literal as somebody might have written it. */
  function written(value: Literal, gaps: () => string, quote: () => string): string {
    const list = (values: string[]) => values.map((one) => `${gaps()}${one}${gaps()}`).join(',');
    if (Array.isArray(value)) return `[${list(value.map((one) => written(one, gaps, quote)))}]`;
    if (value instanceof Map) {
      const entries = [...value].map(
        ([key, one]) => `${written(key, gaps, quote)}${gaps()}:${gaps()}${written(one, gaps, quote)}`,
      );
      return `{${list(entries)}}`;
    }
    if (typeof value === 'string') return quoted(value, quote());
    return value === null ? 'None' : value === true ? 'True' : value === false ? 'False' : String(value);
  }

  function quoted(text: string, quote: string): string {
    const body = text.replaceAll('\\', '\\\\').replaceAll(quote[0]!, `\\${quote[0]!}`);
    const lines =
      quote.length === 3 ? body.replaceAll('\r', '\\r') : body.replaceAll('\n', '\\n').replaceAll('\r', '\\r');
    return `${quote}${lines}${quote}`;
  }

  test('a literal is read as it was meant, however it is laid out and quoted', () => {
    const layout = fc.record({
      gaps: fc.infiniteStream(gap),
      quotes: fc.infiniteStream(fc.constantFrom("'", '"', "'''", '"""')),
    });
    fc.assert(
      fc.property(literal, layout, (value, { gaps, quotes }) => {
        const text = written(
          value,
          () => gaps.next().value,
          () => quotes.next().value,
        );
        expect(read(`class Globals:\n    A = (${text})\n    B = 2`)).toEqual({ A: value, B: 2 });
      }),
    );
  });

  test('it is read, or said not to be Python', () => {
    const piece = fc.constantFrom(...'A = [ ] ( ) { } \' " """ \\ \n # : ; , 1 def class if r" f" \t'.split(' '), ' ');
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 }))), (pieces) => {
        try {
          readAssignments(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(PythonUnreadable);
        }
      }),
    );
  });

  test('brackets as deep as somebody likes end in no crash', () => {
    expect(read(`A = ${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toEqual({ A: problem('computed') });
  });
});
