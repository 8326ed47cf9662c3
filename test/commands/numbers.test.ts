import { expect, test } from '@jest/globals';
import { between } from '../../src/commands/numbers';

test('a number has a least and a most', () => {
  expect([between(1, 20)('1'), between(1, 20)('20')]).toEqual([1, 20]);
  for (const text of ['21', '0', '-1', '1.5', 'many']) expect(() => between(1, 20)(text)).toThrow('from 1 to 20');
});
