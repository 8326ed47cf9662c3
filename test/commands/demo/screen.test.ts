import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, jest, test } from '@jest/globals';
import { plainPurchases } from '../../../sandbox/stories';
import type { Row } from '../../../src/commands/demo/play';
import type * as DemoScreen from '../../../src/commands/demo/screen';

// The package itself is an ES module, which jest does not load; what it is asked to draw is enough here.
jest.mock('log-update', () => ({
  createLogUpdate: (output: NodeJS.WriteStream) =>
    Object.assign((text: string) => output.write(text), { clear: () => undefined, done: () => undefined }),
}));
const { createScreen } = jest.requireActual<typeof DemoScreen>('../../../src/commands/demo/screen');

afterEach(() => void jest.restoreAllMocks());

const row: Row = {
  id: 'PR-1',
  what: 'purchase',
  story: plainPurchases(1),
  expected: 'approved',
  status: 'pending',
  tenants: 1,
  phase: undefined,
  step: undefined,
  placedAt: Date.now(),
  endedAt: undefined,
};

/** What a terminal is sent, and what is printed beside it. */
function terminal(columns: number) {
  const sent: string[] = [];
  const keep = (text: unknown) => (sent.push(String(text)), true);
  jest.spyOn(process.stdout, 'write').mockImplementation(keep);
  const output = { isTTY: true, columns, rows: 24, write: keep } as unknown as NodeJS.WriteStream;
  return { screen: createScreen(output), sent };
}

test('a terminal that says that it has no columns is given plain lines', () => {
  const { screen, sent } = terminal(0);
  screen.show([row]);
  screen.show([row]);
  expect(sent).toEqual([expect.stringMatching(/^PR-1 +purchase +pending .*\n$/)]);
});

test('a picture that has ended stays as it is', () => {
  const { screen, sent } = terminal(80);
  screen.show([row]);
  expect(sent.join('')).toMatch(/PR-1 +purchase +pending/);
  screen.end();
  sent.length = 0;
  screen.show([{ ...row, status: 'approved' }]);
  expect(sent).toEqual([]);
});

test('a line that is wider than the terminal is broken between words', () => {
  const { screen, sent } = terminal(30);
  screen.say('  The file is held back by bad usage records, one of them http://localhost/a-long-address');
  expect(sent).toEqual([
    '  The file is held back by bad\n',
    '    usage records, one of them\n',
    '    http://localhost/a-long-address\n',
  ]);
});

test('a row is no wider than the terminal, and shows where it is cut', () => {
  const { screen, sent } = terminal(78);
  screen.show([{ ...row, story: { ...row.story, name: 'a name of some length' } }]);
  const [line = ''] = sent.join('').split('\n');
  expect(line).toMatch(/ a name of…/);
  expect(stripVTControlCharacters(line)).toHaveLength(77);
});

test('the picture counts those that are to end, and says how many are to be left and how many find no room', () => {
  const { screen, sent } = terminal(80);
  const done = { ...row, status: 'approved', endedAt: Date.now() };
  screen.show([done, { ...row, expected: 'pending' }]);
  expect(sent.join('')).toContain('1 of 1 have ended; 1 to be left pending');
  screen.show(Array.from({ length: 22 }, () => done));
  expect(sent.join('')).toContain('22 of 22 have ended; 1 not shown');
});
