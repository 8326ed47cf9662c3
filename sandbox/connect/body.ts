import { invalid } from './errors';

/** The JSON of a call, as it came. */
export type Body = Record<string, unknown>;

/** A text that has to be there. @param most how many characters it may have @throws ConnectError 400 */
export function words(body: Body, name: string, most: number): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw invalid(name, 'This field is required.');
  if (value.length > most) throw invalid(name, `Ensure this field has no more than ${most} characters.`);
  return value;
}

/** An address of http or https that has to be there. @throws ConnectError 400 */
export function address(body: Body, name: string, most: number): string {
  const url = words(body, name, most);
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw invalid(name, 'Enter a valid URL.');
}

/** @throws ConnectError 400 for any that is not among them */
export function oneOf<T extends string>(choices: readonly T[], value: unknown, name: string): T {
  const found = choices.find((one) => one === value);
  if (found === undefined) throw invalid(name, `${JSON.stringify(value)} is not a valid choice.`);
  return found;
}
