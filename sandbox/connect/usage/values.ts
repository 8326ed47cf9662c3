import type { Precision } from '../product-model';
import type { CellValue } from './sheets';
import { textOf } from './columns';

const DECIMALS: Record<Precision, number> = {
  Integer: 0,
  'Decimal(1)': 1,
  'Decimal(2)': 2,
  'Decimal(4)': 4,
  'Decimal(8)': 8,
};

export function decimalsOf(precision: Precision): number {
  return DECIMALS[precision];
}

export function isPrecision(text: string): text is Precision {
  return Object.hasOwn(DECIMALS, text);
}

/** A number of a cell, which may hold it as text; undefined where it is none. */
export function numberOf(cell: CellValue): number | undefined {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined;
  const text = textOf(cell);
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** How many decimals a number is written with: 2 for 12.25, 7 for 1e-7. */
export function decimals(value: number): number {
  const [digits = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent));
}

/** Whether a text is a time `YYYY-MM-DD HH:MM:SS` that the calendar has. */
export function isTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return false;
  const ms = msOf(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 19) === text.replace(' ', 'T');
}

/** Milliseconds of such a time, in UTC. */
export function msOf(time: string): number {
  return Date.parse(`${time.replace(' ', 'T')}Z`);
}

/** Whether a text is a day `YYYY-MM-DD` that the calendar has. */
export function isDay(text: string): boolean {
  return isTime(`${text} 00:00:00`);
}
