import { expect, test } from '@jest/globals';
import { UsageError } from '../../../src/commands/command';
import { paramsOf } from '../../../src/commands/requests/adjust';

test('a value may hold anything, and be empty', () => {
  expect(paramsOf(['a=b=c', 'd='])).toEqual({ a: 'b=c', d: '' });
});

test('a structure is JSON behind a colon', () => {
  expect(paramsOf(['phone:={"country_code":"+34","extension":"a=b"}', 'text={"a":1}', 'ratio=a:=b'])).toEqual({
    phone: { country_code: '+34', extension: 'a=b' },
    text: '{"a":1}',
    ratio: 'a:=b',
  });
});

test.each(['{', '["+34"]', '"+34"', 'null', ''])('%s is no structure', (value) => {
  const words = 'The value of "phone" is no JSON object: give phone:={"…": …}, or phone=value where it is a text.';
  expect(() => paramsOf([`phone:=${value}`])).toThrow(new UsageError(words));
});

test.each([
  [['x=a', 'x=b'], '"x" is given twice: give one value for each parameter.'],
  [['x'], '"x" is no parameter: give id=value.'],
  [['phone:={}', 'phone=1'], '"phone" is given twice: give one value for each parameter.'],
  [['=x'], '"=x" is no parameter: give id=value.'],
])('%j is refused', (given, words) => {
  expect(() => paramsOf(given)).toThrow(new UsageError(words));
});
