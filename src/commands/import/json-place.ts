const SPACE = /[ \t\n\r]*/y;
const KEY = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const SCALAR = new RegExp(`${KEY.source}|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null`, 'uy');

/**
 * Where a text stops being JSON. `JSON.parse` tells the place only now and then, and shows what stands there, which may be a key.
 *
 * @returns line and column from 1; undefined where the whole text is JSON
 */
export function jsonPlace(text: string): { line: number; column: number } | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const takeSign = (sign: string): boolean => {
    take(SPACE);
    if (text[at] !== sign) return false;
    at += 1;
    return true;
  };
  const members = (closer: string, member: () => boolean): boolean => {
    if (takeSign(closer)) return true;
    do if (!member()) return false;
    while (takeSign(','));
    return takeSign(closer);
  };
  const value = (): boolean => {
    if (takeSign('{')) return members('}', () => (take(SPACE), take(KEY)) && takeSign(':') && value());
    if (takeSign('[')) return members(']', value);
    return take(SCALAR);
  };

  if (value() && (take(SPACE), at === text.length)) return undefined;
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
