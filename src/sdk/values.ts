const LONGEST_VALUE = 2048; // Connect: characters of a parameter's value
export const LONGEST_ERROR = 512; // Connect: characters of a parameter's error

/**
 * What is wrong with values that a vendor gives for parameters; empty where they fit.
 *
 * @param values by parameter id; anything, since a vendor's code may be JavaScript
 */
export function valueProblems(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([id, value]) => {
    if (typeof value === 'string') {
      return value.length > LONGEST_VALUE ? [`the value of "${id}" is longer than ${LONGEST_VALUE} characters`] : [];
    }
    if (!isRecord(value)) return [`the value of "${id}" must be a text or an object, not ${describe(value)}`];
    return isJsonObject(value) ? [] : [`the value of "${id}" must be JSON: ${JSON_OBJECT}`];
  });
}

const JSON_OBJECT = 'an object of texts, numbers, true, false, null, lists and objects';
const JSON_TAGS = new Set(
  ['Object', 'Array', 'String', 'Number', 'Boolean', 'Null', 'Undefined'].map((kind) => `[object ${kind}]`),
);

/** False also for what JSON would lose without a word: NaN, a function, a Map, a promise that nobody awaited. */
function isJsonObject(value: object): boolean {
  try {
    const text = JSON.stringify(value, (_, inner: unknown) => {
      const isLost = typeof inner === 'number' && !Number.isFinite(inner);
      if (isLost || !JSON_TAGS.has(Object.prototype.toString.call(inner))) throw new TypeError('it is no JSON');
      return inner;
    });
    return text.startsWith('{');
  } catch {
    return false; // that, a circle, or a bigint
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names a value without showing it: it might be a secret. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return value === undefined
    ? 'nothing'
    : typeof value === 'object'
      ? 'an object of no known kind'
      : `a ${typeof value}`;
}
