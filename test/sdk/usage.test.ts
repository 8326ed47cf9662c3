import { expect, test } from '@jest/globals';
import { defineVendor, type UsageHook, type Vendor } from '../../src/sdk';
import { callFor } from '../../src/sdk/handlers';
import { usageProblems, usageReporting } from '../../src/sdk/usage';
import { resolveVendor } from '../../src/sdk/vendor';

const records: UsageHook = async function* () {};
const voice = { id: 'voice', name: 'Voice', description: '' };

const CATEGORIES = 'usage.categories must be a list of { id, name, description }, each with an id of its own';
const HOOK = 'usage must be a function, or have a function "records"';
const HELD = 'usage.badRecordHoldsBack must be "file" or "record"';
const SECONDS = 'usage.timeLimitSeconds must be more than 0 and at most 3600';

test.each<[string, unknown]>([
  ['a function', records],
  ['an object with nothing else', { records }],
  ['everything', { records, categories: [voice], badRecordHoldsBack: 'record', timeLimitSeconds: 3600 }],
  ['no categories', { records, categories: [] }],
  ['a limit of half a second', { records, timeLimitSeconds: 0.5 }],
  ['what is left undefined', { records, categories: undefined, badRecordHoldsBack: undefined }],
  ["members that are nobody else's business", { records, api: {} }],
])('%s fits', (_, usage) => {
  expect(usageProblems(usage)).toEqual([]);
});

test.each<[unknown, string[]]>([
  [null, [HOOK]],
  [7, [HOOK]],
  ['usage', [HOOK]],
  [{}, [HOOK]],
  [[records], [HOOK]],
  [{ records: 'later' }, [HOOK]],
  [{ records, categories: voice }, [CATEGORIES]],
  [{ records, categories: null }, [CATEGORIES]],
  [{ records, categories: [voice, null] }, [CATEGORIES]],
  [{ records, categories: ['voice'] }, [CATEGORIES]],
  [{ records, categories: [{ id: 'voice', name: 'Voice' }] }, [CATEGORIES]],
  [{ records, categories: [{ ...voice, id: '' }] }, [CATEGORIES]],
  [{ records, categories: [{ ...voice, id: 7 }] }, [CATEGORIES]],
  [{ records, categories: [voice, { ...voice, name: 'Other' }] }, [CATEGORIES]],
  ...['row', '', null, true].map((badRecordHoldsBack): [unknown, string[]] => [
    { records, badRecordHoldsBack },
    [HELD],
  ]),
  ...[0, -1, 3601, Number.NaN, Number.POSITIVE_INFINITY, '60', null].map((timeLimitSeconds): [unknown, string[]] => [
    { records, timeLimitSeconds },
    [SECONDS],
  ]),
  [{ categories: 7, badRecordHoldsBack: 7, timeLimitSeconds: 'x' }, [HOOK, CATEGORIES, HELD, SECONDS]],
])('%j does not fit', (usage, problems) => {
  expect(usageProblems(usage)).toEqual(problems);
});

test('a vendor may report usage, whichever way it is written', () => {
  for (const usage of [records, { records }]) {
    const vendor: Vendor = { usage };
    expect(defineVendor(vendor)).toBe(vendor);
  }
  const reporting = { records, timeLimitSeconds: 60 };
  expect(usageReporting(records)).toEqual({ records });
  expect(usageReporting(reporting)).toBe(reporting);
});

test('what does not fit is said beside the rest of the vendor', () => {
  const vendor = { change: 'later', usage: { records: 7 } } as never;
  expect(() => defineVendor(vendor)).toThrow(
    `The vendor does not fit: change must be a function, or have a function "handle"; ${HOOK}. See docs/write-your-vendor.md.`,
  );
  const settings = { apiUrl: undefined, apiKey: undefined, exampleAllowed: false };
  expect(() =>
    resolveVendor(
      defineVendor(() => ({ usage: null }) as never),
      settings,
    ),
  ).toThrow(HOOK);
});

test('a usage hook answers no request, and may be left out', () => {
  expect(callFor({ usage: records }, 'usage')).toBeUndefined();
  expect(() => defineVendor({ usage: undefined } as never)).not.toThrow();
});
