import { ConfigError, loadConfig } from '../../config';
import { CONNECTION_TYPES } from '../../domain/selection';
import type { PythonSettings } from './files';
import { ANY_NAME, type Assignment, IMPORTED } from './python-assignments';
import type { Literal } from './python-literals';

/** What the Python template's settings are here. */
export interface Imported {
  /** By the names of docs/configuration.md. Keys are in it. */
  settings: Record<string, string>;
  /** What only the JSON file can hold; undefined where nothing needs it. */
  templates: { types: Record<string, { activation: string }> } | undefined;
  /** What has no equivalent, or could not be read. No value is in it. */
  byHand: ByHand[];
}

export interface ByHand {
  /** Where it stands: `config.json`, `globals.py line 7`; empty for a setting of ours. */
  where: string;
  name: string;
  todo: string;
}

/** Of the settings, those that are not shown. */
export const KEYS: readonly string[] = ['CONNECT_API_KEY', 'VENDOR_API_KEY'];

/** The template's own names; those of its first version; and of the vendor's API in its examples. */
const IN_CONFIG: Record<string, string> = {
  connectApiEndpoint: 'CONNECT_API_URL',
  connectApiKey: 'CONNECT_API_KEY',
  apiEndpoint: 'CONNECT_API_URL',
  apiKey: 'CONNECT_API_KEY',
  'partnerConfig.apiUrl': 'VENDOR_API_URL',
  'partnerConfig.apiKey': 'VENDOR_API_KEY',
  'mock_vendor.apiEndpoint': 'VENDOR_API_URL',
};
const NOT_NEEDED: Record<string, string> = {
  rootPathUsage:
    'not needed: a usage file is made in memory and sent. To see one first: connect-processor usage report --dry-run',
  rootPathLog: 'not needed: the log is JSON lines on standard output',
};
const UNKNOWN =
  'not of the template. For your own API there are VENDOR_API_URL and VENDOR_API_KEY; what else your handlers need, they read themselves';

const ANYTHING =
  'what this sets cannot be read without running it, and may be any of the settings: compare each with what the script has when it runs';

/** Which settings here say what the template's say. */
export function importSettings({ config, globals }: PythonSettings): Imported {
  const imported: Imported = { settings: {}, templates: undefined, byHand: [] };
  for (const [name, value] of Object.entries(config)) importConfig(imported, name, value);
  for (const [name, read] of Object.entries(IN_GLOBALS)) {
    const assignment = globals.get(name);
    const where = assignment ? `globals.py line ${assignment.line}` : 'globals.py';
    const note = (todo: string) => void imported.byHand.push({ where, name, todo });
    const value = assignment?.value ?? { literal: undefined };
    if ('literal' in value) read.take(value.literal, imported, note);
    else note(`${value.problem}, so it cannot be read without running it: ${read.byHand}`);
  }
  for (const assignment of globals.values()) importUnknown(imported, assignment);
  imported.byHand.push(...refusals(imported.settings));
  return imported;
}

/** What the processor would say of these settings. */
function refusals(settings: Imported['settings']): ByHand[] {
  try {
    loadConfig(settings);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => {
      const [name = ''] = problem.split(' ');
      return { where: '', name, todo: problem.slice(name.length + 1) };
    });
  }
}

/** @param name with that of the object around it: `partnerConfig.apiUrl` */
function importConfig(imported: Imported, name: string, value: unknown): void {
  const where = 'config.json';
  const here = Object.hasOwn(IN_CONFIG, name) ? IN_CONFIG[name] : undefined;
  if (here !== undefined) {
    if (typeof value === 'string' && value.trim() !== '') imported.settings[here] = value.trim();
    else imported.byHand.push({ where, name, todo: `it is empty, or no text: set ${here} by hand` });
  } else if (Object.hasOwn(NOT_NEEDED, name)) {
    imported.byHand.push({ where, name, todo: NOT_NEEDED[name]! });
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && !name.includes('.')) {
    for (const [inner, one] of Object.entries(value)) importConfig(imported, `${name}.${inner}`, one);
  } else {
    imported.byHand.push({ where, name, todo: UNKNOWN });
  }
}

