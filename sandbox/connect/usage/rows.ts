import { setImmediate as others } from 'node:timers/promises';
import { item as newItem } from '../catalogue';
import type { ItemDefinition } from '../product-model';
import type { Store } from '../store';
import type { NamedRow, Table, UsageTables } from './columns';
import type { CellValue } from './sheets';
import type { Category, Problem, UsageFile, UsageRecord } from './model';
import { Subjects } from './subjects';
import { decimals, decimalsOf, isPrecision, isTime, numberOf } from './values';

const REQUIRED = [
  'record_id',
  'item_search_criteria',
  'item_search_value',
  'quantity',
  'start_time_utc',
  'end_time_utc',
  'asset_search_criteria',
  'asset_search_value',
];
const OF_NEW_ITEMS = ['item_name', 'item_mpn', 'item_unit', 'item_precision'];
const LARGEST_AMOUNT = 1e16;
const LARGEST_TIER = 2;
/** How many rows are judged before other calls have their turn. */
const AT_ONCE = 2_000;

/** The columns that a workbook for this file must have. */
export function requiredColumns({ schema }: Pick<UsageFile, 'schema'>): string[] {
  const priced = schema === 'QT' ? [] : ['amount'];
  return [...REQUIRED, ...priced, ...(schema === 'TR' ? ['tier'] : [])];
}

/** What a workbook holds, each row judged; or why none of it can be. */
export type Judged =
  { records: UsageRecord[]; categories: Category[]; newItems: ItemDefinition[] } | { trouble: string };

/** Judge every row of a workbook against the file, its product and the subscriptions that there are. */
export async function judgeRows(
  store: Store,
  file: UsageFile,
  { records: table, categories }: UsageTables,
): Promise<Judged> {
  if (table === undefined) return { trouble: 'The workbook has no sheet "records".' };
  const missing = requiredColumns(file).filter((name) => !table.columns.includes(name));
  if (missing.length > 0) return { trouble: `The sheet "records" lacks columns: ${missing.join(', ')}.` };
  if (table.rows.length === 0) return { trouble: 'The sheet "records" has no rows.' };

  const named = categoriesOf(categories);
  const judge = new RowJudge(store, file, table, named);
  const records: UsageRecord[] = [];
  for (const row of table.rows) {
    records.push(judge.record(row));
    if (records.length % AT_ONCE === 0) await others();
  }
  return { records, categories: named, newItems: judge.newItems };
}

function categoriesOf(table: Table | undefined): Category[] {
  return (table?.rows ?? []).map((row) => ({
    id: row.text('category_id'),
    name: row.text('category_name'),
    description: row.text('category_description'),
  }));
}

/** Judges the rows of one workbook one after another: what one row brings, the next may use. */
class RowJudge {
  readonly newItems: ItemDefinition[] = [];
  private readonly subjects: Subjects;
  private readonly categoryIds: ReadonlySet<string>;
  /** Columns of the vendor's own. */
  private readonly customColumns: string[];
  private readonly seen = new Set<string>();
  /** Most rows of a file have the same two times. */
  private readonly times = new Map<CellValue, Problem | undefined>();

  constructor(
    store: Store,
    private readonly file: UsageFile,
    table: Table,
    categories: Category[],
  ) {
    this.subjects = new Subjects(store, file);
    this.categoryIds = new Set(categories.map(({ id }) => id));
    this.customColumns = table.columns.filter((name) => name.startsWith('v.'));
  }

  record(row: NamedRow): UsageRecord {
    const problems: Problem[] = [];
    const wrong: Wrong = (code, text) => void problems.push({ code, text });

    const recordId = row.text('record_id');
    if (recordId === '') wrong('USG_003', 'record_id is empty');
    else if (this.seen.has(recordId)) wrong('USG_005', `Duplicate record_id "${recordId}"`);
    this.seen.add(recordId);

    const item = this.item(row, wrong);
    const asset = this.subjects.asset(row.text('asset_search_criteria'), row.text('asset_search_value'));
    if ('problem' in asset) wrong(asset.problem.code, asset.problem.text);
    this.period(row, wrong);
    return {
      usage: quantity(row, item, wrong),
      amount: amount(row, this.file, wrong),
      tier: tier(row, this.file, wrong),
      category: this.category(row, wrong),
      file: this.file,
      number: 0,
      line: row.line,
      recordId,
      note: row.text('record_note'),
      item,
      asset: 'found' in asset ? asset.found : undefined,
      start: row.text('start_time_utc'),
      end: row.text('end_time_utc'),
      custom: Object.fromEntries(this.customColumns.map((name) => [name, row.text(name)])),
      status: problems.length === 0 ? 'valid' : 'invalid',
      problems,
      billingId: '',
      billingNote: '',
      closed: undefined,
    };
  }

