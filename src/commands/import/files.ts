import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { jsonPlace } from './json-place';
import { type Assignment, readAssignments } from './python-assignments';
import { PythonUnreadable } from './python-tokens';

/** What the Python template keeps its settings in. */
export interface PythonSettings {
  /** Paths of the two files. */
  read: { config: string; globals: string };
  config: Record<string, unknown>;
  /** Of a name that is set twice, the last. */
  globals: Map<string, Assignment>;
}

/** Where the template has them, seen from the folder of the project, or from `connect_processor` in it. */
const PLACES = {
  config: ['connect_processor/config.json', 'config.json'],
  globals: [
    ...['connect_processor/app/utils/globals.py', 'app/utils/globals.py'],
    ...['connect_processor/utils/globals.py', 'utils/globals.py', 'globals.py'],
  ],
};

/**
 * Reads both files as data; nothing of them is run.
 *
 * @throws Error that says of which file what is wrong, and what to do; no value is shown
 */
export function readPythonSettings(folder: string): PythonSettings {
  if (!existsSync(folder)) throw new Error(`${folder} is not there: give the folder of your Python project.`);
  const read = { config: placeOf(folder, 'config'), globals: placeOf(folder, 'globals') };
  return { read, config: configIn(read.config), globals: globalsIn(read.globals) };
}

function placeOf(folder: string, what: keyof typeof PLACES): string {
  const found = PLACES[what].map((place) => path.join(folder, place)).find(existsSync);
  if (found !== undefined) return found;
  const name = path.basename(PLACES[what][0]!);
  throw new Error(
    `${folder} has no ${name}; looked for ${PLACES[what].join(', ')}. Give the folder of a project made from the template, or put the file there.`,
  );
}

function configIn(file: string): Record<string, unknown> {
  const text = textOf(file).replace(/^\uFEFF/, '');
  const place = jsonPlace(text);
  if (place) {
    throw new Error(
      `${file} is not JSON: see line ${place.line}, column ${place.column}. Mend it, and run this again.`,
    );
  }
  const content = JSON.parse(text) as unknown;
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  throw new Error(`${file} is no object with names of settings. Mend it, and run this again.`);
}

function globalsIn(file: string): PythonSettings['globals'] {
  try {
    return new Map(readAssignments(textOf(file)).map((assignment) => [assignment.name, assignment]));
  } catch (error) {
    if (!(error instanceof PythonUnreadable)) throw error;
    throw new Error(`${file} is not Python: ${error.message}. Mend it, and run this again.`, { cause: error });
  }
}

function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const why =
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
        ? 'is not UTF-8. Save it as UTF-8, without the line that names another coding,'
        : `cannot be read: ${code}. Let this user read it,`;
    throw new Error(`${file} ${why} and run this again.`, { cause: error });
  }
}
