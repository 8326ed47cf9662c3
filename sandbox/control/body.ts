import { invalid } from '../connect/errors';
import { LONGEST_MS } from '../limits';

/** What a field of a control call may be, and the sentence that says so. */
interface Field<V> {
  takes: string;
  accepts: (value: unknown) => value is V;
}

/** One for each field of a body. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

/**
 * The body of a control call; one that is empty has no fields.
 *
 * @param required fields that may not be absent
 * @throws ConnectError 400 that names the first field which is not known, is not what it takes, or is missing
 */
export function readBody<T extends object>(
  body: unknown,
  fields: Fields<T>,
  required: readonly (keyof T & string)[] = [],
): T {
  const given = body ?? {};
  if (!isObject(given)) throw invalid('body', 'An object.');
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(fields, name))
      throw invalid(name, `No such field. There are ${Object.keys(fields).join(', ')}.`);
    const { accepts, takes } = fields[name as keyof T];
    if (!accepts(value)) throw invalid(name, takes);
  }
  for (const name of required) {
    if (!Object.hasOwn(given, name)) throw invalid(name, `This field is required. ${fields[name].takes}`);
  }
  return given as T;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0;

export const text: Field<string> = { takes: 'A text.', accepts: isText };
export const flag: Field<boolean> = { takes: 'true or false.', accepts: (value) => typeof value === 'boolean' };
export const anything: Field<unknown> = { takes: 'Anything.', accepts: (_value): _value is unknown => true };
export const milliseconds: Field<number> = {
  takes: `A number of milliseconds, 0 to ${LONGEST_MS}.`,
  accepts: (value): value is number => isAmount(value) && value <= LONGEST_MS,
};
export const texts: Field<string[]> = {
  takes: 'A list of texts.',
  accepts: (value): value is string[] => Array.isArray(value) && value.every(isText),
};
/** As parameters, id to value, and headers. */
export const namedTexts: Field<Record<string, string>> = {
  takes: 'An object of texts.',
  accepts: (value): value is Record<string, string> => isObject(value) && Object.values(value).every(isText),
};

/** @param most the largest that is possible, if one is */
export const whole = (least: number, most = Infinity): Field<number> => ({
  takes: `A whole number, ${most === Infinity ? `${least} or more` : `${least} to ${most}`}.`,
  accepts: (value): value is number => isAmount(value) && Number.isInteger(value) && value >= least && value <= most,
});

export const oneOf = <const V extends string | number>(...values: readonly V[]): Field<V> => ({
  takes: `One of ${values.map((value) => JSON.stringify(value)).join(', ')}.`,
  accepts: (value): value is V => values.some((one) => one === value),
});
