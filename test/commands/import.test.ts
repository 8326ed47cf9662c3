import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { EXIT } from '../../src/commands/command';
import { importCommand } from '../../src/commands/import';
import { loadConfig } from '../../src/config';
import { templateName } from '../../src/template-name';

const KEY = 'ApiKey SU-000-000-000:a-key-that-nobody-sees';
const CONFIG = { connectApiEndpoint: 'https://connect.example/public/v1', connectApiKey: KEY };
const GLOBALS = `class Globals:
    """ Constants. """
    PRODUCTS = ['PRD-000-000-001', 'PRD-000-000-002']
    ENVIRONMENT = ['preview', 'test']
    DAY_TO_REPORT_USAGE = 3

    ACTIVATION_TEMPLATE_NAME = 'Welcome'
    TIER_CONFIG_ACTIVATION_TEMPLATE_NAME = 'Welcome'
`;

let folder: string;
let output = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'import-'));
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((output += String(chunk)), true));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const inFolder = (name: string) => path.join(folder, name);

/** Lays a project out as the template does. */
function project(config: object | string = CONFIG, globals = GLOBALS): void {
  mkdirSync(inFolder('connect_processor/app/utils'), { recursive: true });
  const text = typeof config === 'string' ? config : JSON.stringify(config, null, 2);
  writeFileSync(inFolder('connect_processor/config.json'), text);
  writeFileSync(inFolder('connect_processor/app/utils/globals.py'), globals);
}

/** @returns its exit code */
function importing(...options: string[]): number {
  let code: number = EXIT.ok;
  const nothing = () => {
    throw new Error('an import needs neither a configuration nor a vendor');
  };
  const command = importCommand(new Command(), { config: nothing, vendors: nothing }, (to) => (code = to));
  command.parse(['node', 'import', folder, ...options]);
  return code;
}

interface Printed {
  settings: Record<string, string>;
  templates?: object;
  byHand: { where: string; name: string; todo: string }[];
}
function imported(...options: string[]): Printed {
  importing('--json', ...options);
  return JSON.parse(output) as Printed;
}

test('prints what the settings are here, the key hidden', () => {
  project();
  expect(importing()).toBe(EXIT.ok);
  expect(output.split('\n').slice(2)).toEqual([
    'CONNECT_API_URL=https://connect.example/public/v1',
    'CONNECT_API_KEY=[hidden]',
    'CONNECT_PRODUCTS=PRD-000-000-001,PRD-000-000-002',
    'CONNECT_ENVIRONMENTS=preview,test',
    'CONNECT_ACTIVATION_TEMPLATE=Welcome',
    'USAGE_DAY=3',
    '',
    'Keys are hidden here; --write FILE writes them into a file for its owner alone to read.',
    '',
  ]);
});

test('no key is printed, in whatever form', () => {
  const vendorKey = 'the-key-of-the-vendor';
  project({ ...CONFIG, partnerConfig: { apiUrl: 'https://vendor.example', apiKey: vendorKey }, token: 'sesame' });
  importing();
  importing('--json');
  importing('--write', inFolder('written.env'));
  expect(output).toContain('VENDOR_API_KEY=[hidden]');
  for (const secret of [KEY.slice(-10), vendorKey, 'sesame']) expect(output).not.toContain(secret);
});

test('what is written as JSON is a configuration, the template of resellers too', () => {
  project(CONFIG, GLOBALS.replace(/'Welcome'\n$/, "'Welcome, reseller'\n"));
  expect(importing('--write', inFolder('settings.json'))).toBe(EXIT.ok);
  const { connect, templates, usageTimes, selections } = loadConfig({}, { file: inFolder('settings.json') });
  expect(connect).toMatchObject({
    url: 'https://connect.example/public/v1',
    apiKey: KEY,
    products: ['PRD-000-000-001', 'PRD-000-000-002'],
  });
  expect(usageTimes).toMatchObject([{ day: 3 }, { day: 3 }]);
  expect(selections['PRD-000-000-001']?.connectionTypes).toEqual(['preview', 'test']);
  const name = (type: string) => templateName(templates, 'activation', 'PRD-000-000-001', type).name;
  expect(['purchase', 'cancel', 'tier-setup', 'tier-update', 'tier-adjustment'].map(name)).toEqual([
    ...['Welcome', 'Welcome', 'Welcome, reseller', 'Welcome, reseller', 'Welcome, reseller'],
  ]);
});

test('what is written as environment lines is read by Node as it was meant, and is a configuration', () => {
  const name = 'Welcome, "dear" $CUSTOMER \\ # 1';
  project(CONFIG, GLOBALS.replaceAll("'Welcome'", JSON.stringify(name)));
  const file = inFolder('.env');
  expect(importing('--write', file)).toBe(EXIT.ok);
  const print = 'process.stdout.write(JSON.stringify(process.env))';
  const { stdout } = spawnSync(process.execPath, [`--env-file=${file}`, '-e', print], { env: {} });
  const config = loadConfig(JSON.parse(stdout.toString()) as Record<string, string>);
  expect(config.connect.apiKey).toBe(KEY);
  expect(config.templates.activation).toBe(name);
});

