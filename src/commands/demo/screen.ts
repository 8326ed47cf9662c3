import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { Row } from './play';
import { print, printWrapped } from '../print';

/** Where the demo shows how it goes. */
export interface Screen {
  say(line: string): void;
  show(rows: readonly Row[]): void;
  /** Leaves the last picture where it is, and shows no other. */
  end(): void;
}

/** A picture that renews itself, where the output is a terminal; else a line for every change. */
export function createScreen(output: NodeJS.WriteStream = process.stdout): Screen {
  return output.isTTY && output.columns > 0 ? livePicture(output) : plainLines(); // some terminals say that they have no columns
}

function livePicture(output: NodeJS.WriteStream): Screen {
  const live = createLogUpdate(output);
  let picture = '';
  let pictureEnded = false;
  return {
    say(line) {
      live.clear();
      printWrapped(line, output.columns, 4);
      if (!pictureEnded && picture !== '') live(picture);
    },
    show(rows) {
      if (pictureEnded) return;
      const room = Math.max(5, output.rows - 3);
      // Where not all fit, those that are under way come first: they are what there is to see.
      const shown = rows.length <= room ? rows : [...rows].sort((a, b) => Number(hasEnded(a)) - Number(hasEnded(b)));
      const lines = shown.slice(0, room).map((row) => colour(row, lineOf(row, output.columns)));
      picture = [...lines, pc.dim(summaryOf(rows, rows.length - lines.length))].join('\n');
      live(picture);
    },
    end() {
      pictureEnded = true;
      live.done();
    },
  };
}

function plainLines(): Screen {
  const last = new Map<string, string>();
  return {
    say: print,
    show(rows) {
      for (const row of rows) {
        const state = `${stateOf(row)} ${row.step ?? ''}`;
        if (last.get(row.id) === state) continue;
        last.set(row.id, state);
        print(lineOf(row));
      }
    },
    end: () => undefined,
  };
}

/** Those that are left to a person have no end to wait for. */
function summaryOf(rows: readonly Row[], hidden: number): string {
  const toEnd = rows.filter(({ expected }) => expected !== 'pending');
  const left = rows.length - toEnd.length;
  return [
    `${toEnd.filter(hasEnded).length} of ${toEnd.length} have ended`,
    ...(left > 0 ? [`${left} to be left pending`] : []),
    ...(hidden > 0 ? [`${hidden} not shown`] : []),
  ].join('; ');
}

const hasEnded = ({ endedAt }: Row) => endedAt !== undefined;

/** Where it stands: in Connect, unless Temporal has worse news. */
function stateOf({ status, phase }: Row): string {
  return phase === undefined || phase === 'running' ? status : phase;
}

const NARROW = 110;

/** Steps whose names are wider than their column. */
const SHORT: Record<string, string> = {
  'vendor asked to wait': 'wait',
  'upload usage': 'upload',
  'look at usage file': 'look',
  'Connect reads the workbook': 'reading',
  'check totals': 'check',
  'the distributor looks at it': 'distributor',
};

/** A row, as wide as the output; where that is narrow, with the name of its story instead of what it is about. */
function lineOf(row: Row, columns = Infinity): string {
  const age = `${(((row.endedAt ?? Date.now()) - row.placedAt) / 1000).toFixed(1)} s`;
  const step = row.step === undefined ? '' : (SHORT[row.step] ?? row.step);
  const cells = [row.id.padEnd(22), row.what.padEnd(12), stateOf(row).padEnd(11), step.padEnd(11), age.padStart(6)];
  const line = `${cells.join(' ')} ${columns < NARROW ? row.story.name : row.story.about}`;
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}

function colour(row: Row, line: string): string {
  if (row.phase === 'parked' || row.phase === 'retrying') return pc.yellow(line);
  if (!hasEnded(row)) return row.phase === undefined ? pc.dim(line) : line;
  return row.status === row.expected ? pc.green(line) : pc.red(line);
}