  private item(row: NamedRow, wrong: Wrong): ItemDefinition | undefined {
    const brought = OF_NEW_ITEMS.filter((name) => row.text(name) !== '');
    const dynamic = this.file.product.capabilities.ppu?.dynamic === true;
    if (brought.length > 0 && !dynamic) {
      wrong('USG_013', `The product has no dynamic items: ${brought.join(', ')} must be empty`);
    }
    const value = row.text('item_search_value');
    const result = this.subjects.item(row.text('item_search_criteria'), value);
    if ('problem' in result) {
      wrong(result.problem.code, result.problem.text);
      return undefined;
    }
    const item = result.found ?? this.newItems.find(({ mpn }) => mpn === value);
    if (item === undefined && brought.length > 0 && dynamic) return this.newItem(row, wrong);
    if (item === undefined) wrong('USG_011', `Unknown MPN "${value}"`);
    else if (item.type !== 'PPU') wrong('USG_012', `Item "${value}" is not pay-as-you-go`);
    return item;
  }

  /** An item that the product does not have yet; it has it once the whole file is in order. */
  private newItem(row: NamedRow, wrong: Wrong): ItemDefinition | undefined {
    const [name = '', mpn = '', unit = '', precision = ''] = OF_NEW_ITEMS.map((column) => row.text(column));
    if (name === '' || unit === '' || mpn !== row.text('item_search_value') || !isPrecision(precision)) {
      wrong('USG_014', 'A new item needs item_name, item_unit, item_precision, and item_mpn as its item_search_value');
      return undefined;
    }
    const { id, items } = this.file.product;
    const position = items.length + this.newItems.length + 1;
    const item = { ...newItem(id, { name, mpn, unit, precision, type: 'PPU' }, position), dynamic: true };
    this.newItems.push(item);
    return item;
  }

  private period(row: NamedRow, wrong: Wrong): void {
    const bad = ['start_time_utc', 'end_time_utc'].filter((column) => {
      const problem = this.timeProblem(row.cell(column));
      if (problem !== undefined) wrong(problem.code, `${column} ${problem.text}`);
      return problem !== undefined;
    });
    if (bad.length === 0 && row.text('start_time_utc') > row.text('end_time_utc')) {
      wrong('USG_033', 'start_time_utc is after end_time_utc');
    }
  }

  private timeProblem(cell: CellValue): Problem | undefined {
    if (!this.times.has(cell)) this.times.set(cell, timeProblem(cell, this.file));
    return this.times.get(cell);
  }

  private category(row: NamedRow, wrong: Wrong): string {
    const id = row.text('category_id');
    if (id === '' && this.categoryIds.size > 0) wrong('USG_051', 'category_id is empty');
    if (id !== '' && !this.categoryIds.has(id)) wrong('USG_052', `Unknown category "${id}"`);
    return id;
  }
}

type Wrong = (code: string, text: string) => void;

/** What is wrong with a time, behind the name of its column. */
function timeProblem(cell: CellValue, { period }: UsageFile): Problem | undefined {
  if (typeof cell !== 'string' || !isTime(cell)) {
    return { code: 'USG_031', text: `must be a text YYYY-MM-DD HH:MM:SS, is ${JSON.stringify(cell)}` };
  }
  const day = cell.slice(0, 10);
  if (period === undefined || (period.from <= day && day <= period.to)) return undefined;
  return { code: 'USG_032', text: `${cell} is outside of the period ${period.from} to ${period.to}` };
}

function quantity(row: NamedRow, item: ItemDefinition | undefined, wrong: Wrong): number {
  const value = numberOf(row.cell('quantity'));
  if (value === undefined) wrong('USG_041', `quantity must be a number, is "${row.text('quantity')}"`);
  else if (value < 0) wrong('USG_042', `quantity must not be negative, is ${value}`);
  else if (item !== undefined && decimals(value) > decimalsOf(item.precision)) {
    wrong('USG_043', `quantity ${value} has more decimals than ${item.precision}, the precision of the item`);
  }
  return value ?? 0;
}

function amount(row: NamedRow, { schema }: UsageFile, wrong: Wrong): number | null {
  if (schema === 'QT') return null;
  const value = numberOf(row.cell('amount'));
  if (value === undefined) wrong('USG_044', `amount must be a number, is "${row.text('amount')}"`);
  else if (value < 0 || value > LARGEST_AMOUNT) wrong('USG_045', `amount must be 0 to 1e16, is ${value}`);
  return value ?? null;
}

function tier(row: NamedRow, { schema }: UsageFile, wrong: Wrong): number | null {
  if (schema !== 'TR') return null;
  const value = numberOf(row.cell('tier'));
  const known = value !== undefined && Number.isInteger(value) && value >= 0 && value <= LARGEST_TIER;
  if (!known) wrong('USG_046', `tier must be 0 to ${LARGEST_TIER}, is "${row.text('tier')}"`);
  return known ? value : null;
}
