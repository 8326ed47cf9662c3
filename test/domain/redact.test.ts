import { expect, test } from '@jest/globals';
import { createRedactor, redactorOf } from '../../src/domain/redact';

const redact = createRedactor(['ApiKey SU-000-000-001:0123abcdef', 'v"endor\\key', undefined, '', 'ab']);

test.each([
  ['the whole key', 'sent ApiKey SU-000-000-001:0123abcdef', 'sent [redacted]'],
  ['the credential without its scheme', 'token=SU-000-000-001:0123abcdef!', 'token=[redacted]!'],
  ['its last part alone, as often as it is there', '0123abcdef, 0123abcdef', '[redacted], [redacted]'],
  ['a key with signs that JSON writes otherwise', `{"key":${JSON.stringify('v"endor\\key')}}`, '{"key":"[redacted]"}'],
])('takes out %s', (_, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('leaves everything else alone, what happens to look like a short secret too', () => {
  const text = 'the abbot of SU-000-000-001 said: ApiKey';
  expect(redact(text)).toBe(text);
  expect(createRedactor([])(text)).toBe(text);
});

test.each(['pw"S3cret', 'schlüssel', 'a/b', 'x'])(
  'takes out a text as it is and as JSON writes it, however short: %s',
  (text) => {
    const json = JSON.stringify(text).slice(1, -1);
    const twice = JSON.stringify(json).slice(1, -1);
    const [lower, upper] = ['\\u00fc', '\\u00FC'].map((escape) => json.replace('ü', escape));
    const all = [text, json, twice, lower, upper, json.replace('/', '\\/')];
    expect(redactorOf([text])(all.join(' '))).toBe(all.map(() => '[redacted]').join(' '));
  },
);
