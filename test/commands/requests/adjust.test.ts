import { expect, test } from '@jest/globals';
import { UsageError } from '../../../src/commands/command';
import { paramsOf } from '../../../src/commands/requests/adjust';

test('a value may hold anything, and be empty', () => {
  expect(paramsOf(['a=b=c', 'd='])).toEqual({ a: 'b=c', d: '' });
});

test.each([
  [['x=a', 'x=b'], '"x" is given twice: give one value for each parameter.'],
  [['x'], '"x" is no parameter: give id=value.'],
  [['=x'], '"=x" is no parameter: give id=value.'],
])('%j is refused', (given, words) => {
  expect(() => paramsOf(given)).toThrow(new UsageError(words));
});
