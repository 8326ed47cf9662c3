import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { dryRun } from '../../../src/commands/usage/dry-run';
import { loadConfig } from '../../../src/config';
import type { UsageContext, UsageRecord } from '../../../src/sdk/usage';
import { useSandbox } from '../../sandbox/start';

const box = useSandbox();
let folder: string;
let said = '';
/** Told of each line on standard error. */
let hear: () => void = () => undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'usage-dry-run-'));
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => ((said += String(chunk)), hear(), true));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** Until standard error says so. */
const untilSaid = (words: RegExp) =>
  new Promise<void>((resolve) => {
    hear = () => void (words.test(said) && resolve());
    hear();
  });

async function dry(records: (context: UsageContext) => AsyncIterable<UsageRecord>, sayEveryMs?: number) {
  const productId = box.sandbox.products.usage;
  const config = loadConfig({
    CONNECT_API_URL: box.sandbox.connectUrl,
    CONNECT_API_KEY: box.sandbox.vendorKey,
    CONNECT_PRODUCTS: productId,
  });
  return await dryRun(config, { records, timeLimitSeconds: 20 }, { productId, period: '2026-05' }, folder, sayEveryMs);
}

test('while the vendor is silent, a dry run says what it waits for, and how far it has come', async () => {
  const { asset } = await box.control.seedSubscription({ product: box.sandbox.products.usage });
  const record: UsageRecord = { asset, mpn: 'CALLS', quantity: '1' };
  const { workbooks } = await dry(async function* ({ contractId }) {
    await untilSaid(
      contractId
        ? /asked again, for the workbook of CRD-\S+, \d+ s by now\n/
        : /in 2026-05: 0 read so far, \d+ s by now\n/,
    );
    yield record;
  }, 20);
  expect(workbooks).toMatchObject([{ rows: 1 }]);
});

test('what the vendor logs is said without the keys, and commands no terminal', async () => {
  await dry(async function* ({ log }) {
    log.info(`\u001b[31masks for ${box.sandbox.vendorKey}`);
    yield* [];
  });
  expect(said).toBe('\\u001b[31masks for [redacted]\n');
});

test('a dry run that is over soon says nothing', async () => {
  await dry(async function* () {});
  expect(said).toBe('');
});
