import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { STATE_MACHINES } from '../sandbox/connect/state-machines';

const root = path.join(__dirname, '..');
const page = readFileSync(path.join(root, 'docs/state-machines.md'), 'utf8');

/** The sections of the page, and the prefix of the ids of which each tells. */
const SECTIONS = {
  'Fulfillment requests': 'PR',
  Subscriptions: 'AS',
  'Tier config requests': 'TCR',
  'Tier configurations': 'TC',
  'Usage files': 'UF',
  'Usage records': 'UR',
} as const;

interface Row {
  /** `draft → pending by distributor`, one for each actor. */
  transitions: string[];
  who: string[];
  how: string;
  tests: number[];
}

const inWords = (from: string, to: string, who: string) => `${from} → ${to} by ${who}`;

/** The rows of the tables of a section that begin with these columns. */
function rowsOf(section: string, columns: string): Row[] {
  const text = page.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = text.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const head = lines.findIndex((cells) => cells.join(' ') === columns);
  const after = lines.slice(head + 2);
  const end = after.findIndex((cells) => cells.length === 0);
  return (head < 0 ? [] : after.slice(0, end)).map(([from = '', to = '', actors = '', how = '', tests = '']) => {
    const who = actors.split(', ');
    const [first, second] = [from, to].map((status) => status.replaceAll('`', ''));
    return {
      transitions: who.map((actor) => inWords(first ?? '', second ?? '', actor)),
      who,
      how,
      tests: tests.split(', ').map(Number),
    };
  });
}

const MADE = 'from to who how tests';
const NOT_MADE = 'from to who why the sandbox does not';
const listed = new Map(
  [...page.matchAll(/^(\d+)\. `(\S+)`: (.+)$/gm)].map(([, number, file = '', title = '']) => [
    Number(number),
    { file, title },
  ]),
);

test('every section has its state machine, and every state machine its section', () => {
  expect(Object.values(SECTIONS).sort()).toEqual(Object.keys(STATE_MACHINES).sort());
});

describe.each(Object.entries(SECTIONS))('%s', (section, prefix) => {
  const rows = rowsOf(section, MADE);
  const inSandbox = (STATE_MACHINES[prefix] ?? []).flatMap(([from, to, by]) => by.map((who) => inWords(from, to, who)));

  test('have the transitions that the sandbox makes, each by the same actors', () => {
    expect(rows.flatMap(({ transitions }) => transitions).sort()).toEqual([...inSandbox].sort());
  });

  test('and apart from them those that it does not make', () => {
    const notMade = rowsOf(section, NOT_MADE).flatMap(({ transitions }) => transitions);
    expect(notMade.filter((one) => inSandbox.includes(one))).toEqual([]);
  });

  test('name a test of each, and of what the processor does one with the processor', () => {
    const untested = rows.filter(({ tests }) => !tests.every((number) => listed.has(number)));
    expect(untested).toEqual([]);
    const withoutProcessor = rows
      .filter(({ who, how }) => who.includes('vendor') && !how.toLowerCase().includes('not by the processor'))
      .filter(({ tests }) => tests.every((number) => listed.get(number)?.file.startsWith('test/sandbox/')));
    expect(withoutProcessor).toEqual([]);
  });
});

describe('each test that the page names', () => {
  test.each([...listed.values()])('$file: $title', ({ file, title }) => {
    expect(existsSync(path.join(root, file))).toBe(true);
    const source = readFileSync(path.join(root, file), 'utf8');
    expect([`'${title}'`, `"${title}"`].some((literal) => source.includes(literal))).toBe(true);
  });

  test('is named by a row', () => {
    const used = Object.keys(SECTIONS).flatMap((section) => rowsOf(section, MADE).flatMap(({ tests }) => tests));
    expect([...new Set(used)].sort((a, b) => a - b)).toEqual([...listed.keys()]);
  });
});
