import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { VARIABLES } from '../src/config';
import { FailureType } from '../src/domain/failure-type';
import { REQUEST_TYPES } from '../src/sdk/handlers';
import { runEach } from './support/command-line';

const root = path.join(__dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const filesIn = (folder: string, recursive = true) =>
  readdirSync(path.join(root, folder), { recursive })
    .map((name) => path.join(folder, String(name)))
    .sort();
const documents = [...filesIn('.', false), ...filesIn('docs')].filter((name) => name.endsWith('.md'));
const everything = documents.map(read).join('\n');

/** Without fenced code, in which nothing is a link or a heading. */
const prose = (file: string) => read(file).replace(/^ *```.*?^ *```/gms, '');

/** The anchors that GitHub gives to a page's headings. */
function anchorsOf(file: string): string[] {
  return [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('links', () => {
  const links = documents.flatMap((file) =>
    [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']): [string, string] => [file, target]),
  );

  test.each(links.filter(([, target]) => !/^[a-z]+:/.test(target)))('in %s to %s lead somewhere', (file, target) => {
    const [page = '', anchor] = target.split('#');
    const to = page === '' ? file : path.join(path.dirname(file), page);
    expect(existsSync(path.join(root, to))).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(to)).toContain(anchor);
  });

  test('there are some', () => expect(links.length).toBeGreaterThan(50));
});

describe('paths', () => {
  const elsewhere = ['src/vendor.ts']; // of a vendor's own package
  const paths = [
    ...new Set(
      documents
        .filter((file) => file !== 'CHANGELOG.md') // speaks of the past
        .flatMap((file) => [...prose(file).matchAll(/`((?:src|workflows|activities|sandbox|deploy)\/[\w./-]+)`/g)])
        .map(([, name = '']) => name),
    ),
  ];

  test.each(paths.filter((name) => !elsewhere.includes(name)))('%s exists', (name) => {
    expect(existsSync(path.join(root, name))).toBe(true);
  });
});

describe('settings', () => {
  const firstColumn = [...read('docs/configuration.md').matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
  const inExample = [...read('.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name);

  test.each(VARIABLES)('%s is in configuration.md and in .env.example', (name) => {
    expect(firstColumn).toContain(name);
    expect(inExample).toContain(name);
  });

  test('configuration.md lists the types of request that a template may be set for', () => {
    const [, list = ''] = /^Types: ([^.]+)\./m.exec(read('docs/configuration.md')) ?? [];
    const types = [...list.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
    expect(types).toEqual(REQUEST_TYPES.filter((type) => type !== 'revoke'));
  });

  test('neither names one that does not exist', () => {
    const known = (name = '') => VARIABLES.includes(name) || name.startsWith('TEMPORAL_');
    expect(firstColumn.filter((name) => !known(name))).toEqual([]);
    expect(inExample.filter((name) => !known(name))).toEqual(['POSTGRES_PASSWORD']); // of the Compose file
  });
});

test.each(Object.values(FailureType))('failure type %s has a section in errors.md, and a row', (type) => {
  expect(read('docs/errors.md')).toContain(`\n## ${type}\n`);
  expect(read('docs/errors.md')).toContain(`[${type}](#${type.toLowerCase()})`);
});

test('the vendor that write-your-vendor comes to in step 5 imports what it uses, as its build demands', () => {
  const [, steps = ''] = /\n## 3\. (.*?)\n## The contract/s.exec(read('docs/write-your-vendor.md')) ?? [];
  const code = [...steps.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block = '']) => block).join('');
  const left = code.replace(/^ *change: placeholder.*$/m, ''); // by which step 5 puts its own
  const imports = [...left.matchAll(/^import \{ (.*) \} from '..\/sdk';$/gm)].map(([, names = '']) =>
    names.split(', '),
  );
  const used = left.replace(/^import .*$/gm, '');
  const known = new Set(imports.flat());
  expect(imports.at(-1)).toEqual([...known].filter((name) => used.includes(`${name}(`)));
});

describe('the command line', () => {
  test('every command and every option of it is in the documents', async () => {
    const all = await usages([[]]);
    expect(all.length).toBeGreaterThan(20);
    const missing = all.flatMap(({ words, options }) => [
      ...(mentioned(words) ? [] : [words.join(' ')]),
      ...options.filter((option) => !everything.includes(option)).map((option) => `${words.join(' ')} ${option}`),
    ]);
    expect(missing).toEqual([]);
  }, 30_000);

  interface Usage {
    words: string[];
    options: string[];
  }

  /** Commands with their options, and those below them, as `--help` has them. */
  async function usages(commands: string[][]): Promise<Usage[]> {
    if (commands.length === 0) return [];
    const ran = await runEach(
      commands.map((words) => [...words, '--help']),
      process.env,
    );
    const found = ran.map(({ stdout: help }, at) => {
      const words = commands[at]!;
      const below = [...(help.split('\nCommands:\n')[1] ?? '').matchAll(/^ {2}([a-z]+(?:-[a-z]+)*)/gm)];
      const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option = '']) => option);
      return {
        words,
        options: options.filter((option) => !['--help', '--version'].includes(option)),
        below: below.filter(([, word]) => word !== 'help').map(([, word = '']) => [...words, word]),
      };
    });
    return [...found, ...(await usages(found.flatMap(({ below }) => below)))];
  }

  /** `schedules apply` also as `schedules apply\|show`, in a table. */
  function mentioned([command = '', sub]: string[]): boolean {
    return new RegExp(`connect-processor ${command}${sub === undefined ? '' : `( |[^\\n]*\\|)${sub}\\b`}`).test(
      everything,
    );
  }
});

describe('metrics', () => {
  const metrics = ['src', 'workflows', 'activities']
    .flatMap((folder) => filesIn(folder).filter((name) => name.endsWith('.ts')))
    .flatMap((file) => [...read(file).matchAll(/create(Counter|Histogram|Gauge)\(\s*'(\w+)'/g)])
    .map(([, kind = '', name = '']) => name + { Counter: '_total', Histogram: '_seconds', Gauge: '' }[kind]);

  test.each(metrics)('%s is in operate.md', (name) => {
    expect(read('docs/operate.md')).toContain(`| \`${name}\` `);
  });

  test('there are some', () => expect(metrics.length).toBeGreaterThan(5));

  test('operate.md names no other of ours', () => {
    const named = [...read('docs/operate.md').matchAll(/\bconnect_[a-z_]+/g)].map(([name]) => name);
    expect(named.filter((name) => !metrics.includes(name))).toEqual([]);
  });
});
