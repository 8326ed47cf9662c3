import { expect, test } from '@jest/globals';
import { roundInWords } from '../../src/commands/schedules';

const round = { sweep: false, started: 3, running: 1, behind: 0, unhandled: 2, troubled: 0, rechecked: 0, held: [] };

test('a round is told by the names of its counts', () => {
  expect(roundInWords(round)).toBe(
    'listed what has changed; 3 started, 1 running, 0 behind, 2 unhandled, 0 troubled, 0 rechecked',
  );
  expect(roundInWords({ ...round, sweep: true })).toMatch(/^listed everything that is pending; /);
  expect(roundInWords({ ...round, sweep: true, overdue: 4 })).toMatch(/, 0 rechecked, 4 overdue$/);
});

test('what a round holds is named, and of many the first ten', () => {
  expect(roundInWords({ ...round, held: ['PR-1', 'TCR-2'] })).toMatch(/; held: PR-1, TCR-2$/);
  const held = Array.from({ length: 250 }, (_, n) => `PR-${n}`);
  expect(roundInWords({ ...round, held })).toMatch(/; held: PR-0, PR-1, .*PR-9, 240 more$/);
});
