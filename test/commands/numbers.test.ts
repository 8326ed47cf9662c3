import { expect, test } from '@jest/globals';
import { atMost } from '../../src/commands/numbers';

test('a number has a most', () => {
  expect([atMost(20)('0'), atMost(20)('20')]).toEqual([0, 20]);
  for (const text of ['21', '-1', '1.5', 'many']) expect(() => atMost(20)(text)).toThrow('from 0 to 20');
});
