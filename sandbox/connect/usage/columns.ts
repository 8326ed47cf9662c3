import type { CellValue, Sheet } from './sheets';

/** Both names are in use for the sheet with the rows. */
const RECORD_SHEETS = ['records', 'usage_records'];
const CATEGORY_SHEET = 'categories';

/** A row of a sheet, by the names of its columns. */
export class NamedRow {
  constructor(
    private readonly columns: ReadonlyMap<string, number>,
    private readonly values: CellValue[],
    /** The header is 1. */
    readonly line: number,
  ) {}

  /** Null where the sheet has no such column. */
  cell(column: string): CellValue {
    const index = this.columns.get(column);
    return index === undefined ? null : (this.values[index] ?? null);
  }

  /** The cell as text: numbers as they are written, nothing as an empty text. */
  text(column: string): string {
    return textOf(this.cell(column));
  }
}

export interface Table {
  columns: string[];
  rows: NamedRow[];
}

export interface UsageTables {
  records: Table | undefined;
  categories: Table | undefined;
}

/** The tables of a usage workbook; sheets with other names are not looked at. */
export function usageTables(sheets: Sheet[]): UsageTables {
  const named = (...names: string[]) => sheets.find(({ name }) => names.includes(name.trim().toLowerCase()));
  return { records: tableOf(named(...RECORD_SHEETS)), categories: tableOf(named(CATEGORY_SHEET)) };
}

/** Rows by column name, whatever the order of the columns; rows without any value are left out. */
export function tableOf(sheet: Sheet | undefined): Table | undefined {
  if (sheet === undefined) return undefined;
  const [header = [], ...lines] = sheet.rows;
  const columns = new Map<string, number>();
  header.forEach((cell, index) => {
    if (typeof cell === 'string' && cell.trim() !== '') columns.set(cell.trim().toLowerCase(), index);
  });
  const rows = lines.map((values, index) => new NamedRow(columns, values, index + 2));
  return {
    columns: [...columns.keys()],
    rows: rows.filter((_, index) => lines[index]?.some((value) => value !== null)),
  };
}

export function textOf(cell: CellValue): string {
  if (cell === null) return '';
  return typeof cell === 'object' ? cell.toISOString() : String(cell).trim();
}
