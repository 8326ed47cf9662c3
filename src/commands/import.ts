import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type CommandContext, EXIT } from './command';
import { HIDDEN } from '../domain/redact';
import { readPythonSettings } from './import/files';
import { type ByHand, type Imported, importSettings, KEYS } from './import/settings';
import { print } from './print';

export function importCommand(command: Command, _context: CommandContext, exit: (code: number) => void): Command {
  return command
    .argument('<dir>', 'the folder of the Python project')
    .option('--write <file>', 'write the settings, keys too: as JSON where it ends in .json, else as environment lines')
    .option('--json', 'as JSON, keys hidden')
    .action((folder: string, { write, json }: { write?: string; json?: boolean }) => {
      const python = readPythonSettings(folder);
      const imported = importSettings(python);
      if (write !== undefined) writeSettings(write, imported);
      const shown = { ...imported, settings: withoutKeys(imported.settings) };
      if (json)
        print(JSON.stringify({ read: python.read, ...shown, ...(write !== undefined && { written: write }) }, null, 2));
      else printImported(Object.values(python.read), shown, write);
      if (imported.byHand.some(({ where }) => where === '')) exit(EXIT.failed);
    });
}

function withoutKeys(settings: Imported['settings']): Imported['settings'] {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, KEYS.includes(name) ? HIDDEN : value]),
  );
}

function printImported(read: readonly string[], { settings, templates, byHand }: Imported, written?: string): void {
  for (const file of read) print(`# read: ${file}`);
  for (const line of environmentLines(settings)) print(line);
  if (templates) {
    print('\n# in a JSON file, which CONNECT_PROCESSOR_CONFIG names:');
    print(JSON.stringify({ templates }, null, 2));
  }
  if (byHand.length > 0) print('\nBy hand:');
  for (const one of byHand) print(`  ${sentenceOf(one)}`);
  if (written !== undefined) {
    print(`\n${written} is written, for its owner alone to read.`);
    if (templates && !isJson(written)) print('It lacks what stands in the JSON file only; --write FILE.json has both.');
  } else if (Object.values(settings).includes(HIDDEN)) {
    print('\nKeys are hidden here; --write FILE writes them into a file for its owner alone to read.');
  }
}

function sentenceOf({ where, name, todo }: ByHand): string {
  return where === '' ? `${name} ${todo}` : `${where}: ${name}: ${todo}`;
}

/** @throws Error where the file is there already, or cannot be written */
function writeSettings(file: string, { settings, templates }: Imported): void {
  const unquotable = Object.entries(settings).find(([, value]) => quoted(value) === undefined);
  if (unquotable && !isJson(file)) {
    throw new Error(`No environment line holds the quotes in ${unquotable[0]}: give --write FILE.json.`);
  }
  const text = isJson(file)
    ? JSON.stringify({ ...settings, ...(templates && { templates }) }, null, 2)
    : environmentLines(settings).join('\n');
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is there already. Give another name, or move it away' : code;
    throw new Error(`${file} is not written: ${why}.`, { cause: error });
  }
}

const isJson = (file: string) => file.endsWith('.json');

function environmentLines(settings: Imported['settings']): string[] {
  return Object.entries(settings).map(([name, value]) => `${name}=${quoted(value) ?? JSON.stringify(value)}`);
}

/**
 * As Docker Compose and `node --env-file` both read it: in single quotes nothing means anything else.
 *
 * @returns undefined for a value that cannot be written so
 */
function quoted(value: string): string | undefined {
  if (/^[\w.,:/@+-]*$/.test(value) || value === HIDDEN) return value;
  if (!/['\n\r]/.test(value)) return `'${value}'`;
  return /["$\\\n\r]/.test(value) ? undefined : `"${value}"`;
}
