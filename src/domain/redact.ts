/** What stands in place of a value that is known to be a secret, where values are shown one by one. */
export const HIDDEN = '[hidden]';

/** What stands in place of a secret that was found in a text. */
const REDACTED = '[redacted]';

const SHORTEST = 4; // a shorter text would be found in places that have nothing to do with it

/** From so many letters on a secret is found nowhere by chance. */
const CERTAIN = 8;

/** A longer one is known by its beginning, and all that follows goes with it: a pattern of it whole would be too large. */
const LONGEST = 2_000;

/** Takes the secrets that it knows out of a text. */
export type Redact = (text: string) => string;

/**
 * Makes a function that takes secrets out of a text, however they got in: an error of a library, a URL, a header, a body that was echoed.
 *
 * @param secrets as configured; of an API key with a scheme (`ApiKey SU-…:…`) the credential alone is looked for too, and its last part
 */
export function createRedactor(secrets: readonly (string | undefined)[]): Redact {
  const parts = secrets.flatMap((secret) => {
    if (!secret) return [];
    const credential = secret.replace(/^\w+ +/, '');
    return [secret, credential, credential.split(':').at(-1) ?? ''];
  });
  return redactorOf(parts.filter((part) => part.length >= SHORTEST));
}

/** The same for texts that are secrets as they are, however short. */
export function redactorOf(secrets: readonly string[]): Redact {
  const wanted = [...new Set(secrets)].filter(Boolean).sort((a, b) => b.length - a.length);
  if (wanted.length === 0) return (text) => text;
  const found = new RegExp(wanted.flatMap(patterns).join('|'), 'g'); // one for all, since every line of the log goes through it
  return (text) => text.replace(found, REDACTED);
}

/** The same texts, each without secrets. */
export function redactEach(texts: Readonly<Record<string, string>>, redact: Redact): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, redact(text)]));
}

/** Whether a JSON value holds a secret, however deep. A short one may stand in a value by chance, so it does not count. */
export function holdsSecret(value: unknown, redact: Redact): boolean {
  const json = JSON.stringify(value);
  const redacted = redact(json);
  return redacted !== json && longestTaken(json, redacted) >= CERTAIN;
}

/** How many letters of a text stood, at most, where now one secret is taken out. */
function longestTaken(text: string, redacted: string): number {
  const pieces = redacted.split(REDACTED);
  let [at, longest] = [0, 0];
  for (const [n, piece] of pieces.entries()) {
    const begin = n === pieces.length - 1 ? text.length - piece.length : text.indexOf(piece, at);
    longest = Math.max(longest, begin - at);
    at = begin + piece.length;
  }
  return longest;
}

function patterns(secret: string): string[] {
  const beginning = secret.slice(0, LONGEST);
  const found = [spelled(beginning), ...inBase64(beginning)];
  return secret.length > LONGEST ? found.map((pattern) => `${pattern}[^]*`) : found;
}

/** A pattern of the text, each letter in any of its spellings: an encoder leaves some as they are, and not every one the same. */
function spelled(text: string): string {
  const pieces = text.match(/\\+|[^\\]/gu) ?? [];
  return pieces.map((piece) => (piece.startsWith('\\') ? backslashes(piece.length) : letter(piece))).join('');
}

function letter(one: string): string {
  if (/[A-Za-z0-9]/.test(one)) return one; // the same everywhere
  return `(?:${[asItIs(one), ...escapes(one)].join('|')})`;
}

/** All of a row together, as they are or doubled by JSON once or twice: one by one there would be too many ways to count them. */
function backslashes(n: number): string {
  return `(?:\\\\{${4 * n}}|\\\\{${2 * n}}|\\\\{${n}}|(?:${escapes('\\').join('|')}){${n}})`;
}

/** With the backslashes that JSON needs, or may have, before it. Of those before a slash all are taken or none, so that JSON around it stays JSON. */
function asItIs(one: string): string {
  if (one === '"') return '(?:\\\\{3}|\\\\)?"';
  if (one === '/') return '(?:(?<!\\\\)\\\\{1,3})?/';
  return one.replace(/[$()*+.?[\]^{|}]/, '\\$&');
}

const HTML_NAMES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** In JSON, and JSON in a text of JSON; in URLs and forms, and a URL in a URL; in HTML. */
function escapes(one: string): string[] {
  const short = /^\\([bfnrt])$/.exec(JSON.stringify(one).slice(1, -1))?.[1];
  const unit = (code: string) => `\\\\{1,2}u${anyCase(code.charCodeAt(0).toString(16).padStart(4, '0'))}`;
  const byte = (code: number) => `%(?:25)*${anyCase(code.toString(16).padStart(2, '0'))}`;
  const code = one.codePointAt(0) ?? 0;
  const name = HTML_NAMES[one];
  return [
    ...(short ? [`\\\\{1,2}${short}`] : []),
    one.split('').map(unit).join(''),
    [...Buffer.from(one)].map(byte).join(''),
    ...(one === ' ' ? ['\\+'] : []),
    ...(name ? [`&${name};`] : []),
    `&#0*${code};`,
    `&#[xX]0*${anyCase(code.toString(16))};`,
  ];
}

const anyCase = (hex: string) => hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** Patterns of base64 in both its alphabets: what stands for the secret alone, at each of the three places where it may begin. */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2]
    .map((before) => {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
      return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    })
    .filter(({ length }) => length >= SHORTEST)
    .map((core) => core.replace(/[+/]/g, (sign) => `(?:${letter(sign)}|${letter(sign === '+' ? '-' : '_')})`));
}
