import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type GivenVendors, vendorsOf } from '../../src/commands/vendors';
import { ConfigError, loadConfig } from '../../src/config';
import { approve, type Vendor, type VendorFactory } from '../../src/sdk';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vendors-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const [MAIL, PHONE, FAX] = ['PRD-1', 'PRD-2', 'PRD-3'] as const;
const least = { CONNECT_API_KEY: 'ApiKey SU-000-000-001:abcdef', CONNECT_PRODUCTS: [MAIL, PHONE, FAX].join(',') };
const change = async () => approve();

/** The vendors of the three products, where the file names these modules. */
async function vendorsBy(modules: Record<string, string>, given: Partial<GivenVendors> = {}) {
  const file = path.join(folder, 'processor.json');
  await writeFile(file, JSON.stringify({ ...least, vendors: { products: modules } }));
  return await vendorsOf(loadConfig({ VENDOR_API_KEY: 'key' }, { file }), { vendor: {}, products: {}, ...given });
}
const writeModule = (name: string, text: string) => writeFile(path.join(folder, name), text);

/** A factory that counts how often a vendor was built of it. */
function counted() {
  const builds: Vendor[] = [];
  const factory: VendorFactory = () => {
    builds.push({ change });
    return builds.at(-1)!;
  };
  return { builds, factory };
}

test('one vendor serves all products, and is built once', async () => {
  const { builds, factory } = counted();
  const vendors = await vendorsBy({}, { vendor: factory });
  expect([...vendors]).toEqual([MAIL, PHONE, FAX].map((id) => [id, builds[0]]));
  expect(builds).toHaveLength(1);
});

test('a product has the module that the file names, else the vendor of the code, else the one of all', async () => {
  await writeModule('phone.cjs', `exports.vendor = ({ apiKey }) => ({ writes: { asset: [apiKey] } });`);
  const [mail, fax]: Vendor[] = [{ change }, { cancel: change }];
  const vendors = await vendorsBy(
    { [PHONE]: './phone.cjs' },
    { vendor: mail!, products: { [PHONE]: {}, [FAX]: fax!, 'PRD-9': { resume: change } } },
  );
  expect([...vendors]).toEqual([
    [MAIL, mail],
    [PHONE, { writes: { asset: ['key'] } }],
    [FAX, fax],
  ]);
});

test('a module that serves two products is built once, and a vendor that serves none is not', async () => {
  await writeModule('phone.mjs', `let built = 0; export default () => ({ writes: { asset: [String(++built)] } });`);
  const { builds, factory } = counted();
  const all = { [MAIL]: 'phone.mjs', [PHONE]: './phone.mjs', [FAX]: path.join(folder, 'phone.mjs') };
  const vendors = await vendorsBy(all, { vendor: factory });
  expect(new Set(vendors.values())).toEqual(new Set([{ writes: { asset: ['1'] } }]));
  expect(builds).toHaveLength(0);
});

test('all modules that are no use are said at once, each with its place and what is wrong with it', async () => {
  await writeModule('unfit.cjs', 'exports.vendor = { purchas: 1 };');
  await writeModule('throws.cjs', 'exports.vendor = () => { throw new Error("PHONE_API_KEY is not set"); };');
  const error: unknown = await vendorsBy({
    [MAIL]: './missing.cjs',
    [PHONE]: './unfit.cjs',
    [FAX]: './throws.cjs',
  }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  const place = `${path.join(folder, 'processor.json')}: vendors.products`;
  expect((error as ConfigError).problems).toEqual([
    `${place}.${MAIL}: ${path.join(folder, 'missing.cjs')} is not there: give the path of a module.`,
    expect.stringMatching(
      `^${place}.${PHONE}: ${path.join(folder, 'unfit.cjs')}: The vendor does not fit: "purchas" is not one of `,
    ),
    `${place}.${FAX}: ${path.join(folder, 'throws.cjs')}: PHONE_API_KEY is not set`,
  ]);
});

test('a vendor of the code that is none is refused, with its product; the vendor of all does not step in', async () => {
  const nothing = undefined as unknown as Vendor;
  await expect(vendorsBy({}, { products: { [PHONE]: nothing } })).rejects.toThrow(
    `run(…, { products }): ${PHONE}: The vendor does not fit: it is not an object.`,
  );
  await expect(vendorsBy({}, { products: { phone: {} } })).rejects.toThrow(
    'run(…, { products }): "phone" is no id of a product: one looks like PRD-000-000-000.',
  );
});