test('only its owner may read what is written, and nothing is overwritten', () => {
  project();
  const file = inFolder('.env');
  importing('--write', file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const before = readFileSync(file, 'utf8');
  expect(() => importing('--write', file)).toThrow(`${file} is not written: it is there already. Give another name`);
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(() => importing('--write', inFolder('nowhere/.env'))).toThrow('is not written: ENOENT');
});

test('what no environment line can hold is not written as one', () => {
  project(CONFIG, GLOBALS.replaceAll("'Welcome'", String.raw`'It\'s "so"'`));
  expect(() => importing('--write', inFolder('.env'))).toThrow('No environment line holds the quotes in CONNECT_ACTI');
  expect(existsSync(inFolder('.env'))).toBe(false);
  expect(importing('--write', inFolder('a.json'))).toBe(EXIT.ok);
  expect(loadConfig({}, { file: inFolder('a.json') }).templates.activation).toBe('It\'s "so"');
});

test('says where environment lines lack what only the JSON file holds', () => {
  project(CONFIG, GLOBALS.replace(/'Welcome'\n$/, "'Welcome, reseller'\n"));
  importing('--write', inFolder('.env'));
  expect(output).toContain('"tier-setup"');
  expect(output).toMatch(/It lacks what stands in the JSON file only; --write FILE\.json has both\.\n$/);
});

test('a setting that is not of the template is named, without its value', () => {
  project({ ...CONFIG, rootPathUsage: './usage', mock_vendor: { token: 'sesame' } }, `${GLOBALS}    RETRIES = 712\n`);
  const { byHand } = imported();
  expect(byHand).toEqual([
    { where: 'config.json', name: 'rootPathUsage', todo: expect.stringContaining('not needed') },
    { where: 'config.json', name: 'mock_vendor.token', todo: expect.stringContaining('not of the template') },
    { where: 'globals.py line 9', name: 'RETRIES', todo: expect.stringContaining('not of the template') },
  ]);
  expect(output).not.toMatch(/sesame|712/);
});

test('a project as the template makes it, with nothing filled in yet: each is said, and it is no configuration', () => {
  project(
    { connectApiEndpoint: '', connectApiKey: '' },
    GLOBALS.replace(/\[.*'PRD.*\]/, "['PRD-###-###-###']")
      .replace("['preview', 'test']", "'preview'")
      .replace('= 3', "= '#'"),
  );
  expect(importing()).toBe(EXIT.failed);
  expect(output).toContain('CONNECT_ENVIRONMENTS=preview\n');
  for (const words of [
    'config.json: connectApiEndpoint: it is empty, or no text: set CONNECT_API_URL by hand',
    'globals.py line 5: DAY_TO_REPORT_USAGE: no day of a month, so the script never reported.',
    'CONNECT_API_KEY is not set: create a token',
    'CONNECT_PRODUCTS must be ids such as PRD-000-000-000',
  ]) {
    expect(output).toContain(`  ${words}`);
  }
});

test.each([
  ["PRODUCTS = os.environ['PRODUCTS'].split(',')", 'PRODUCTS', /^its value is computed, so .*: set CONNECT_PRODUCTS$/],
  ['PRODUCTS = 7', 'PRODUCTS', /^no list of ids/],
  ["PRODUCTS = ['PRD-1', None]", 'PRODUCTS', /^no list of ids/],
  ["PRODUCTS.append('PRD-2')", 'PRODUCTS', /^"\.append\(\)" is called on it, so .*: set CONNECT_PRODUCTS$/],
  ['PRODUCTS += MORE', 'PRODUCTS', /^it is changed by "\+="/],
  ['ENVIRONMENT = []', 'ENVIRONMENT', /^no list of connection types/],
  ['ENVIRONMENT = get()', 'ENVIRONMENT', /without it production alone is processed$/],
  ['DAY_TO_REPORT_USAGE = 31', 'DAY_TO_REPORT_USAGE', /^not every month has that day/],
  ['DAY_TO_REPORT_USAGE = 0', 'DAY_TO_REPORT_USAGE', /^no day of a month/],
  ['ACTIVATION_TEMPLATE_NAME = None', 'ACTIVATION_TEMPLATE_NAME', /^no name of a template/],
  ["TIER_CONFIG_ACTIVATION_TEMPLATE_NAME = ''", 'TIER_CONFIG_ACTIVATION_TEMPLATE_NAME', /^no name of a template/],
])('%s is for somebody to set', (line, name, todo) => {
  project(CONFIG, `${GLOBALS}    ${line}\n`);
  const { byHand } = imported();
  expect(byHand).toContainEqual({ where: 'globals.py line 9', name, todo: expect.stringMatching(todo) });
});

const UNREAD = /cannot be read without running it/;

test.each([
  ["Globals.PRODUCTS += ['PRD-3']", 'PRODUCTS', /^it is changed by "\+=", so it cannot be read without running it/],
  ["class TestGlobals(Globals):\n    PRODUCTS = ['PRD-3']", 'PRODUCTS', /^it is set in more than one class/],
  ['from local_settings import *', '*', UNREAD],
  ['from local_settings import PRODUCTS', 'PRODUCTS', UNREAD],
  ["setattr(Globals, 'PRODUCTS', ['PRD-3'])", 'PRODUCTS', /^it is set by "setattr\(\)", so it cannot be read/],
])('%s is for somebody to set, and no product is lost or swapped', (lines, name, todo) => {
  project(CONFIG, `from typing import List\n${GLOBALS}\n${lines}\n`);
  const { byHand, settings } = imported();
  const at = lines.startsWith('class') ? 12 : 11;
  expect(byHand).toContainEqual({ where: `globals.py line ${at}`, name, todo: expect.stringMatching(todo) });
  expect(byHand.map((one) => one.name)).not.toContain('List');
  if (name === 'PRODUCTS') expect(settings['CONNECT_PRODUCTS']).toBeUndefined();
});

test('an import is no setting, under a condition neither; whatever it may set still is for somebody to set', () => {
  const lines = [
    'try:',
    '    from a import A',
    'except ImportError:',
    '    from b import A, B',
    'if C:',
    '    import c as D',
  ];
  project(CONFIG, [GLOBALS, ...lines, '    from d import *', ''].join('\n'));
  const names = imported().byHand.map(({ name }) => name);
  expect(names).toContain('*');
  for (const name of ['A', 'B', 'D']) expect(names).not.toContain(name);
});

test('a file that is not UTF-8 is refused, and nothing of it is garbled', () => {
  project();
  const file = inFolder('connect_processor/app/utils/globals.py');
  writeFileSync(file, Buffer.from(`# -*- coding: latin-1 -*-\n${GLOBALS.replace('Welcome', 'Grüße')}`, 'latin1'));
  expect(() => importing()).toThrow(/globals\.py is not UTF-8\. Save it as UTF-8, .* and run this again\.$/);
});

test('a script without ENVIRONMENT processes all, and so do the settings', () => {
  project(CONFIG, GLOBALS.replace(/ +ENVIRONMENT.*\n/, ''));
  const { settings, byHand } = imported();
  expect(settings['CONNECT_ENVIRONMENTS']).toBe('production,test,preview');
  expect(byHand).toEqual([
    { where: 'globals.py', name: 'ENVIRONMENT', todo: expect.stringContaining('processes all') },
  ]);
});

test('an environment that Connect does not have is said in the words of the configuration', () => {
  project(CONFIG, GLOBALS.replace("['preview', 'test']", "['staging']"));
  expect(importing()).toBe(EXIT.failed);
  expect(output).toMatch(/^ {2}CONNECT_ENVIRONMENTS must be connection types of Connect: production, test, preview/m);
});

test('the first version of the template has other names', () => {
  project({ apiEndpoint: CONFIG.connectApiEndpoint, apiKey: KEY }, GLOBALS);
  expect(imported().settings).toMatchObject({
    CONNECT_API_URL: CONFIG.connectApiEndpoint,
    CONNECT_API_KEY: '[hidden]',
  });
});

test('the folder connect_processor itself will do', () => {
  project();
  folder = inFolder('connect_processor');
  expect(importing()).toBe(EXIT.ok);
  folder = path.dirname(folder);
});

test.each([
  [
    '{\n  "connectApiKey": "ApiKey SU-1:secret"\n  "a": 1\n}',
    /config\.json is not JSON: see line 3, column 3\. Mend it/,
  ],
  ['[]', /config\.json is no object with names of settings\. Mend it/],
])('a broken config.json is named, with the place and without what stands there', (text, words) => {
  project(text);
  expect(() => importing()).toThrow(words);
});

test('a broken globals.py is named, with its line', () => {
  project(CONFIG, "class Globals:\n    PRODUCTS = ['PRD-1'\n");
  expect(() => importing()).toThrow(/globals\.py is not Python: line 2: a bracket has no "\]"\. Mend it/);
});

test('a folder or a file that is not there is said, with the places that were looked at', () => {
  expect(() => importing()).toThrow(
    /has no config\.json; looked for connect_processor\/config\.json, config\.json\. Give/,
  );
  project();
  rmSync(inFolder('connect_processor/app'), { recursive: true });
  expect(() => importing()).toThrow(/has no globals\.py; looked for connect_processor\/app\/utils\/globals\.py, /);
  rmSync(inFolder('connect_processor/config.json'));
  mkdirSync(inFolder('connect_processor/config.json'));
  mkdirSync(inFolder('globals.py'));
  expect(() => importing()).toThrow(/config\.json cannot be read: EISDIR\. Let this user read it/);
  const there = folder;
  folder = inFolder('nowhere');
  expect(() => importing()).toThrow(/nowhere is not there: give the folder of your Python project/);
  folder = there;
});
