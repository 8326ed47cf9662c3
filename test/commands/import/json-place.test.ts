import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonPlace } from '../../../src/commands/import/json-place';

test.each([
  ['{\n  "a": 1\n  "b": 2\n}', { line: 3, column: 3 }],
  ['{\n  "a": 1,\n}', { line: 3, column: 1 }],
  ["{'a': 1}", { line: 1, column: 2 }],
  ['{"a": "open\n}', { line: 1, column: 7 }],
  ['{"a": 1', { line: 1, column: 8 }],
  ['', { line: 1, column: 1 }],
  ['{} {}', { line: 1, column: 4 }],
  ['{"a": 01}', { line: 1, column: 8 }],
])('%j stops being JSON at %j', (text, place) => {
  expect(jsonPlace(text)).toEqual(place);
});

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('says of every text what JSON.parse says', () => {
  const spoilt = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '\n', '\\', '\u0001', '\u007f', '-', '0', 'x'))
    .map(([text, at, sign]) => text.slice(0, at % (text.length + 1)) + sign + text.slice((at % (text.length + 1)) + 1));
  fc.assert(
    fc.property(fc.oneof(fc.json(), spoilt, fc.string({ unit: 'binary' })), (text) => {
      expect(jsonPlace(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 500 },
  );
});
