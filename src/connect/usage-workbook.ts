/** One row of a usage file. Numbers are decimal text, times `YYYY-MM-DD HH:MM:SS` in UTC. */
export interface UsageRow {
  /** Unique in the file. */
  recordId: string;
  note: string | undefined;
  mpn: string;
  quantity: string;
  amount: string | undefined;
  start: string;
  end: string;
  /** `AS-…` */
  assetId: string;
  /** One of the workbook's categories. */
  category: string | undefined;
  /** 0 the customer, 1 the reseller, 2 the one above. */
  tier: number | undefined;
  /** Defines an item that the product does not have yet. */
  newItem: { name: string; unit: string; precision: string } | undefined;
}

/** So many rows fit into one sheet below its header. What writes the workbook would go on in a sheet that Connect does not read. */
export const MOST_ROWS = 1_048_575;

type Cell = string | number | null;

/** The columns in the order of CloudBlue's own tools; Connect goes by their names. */
const COLUMNS: readonly [name: string, cell: (row: UsageRow) => Cell][] = [
  ['record_id', (row) => row.recordId],
  ['record_note', (row) => row.note ?? null],
  ['item_search_criteria', () => 'item.mpn'],
  ['item_search_value', (row) => row.mpn],
  ['amount', (row) => number(row.amount)],
  ['quantity', (row) => number(row.quantity)],
  ['start_time_utc', (row) => row.start],
  ['end_time_utc', (row) => row.end],
  ['asset_search_criteria', () => 'asset.id'],
  ['asset_search_value', (row) => row.assetId],
  ['item_name', (row) => row.newItem?.name ?? null],
  ['item_mpn', (row) => (row.newItem ? row.mpn : null)],
  ['item_unit', (row) => row.newItem?.unit ?? null],
  ['item_precision', (row) => row.newItem?.precision ?? null],
  ['category_id', (row) => row.category ?? null],
  ['tier', (row) => row.tier ?? null],
];
const HEADER = COLUMNS.map(([name]) => name);

/** The sheets that Connect's documentation names. */
const RECORDS = 'records';
const CATEGORIES = 'categories';

/**
 * A workbook as Connect reads it. Rows are taken one by one and held by nobody; with categories, whose sheet comes second, all are held.
 *
 * @see Connect's documentation of usage files, which names the columns
 */
export async function usageWorkbook(
  rows: AsyncIterable<UsageRow>,
  categories: readonly { id: string; name: string; description: string }[] = [],
): Promise<Uint8Array> {
  const { writeXlsx, writeXlsxStream } = await import('hucre/xlsx'); // not before there is something to write
  if (categories.length === 0) {
    const workbook = writeXlsxStream(cells(rows), { name: RECORDS, columns: HEADER.map((header) => ({ header })) });
    return new Uint8Array(await new Response(workbook).arrayBuffer());
  }
  const records: Cell[][] = [[...HEADER]];
  for await (const row of cells(rows)) records.push(row);
  const named = categories.map(({ id, name, description }) => [id, name, description]);
  return await writeXlsx({
    sheets: [
      { name: RECORDS, rows: records },
      { name: CATEGORIES, rows: [['category_id', 'category_name', 'category_description'], ...named] },
    ],
  });
}

async function* cells(rows: AsyncIterable<UsageRow>): AsyncGenerator<Cell[]> {
  for await (const row of rows) yield COLUMNS.map(([, cell]) => cell(row));
}

function number(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
