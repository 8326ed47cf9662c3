import { expect, test } from '@jest/globals';
import { createRedactor, holdsSecret, redactorOf } from '../../src/domain/redact';

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

const SECRET = 'p@ss w/ord+1&2~"ü"<\'😀\\\\(9)';
const basic = (text: string) => Buffer.from(text).toString('base64');
const address = () => new URL(`https://vendor.example/x?key=${SECRET}&b=1#${SECRET}`).href;

test.each([
  ['in a URL', encodeURIComponent(SECRET)],
  ['in a URL that stands in a URL', encodeURIComponent(encodeURIComponent(SECRET))],
  ['in a URL by lower case', encodeURIComponent(SECRET).toLowerCase()],
  ['in a form', new URLSearchParams({ '': SECRET }).toString().slice(1)],
  ['in a URL that JSON holds', JSON.stringify(encodeURIComponent(SECRET)).slice(1, -1)],
  ['in HTML', SECRET.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)],
  ['in HTML by hexadecimal numbers', SECRET.replace(/[&<>"'/]/g, (sign) => `&#x${sign.charCodeAt(0).toString(16)};`)],
  [
    'in HTML by names',
    SECRET.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!),
  ],
  [
    'in JSON that writes signs as numbers',
    SECRET.replace(/[^\w😀]/gu, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
  ],
  ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['in JSON in a text of JSON', JSON.stringify(JSON.stringify(SECRET)).slice(3, -3)],
])('takes out a secret as it is written %s', (_, text) => {
  expect(redactorOf([SECRET])(`a ${text} z`)).toBe('a [redacted] z');
});

test('takes out a secret of an address, of which a URL encodes only what it must', () => {
  expect(redactorOf([SECRET])(address())).toBe('https://vendor.example/x?key=[redacted]&b=1#[redacted]');
});

test.each(['', 'a', 'ab', 'abc', 'user:', 'SU-1:'])(
  'takes a secret out of base64, in both alphabets, after "%s"',
  (before) => {
    const key = 'k?>~ÿ0123456789?>~ÿ';
    for (const after of ['', '!', '!!']) {
      const text = basic(before + key + after);
      for (const spelling of [text, text.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(text)]) {
        const shown = redactorOf([key])(`Basic ${spelling}`);
        const left = shown
          .replace('Basic ', '')
          .replace('[redacted]', '')
          .replace(/(=|%3D)*$/, '');
        expect(shown).toContain('[redacted]');
        expect(left.length).toBeLessThanOrEqual(basic(before).length + 1 + basic(after).length);
      }
    }
  },
);

test('leaves the short beginnings of base64 alone, which stand in any text', () => {
  expect(redactorOf(['pw'])(`cHc= cHc ${basic('p')}`)).toBe(`cHc= cHc ${basic('p')}`);
});

test('of a secret that is longer than a pattern can be nothing is left, nor of what follows', () => {
  const long = '-+/"\\&'.repeat(50_000);
  const hide = redactorOf([long]);
  expect(hide(`refused: ${long} for 9`)).toBe('refused: [redacted]');
  expect(hide(`refused: ${JSON.stringify(long)}`)).toBe('refused: "[redacted]');
  expect(hide('refused: -+/')).toBe('refused: -+/');
});

test('what a secret was taken out of is JSON still', () => {
  const secrets = ['"quoted"', '/path/', '+sign+', '\\back\\'];
  const hide = redactorOf(secrets);
  for (const before of ['', '\\', '\\\\', '"', '/']) {
    for (const secret of secrets) {
      const line = JSON.stringify({ msg: `${before}${secret}.`, deep: JSON.stringify([`${before}${secret}.`]) });
      expect(JSON.stringify(JSON.parse(hide(line)))).toContain('[redacted]');
    }
  }
});

test('a value holds a secret where it cannot be by chance', () => {
  const redact = createRedactor(['test', 'a-key-of-the-vendor']);
  expect(redact('contest-17')).toBe('con[redacted]-17');
  expect(holdsSecret('contest-17', redact)).toBe(false);
  for (const value of [
    'id a-key-of-the-vendor',
    { deep: ['a-key-of-the-vendor'] },
    'contest test test a-key-of-the-vendor test',
  ]) {
    expect([value, holdsSecret(value, redact)]).toEqual([value, true]);
  }
});
