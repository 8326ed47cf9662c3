import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startWorkerProcess } from '../../src/commands/worker-process';
import { run } from '../support/command-line';
import { useStack } from './use-stack';

/*
 * A vendor's own repository, with the packed product in its node_modules. The package's dependencies are linked from this checkout, so nothing is
 * fetched; that none of them is a development dependency is a rule of scripts/boundaries.cjs.
 */
const root = path.join(__dirname, '../..');
const repository = realpathSync(mkdtempSync(path.join(tmpdir(), 'a-vendor-')));
const installed = path.join(repository, 'node_modules/connect-processor');
const processor = useStack({ worker: false, vendors: async () => new Map() }); // whose vendor reports no usage

beforeAll(() => {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', repository], { cwd: root });
  const [{ filename }] = JSON.parse(packed.toString()) as [{ filename: string }];
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', path.join(repository, filename), '--strip-components=1', '-C', installed]);
  symlinkSync(path.join(root, 'node_modules'), path.join(installed, 'node_modules'));
  writeFileSync(path.join(repository, 'vendor.ts'), VENDOR);
  writeFileSync(path.join(repository, 'tsconfig.json'), JSON.stringify(TSCONFIG));
}, 60_000);
afterAll(() => rmSync(repository, { recursive: true, force: true }));

const VENDOR = `
import { approve, defineVendor, run } from 'connect-processor';
import { type PurchaseHandler, type Vendor } from 'connect-processor/sdk';

const purchase: PurchaseHandler = {
  find: async () => undefined,
  create: async (request) => approve({ subscription_id: \`from-outside-\${request.asset.id}\` }),
};
const other = (): Vendor => ({
  purchase: { find: async () => undefined, create: async () => approve({ subscription_id: 'of-the-other' }) },
});
void run(defineVendor({ purchase, writes: { asset: ['subscription_id'] } }), { products: { 'PRD-100-000-003': other } });
`;
const TSCONFIG = {
  compilerOptions: { module: 'node20', target: 'es2022', strict: true, types: [], outDir: 'dist', skipLibCheck: false },
  files: ['vendor.ts'],
};

test('a vendor in a repository of its own compiles against the package, and its worker approves', async () => {
  execFileSync(process.execPath, [path.join(root, 'node_modules/typescript-7/bin/tsc'), '-p', repository]);
  const main = path.join(repository, 'dist/vendor.js');
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  expect(await run(['--version'], processor.stack.env, main)).toMatchObject({ code: 0, stdout: `${version}\n` });
  const plain = { ...processor.stack.env, CONNECT_PRODUCTS: processor.stack.sandbox.products.plain };
  expect((await run(['doctor'], plain, main)).stdout).not.toContain('WRONG');

  const log = path.join(processor.stack.folder, 'outside.log');
  const worker = await startWorkerProcess(processor.stack.env, log, [], main);
  const order = await processor.control.placePurchase();
  expect(await processor.control.untilSettled(order.id)).toBe('approved');
  const { body } = await processor.control.connect('GET', `/requests/${order.id}`);
  expect(JSON.stringify(body)).toContain(`from-outside-${order.asset.id}`);

  const { id } = await processor.control.placePurchase({ product: processor.stack.sandbox.products.faulty });
  expect(await processor.control.untilSettled(id)).toBe('approved');
  const of = await processor.control.connect('GET', `/requests/${id}`);
  expect(JSON.stringify(of.body)).toContain('of-the-other');
  await worker.stop();
}, 60_000);

test('the packed command takes the vendor’s own module', async () => {
  const file = path.join(repository, 'handlers.cjs');
  writeFileSync(
    file,
    `const { approve, defineVendor } = require('connect-processor');
     exports.vendor = defineVendor({ cancel: async () => approve() });`,
  );
  const bin = path.join(installed, 'dist/src/main.js');
  const order = await processor.control.placePurchase();
  const { stdout } = await run(['--vendor', file, 'requests', 'list', '--unhandled'], processor.stack.env, bin);
  expect(stdout).toContain(order.id); // this vendor has no purchase, unlike the example that ships with the package
});

test('the package holds what runs and what explains it, and nothing of the tests', () => {
  const files = execFileSync('tar', ['-tzf', path.join(repository, `connect-processor-${version()}.tgz`)]).toString();
  for (const needed of [
    'dist/workflow-bundle.js',
    'dist/sandbox/main.js',
    'docs/write-your-vendor.md',
    'README.md',
    'LICENSE',
  ]) {
    expect(files).toContain(`package/${needed}\n`);
  }
  expect(files).not.toMatch(/package\/(dist\/)?(test|bench)\//);
});

test('what the packed documents link to is packed too', () => {
  const documents = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const links = documents.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
      .filter(([, target = '']) => !/^[a-z]+:/.test(target))
      .map(([, target = '']) => path.relative(installed, path.join(path.dirname(file), target))),
  );
  expect(links.length).toBeGreaterThan(50);
  expect([...new Set(links)].filter((target) => !existsSync(path.join(installed, target)))).toEqual([]);
});

function version(): string {
  return (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
