import type { ConnectClient } from '../src/connect/client';
import { MOST_ROWS, type UsageRow, usageWorkbook } from '../src/connect/usage-workbook';
import { FailureType } from '../src/domain/failure-type';
import type { Redact } from '../src/domain/redact';
import type { Selection } from '../src/domain/selection';
import {
  type BadUsage,
  type CollectedUsage,
  type CountedUsage,
  MOST_BAD_USAGE,
  type UsageReport,
} from '../src/domain/usage';
import { usagePeriod } from '../src/domain/usage-period';
import type { Logger } from '../src/sdk/request-context';
import type { ItemPrecision, UsageReporting } from '../src/sdk/usage';
import { callUsageHook } from './call-usage-hook';
import { failure } from './failure';
import { createAssetFinder } from './usage-assets';
import { createNotSelectedCount } from './usage-not-selected';
import type { UsageRules } from './usage-problems';
import { type ReadUsage, readUsage } from './usage-records';
import { usageSchema } from './usage-schema';
import { createTally } from './usage-totals';

/** Where the vendor's records come from, and what checks them. */
export interface UsageSource {
  connect: Pick<ConnectClient, 'products' | 'assets'>;
  reporting: UsageReporting;
  /** Whose records are reported; undefined where nothing limits them. */
  selection: Selection | undefined;
  signal: AbortSignal;
  log: Logger;
  /** Takes the secrets of the configuration out of a text. */
  redact: Redact;
}

/**
 * Asks the vendor for the records of a month and reads them, one after another.
 *
 * @param contractId where only its records matter; those of others may come all the same
 */
export async function* readReport(
  { connect, reporting, selection, signal, log, redact }: UsageSource,
  { productId, period }: UsageReport,
  contractId?: string,
): AsyncGenerator<ReadUsage> {
  const rules = await readRules(connect, productId, period, reporting, signal);
  const { schema } = rules;
  const records = callUsageHook(reporting, { period: rules.period, productId, schema, contractId, log }, signal);
  const assets = createAssetFinder(connect, productId, signal, selection);
  for await (const read of readUsage(records, rules, assets)) {
    if (read.kind === 'good' && read.row.note !== undefined) read.row.note = redact(read.row.note);
    yield read;
  }
}

/** What the vendor reports, as far as the vendor's records tell. */
type ReportedUsage = Required<Omit<CollectedUsage, 'kept' | 'withdrawn' | 'reportedBefore' | 'leftOutBefore'>>;

/** Counts what the vendor reports, contract by contract. @param badHoldsBack whether a bad record holds back the file of its contract */
export async function countUsage(reads: AsyncIterable<ReadUsage>, badHoldsBack: boolean): Promise<ReportedUsage> {
  const byContract = new Map<string, { tally: ReturnType<typeof createTally>; bad: number }>();
  const notSelected = createNotSelectedCount();
  const bad: BadUsage[] = [];
  let lost = 0;
  for await (const read of reads) {
    if (read.kind === 'notSelected') {
      notSelected.add(read);
      continue;
    }
    if (read.kind === 'bad' && bad.length < MOST_BAD_USAGE) bad.push(read.bad);
    if (read.contractId === undefined) {
      lost += 1;
      continue;
    }
    const counted = byContract.get(read.contractId) ?? { tally: createTally(), bad: 0 };
    byContract.set(read.contractId, counted);
    if (read.kind === 'bad') counted.bad += 1;
    else counted.tally.add(read.row);
  }
  const contracts = [...byContract]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([contractId, { tally, bad: badCount }]) => ({
      contractId,
      ...tally.result(),
      bad: badCount,
      ...(badHoldsBack && badCount > 0 && { heldBack: true }),
      notSelected: notSelected.ofContract(contractId),
    }));
  return { contracts, notSelected: notSelected.all(), lost, bad };
}

/** A workbook of one contract, and what is in it. */
export interface BuiltWorkbook extends CountedUsage {
  workbook: Uint8Array;
  /** Bad records of the contract, which are not in it. */
  badCount: number;
  bad: BadUsage[];
  /** Records of the contract that are not selected, which are not in it either. */
  notSelected: number;
  /** `MP-…` of its subscriptions; empty where it has no row. */
  marketplaceId: string;
}

/** Streams the records of one contract into a workbook. @throws UsageRefused where they are too many for one */
export async function buildWorkbook(
  source: UsageSource,
  of: UsageReport & { contractId: string },
): Promise<BuiltWorkbook> {
  const built = { badCount: 0, bad: [] as BadUsage[], notSelected: 0, marketplaceId: '' };
  const tally = createTally();
  let room = MOST_ROWS;
  async function* rows(): AsyncGenerator<UsageRow> {
    for await (const read of readReport(source, of, of.contractId)) {
      if (read.contractId !== of.contractId) continue;
      if (read.kind === 'notSelected') {
        built.notSelected += 1;
        continue;
      }
      if (read.kind === 'bad') {
        built.badCount += 1;
        if (built.bad.length < MOST_BAD_USAGE) built.bad.push(read.bad);
        continue;
      }
      if (room === 0) throw tooMany(of.contractId);
      room -= 1;
      built.marketplaceId = read.marketplaceId;
      tally.add(read.row);
      yield read.row;
    }
  }
  const workbook = await usageWorkbook(rows(), source.reporting.categories);
  return { workbook, ...built, ...tally.result() };
}

function tooMany(contractId: string) {
  return failure(
    FailureType.USAGE_REFUSED,
    `The file of ${contractId} would have more than ${MOST_ROWS} records, and a sheet holds no more: give out sums, a record for each day perhaps.`,
  );
}

/** What the product in Connect allows. @throws UsageNotSetUp where it has no pay-as-you-go */
async function readRules(
  connect: UsageSource['connect'],
  productId: string,
  periodId: string,
  { categories = [] }: UsageReporting,
  signal: AbortSignal,
): Promise<UsageRules> {
  const { capabilities } = await connect.products.get(productId, { signal });
  const ppu = capabilities?.ppu;
  const found = usageSchema(productId, ppu);
  if ('problem' in found) throw failure(FailureType.USAGE_NOT_SET_UP, found.problem);
  const items = await connect.products.items(productId, { signal });
  return {
    period: usagePeriod(periodId),
    schema: found.schema,
    items: new Map(
      items.map(({ mpn, type, precision }) => [
        mpn,
        { payAsYouGo: type.toUpperCase() === 'PPU', precision: precision ?? FINEST },
      ]),
    ),
    dynamicItems: ppu?.dynamic ?? false,
    categories: new Set(categories.map(({ id }) => id)),
  };
}

/** Where Connect does not say, it checks for itself. */
const FINEST: ItemPrecision = 'Decimal(8)';