function importUnknown({ byHand }: Imported, { name, line, value }: Assignment): void {
  if (Object.hasOwn(IN_GLOBALS, name)) return;
  const isImported = 'problem' in value && value.problem === IMPORTED;
  if (isImported && name !== ANY_NAME) return; // a type or a function, which is no setting
  const todo = name === ANY_NAME ? ANYTHING : UNKNOWN;
  byHand.push({ where: `globals.py line ${line}`, name, todo });
}

interface InGlobals {
  /** @param value undefined where the file does not set it */
  take(value: Literal | undefined, imported: Imported, note: (todo: string) => void): void;
  /** What to do where it cannot be read. */
  byHand: string;
}

const TIER_TYPES = ['tier-setup', 'tier-update', 'tier-adjustment'];

/** What each name of the template means here; the templates' names in this order, since one follows from the other. */
const IN_GLOBALS: Record<string, InGlobals> = {
  PRODUCTS: {
    take(value, { settings }, note) {
      const ids = textsIn(value);
      if (ids) settings['CONNECT_PRODUCTS'] = ids.join(',');
      else note('no list of ids: set CONNECT_PRODUCTS by hand');
    },
    byHand: 'set CONNECT_PRODUCTS',
  },
  ENVIRONMENT: {
    take(value, { settings }, note) {
      const types = value === undefined ? CONNECTION_TYPES : textsIn(value);
      if (types) settings['CONNECT_ENVIRONMENTS'] = types.join(',');
      else note('no list of connection types: set CONNECT_ENVIRONMENTS by hand');
      if (value === undefined) {
        note('it is not set, and such a script processes all: take out of CONNECT_ENVIRONMENTS what should wait');
      }
    },
    byHand: 'set CONNECT_ENVIRONMENTS; without it production alone is processed',
  },
  ACTIVATION_TEMPLATE_NAME: {
    take(value, { settings }, note) {
      if (typeof value === 'string' && value !== '') settings['CONNECT_ACTIVATION_TEMPLATE'] = value;
      else if (value !== undefined) note('no name of a template: set CONNECT_ACTIVATION_TEMPLATE by hand');
    },
    byHand: 'set CONNECT_ACTIVATION_TEMPLATE',
  },
  TIER_CONFIG_ACTIVATION_TEMPLATE_NAME: {
    take(value, imported, note) {
      if (value === undefined || value === imported.settings['CONNECT_ACTIVATION_TEMPLATE']) return; // that is of all scopes
      if (typeof value !== 'string' || value === '') {
        return note('no name of a template: set templates.types of the JSON file by hand');
      }
      imported.templates = { types: Object.fromEntries(TIER_TYPES.map((type) => [type, { activation: value }])) };
    },
    byHand: 'set templates.types of the JSON file, for tier-setup, tier-update and tier-adjustment',
  },
  DAY_TO_REPORT_USAGE: {
    take(value, { settings }, note) {
      if (value === undefined) return;
      if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 28) {
        settings['USAGE_DAY'] = String(value);
      } else if (typeof value === 'number' && value > 28 && value <= 31) {
        note('not every month has that day: set USAGE_DAY, 28 at most. The calendar month before is reported');
      } else {
        note(
          'no day of a month, so the script never reported. Leave the hook `usage` out to leave it so; with it, USAGE_DAY is the 5th unless you set it',
        );
      }
    },
    byHand: 'set USAGE_DAY, 1 to 28',
  },
};

/** A list of texts, or one text with commas. @returns undefined for anything else, and where there is none */
function textsIn(value: Literal | undefined): string[] | undefined {
  const list = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(list)) return undefined;
  const texts = list.map((one) => (typeof one === 'string' ? one.trim() : ''));
  return texts.length > 0 && texts.every((text) => text !== '' && !text.includes(',')) ? texts : undefined;
}
