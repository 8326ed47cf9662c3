import { printable } from '../domain/printable';

/** One line to standard output. What others wrote may be in it, such as a distributor's message: it commands no terminal. */
export function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** The same to standard error. */
export function printError(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** A line broken between words, so that it fits; what is carried over is indented. A word that is longer stands as it is. */
export function printWrapped(line: string, columns: number, indent: number): void {
  const end = line.lastIndexOf(' ', columns);
  if (line.length <= columns || end <= indent) return print(line);
  print(line.slice(0, end).trimEnd());
  printWrapped(' '.repeat(indent) + line.slice(end).trimStart(), columns, indent);
}

/** Rows in columns that line up. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  for (const row of rows)
    print(row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '));
}
