import { expect, jest, test } from '@jest/globals';
import type { Finding } from '../../../src/commands/doctor/finding';
import { checkVendors } from '../../../src/commands/doctor/vendor';
import { approve, placeholder, type PurchaseHandler, type Vendor } from '../../../src/sdk';
import { REQUEST_TYPES } from '../../../src/sdk/handlers';
import { resolveVendor } from '../../../src/sdk/vendor';
import { vendor as example } from '../../../src/vendor';

const purchase: PurchaseHandler = { find: async () => undefined, create: async () => approve() };
const change = async () => approve();
const missing = placeholder('src/mine.ts');

async function findings(vendor: Vendor, exampleAllowed = false): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of checkVendors(new Map([['PRD-1', vendor]]), exampleAllowed)) found.push(finding);
  return found;
}

test('the example without leave to work would park every order: said once, with what to do', async () => {
  const settings = { apiUrl: 'http://127.0.0.1:9', apiKey: 'key', exampleAllowed: false };
  expect(await findings(resolveVendor(example, settings))).toEqual([
    {
      ok: false,
      text: 'all handlers of the vendor are placeholders: every request is parked, none is approved',
      todo: expect.stringMatching(/^The vendor's developer writes them: .* an operator sets EXAMPLE_VENDOR=allow\.$/),
    },
  ]);
});

test('where the example may work, a vendor of placeholders is not told to allow it', async () => {
  const [finding] = await findings({ change: { handle: missing }, tierConfig: missing }, true);
  expect(finding).toMatchObject({ ok: false, todo: expect.not.stringContaining('EXAMPLE_VENDOR') });
});

test.each<[string, Vendor, Finding['ok'], string]>([
  ['purchase, half of it', { purchase: { ...purchase, create: missing }, change }, false, 'purchase'],
  ['change', { purchase, change: missing }, true, 'change'],
  ['less common types', { purchase, renew: missing, revoke: missing }, true, 'renew, revoke'],
  ['two of many', { purchase, change, cancel: missing, tierConfig: { handle: missing } }, true, 'cancel, tierConfig'],
])('placeholders beside handlers are named, and fail where nothing can be bought: %s', async (_, vendor, ok, names) => {
  expect((await findings(vendor))[0]).toEqual({
    ok,
    text: `placeholders stand for the handlers ${names}: such requests are parked`,
    todo: expect.stringContaining("The vendor's developer writes them"),
  });
});

test('every type of request has its handler', async () => {
  const all = { change, suspend: change, resume: change, cancel: change, renew: change, transfer: change };
  const [finding] = await findings({
    purchase,
    ...all,
    adjustment: change,
    revoke: { handle: change },
    tierConfig: change,
  });
  const [names] = /purchase, .*/.exec(finding!.text)!;
  const types = REQUEST_TYPES.map((type) => (type.startsWith('tier-') ? 'tierConfig' : type));
  expect(new Set(names.split(', '))).toEqual(new Set(types));
});

test('a vendor without a handler is noted', async () => {
  expect((await findings({}))[0]).toMatchObject({
    ok: true,
    text: 'the vendor has no handler: every request stays pending in Connect for a person',
    todo: "The vendor's developer writes the first one: docs/write-your-vendor.md.",
  });
});

test('what a vendor without `writes` and `check` hides is noted, and is no failure', async () => {
  expect(await findings({ purchase, change })).toEqual([
    { ok: true, text: 'the vendor has the handlers purchase, change' },
    { ok: true, text: expect.stringContaining('no `writes`'), todo: expect.stringContaining("The vendor's developer") },
    { ok: true, text: expect.stringContaining('no `check`'), todo: expect.stringContaining("The vendor's developer") },
  ]);
});

test('of several vendors each is looked at once, and its findings name its products', async () => {
  let asked = 0;
  const mail: Vendor = { purchase, writes: {}, check: async () => void (asked += 1) };
  const vendors = new Map([
    ['PRD-1', mail],
    ['PRD-2', { change, writes: {} }],
    ['PRD-3', mail],
  ]);
  const found: string[] = [];
  for await (const { text } of checkVendors(vendors, false)) found.push(text);
  expect(found).toEqual([
    'PRD-1, PRD-3: the vendor has the handlers purchase',
    "PRD-1, PRD-3: the vendor's API answers",
    'PRD-2: the vendor has the handlers change',
    expect.stringMatching(/^PRD-2: the vendor has no `check`/),
  ]);
  expect(asked).toBe(1);
});

test('a vendor that has it all is asked, and no handler is called', async () => {
  let calls = 0;
  const called = async () => (calls++, approve());
  const vendor = {
    purchase: { find: called, create: called },
    cancel: called,
    tierConfig: { handle: called },
    writes: {},
    answers: true,
    async check() {
      if (!this.answers) throw new Error('GET /tenant answered 401');
    },
  };
  expect(await findings(vendor)).toEqual([
    { ok: true, text: 'the vendor has the handlers purchase, cancel, tierConfig' },
    { ok: true, text: "the vendor's API answers" },
  ]);
  vendor.answers = false;
  expect((await findings(vendor)).at(-1)).toMatchObject({
    ok: false,
    text: "the vendor's API: GET /tenant answered 401",
  });
  expect(calls).toBe(0);
});

test('an API that never answers is waited for 15 s, whether `check` minds its signal or not', async () => {
  jest.useFakeTimers();
  try {
    let given: AbortSignal | undefined;
    const check = (signal: AbortSignal) => ((given = signal), new Promise<void>(() => undefined));
    const found = findings({ purchase, writes: {}, check });
    await jest.advanceTimersByTimeAsync(15_000);
    expect((await found).at(-1)).toMatchObject({
      ok: false,
      text: "the vendor's API: it has not answered within 15000 ms",
    });
    expect(given?.aborted).toBe(true);
  } finally {
    jest.useRealTimers();
  }
});
