import { readFileSync } from 'node:fs';
import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is set, as it stands there. */
export interface Sources {
  /** By the name of the variable; undefined where it is set nowhere. */
  values: Record<string, string | undefined>;
  /** What the file alone has, by its name there; undefined where it has none. */
  parts: Record<string, unknown>;
  /** What is wrong with the places themselves, a line each. */
  problems: string[];
  /** What names the file of a secret that stands in one, by the secret's own variable. */
  namedBy: Record<string, string>;
  /** Variables that are set, or may be, where nobody can read them: it would be wrong to say that they are not set. */
  unread: Set<string>;
}

/**
 * Reads what is set: in the environment, below it in a JSON file, and secrets in files of their own. An empty text, or one of blanks alone, counts as not set.
 *
 * @param options.names of all variables
 * @param options.secrets those of them that may name a file instead, as `…_FILE`
 * @param options.parts names of what may stand in the JSON file alone
 * @param options.file path of the JSON file
 */
export function readSources(
  env: Environment,
  options: { names: readonly string[]; secrets: readonly string[]; parts: readonly string[]; file: string | undefined },
): Sources {
  const sources: Sources = { values: {}, parts: {}, problems: [], namedBy: {}, unread: new Set() };
  if (options.file) readJson(options.file, options, sources);
  for (const name of options.names) {
    const value = setIn(env, name);
    if (value === undefined) continue;
    sources.values[name] = value;
    sources.unread.delete(name);
  }
  for (const name of options.secrets) {
    const file = setIn(env, `${name}_FILE`);
    if (file !== undefined) readSecret(name, file, sources);
  }
  return sources;
}

/** @returns undefined for an empty text and for blanks too */
export function setIn(env: Environment, name: string): string | undefined {
  return env[name]?.trim() ? env[name] : undefined;
}

function readJson(
  file: string,
  { names, secrets, parts }: { names: readonly string[]; secrets: readonly string[]; parts: readonly string[] },
  sources: Sources,
): void {
  const { values, problems, unread } = sources;
  const elsewhere = ['CONNECT_PROCESSOR_CONFIG', ...secrets.map((name) => `${name}_FILE`)];
  try {
    for (const [name, value] of Object.entries(objectIn(textOf(file)))) {
      if (parts.includes(name)) {
        sources.parts[name] = value;
      } else if (elsewhere.includes(name) || name.startsWith('TEMPORAL_')) {
        problems.push(`${file}: ${name} belongs in the environment, where alone it is read`);
      } else if (!names.includes(name)) {
        problems.push(`${file}: ${name}: no such setting`);
      } else if (typeof value === 'string' || typeof value === 'number') {
        if (String(value).trim() !== '') values[name] = String(value);
      } else {
        problems.push(`${file}: ${name} must be a text or a number`);
        unread.add(name);
      }
    }
  } catch (error) {
    problems.push(`${file} cannot be read: ${reasonOf(error)}`);
    names.forEach((name) => unread.add(name));
  }
}

/** @throws Error that says what the text is not */
function objectIn(text: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const object = z.record(z.string(), z.unknown()).safeParse(content);
  if (!object.success) throw new Error('it is no object with names of settings');
  return object.data;
}

function readSecret(name: string, file: string, { values, problems, namedBy, unread }: Sources): void {
  namedBy[name] = `${name}_FILE`;
  if (values[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set: keep one`);
  unread.delete(name); // whatever the JSON file has
  try {
    values[name] = textOf(file).trimEnd();
    if (values[name] !== '') return;
    problems.push(`${name}_FILE names a file that is empty`);
  } catch (error) {
    problems.push(`${name}_FILE cannot be read: ${reasonOf(error)}`);
  }
  values[name] = undefined;
  unread.add(name);
}

/** Without the mark with which some editors begin a file. */
function textOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
}

/** The code of a fault of the file system, such as `ENOENT`, or a sentence of ours. */
function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
