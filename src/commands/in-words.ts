import { inspect } from 'node:util';

/** Whatever was thrown, in a sentence: `TypeError: x is not a function (/home/ada/vendor.cjs:7:3)`. The place is that of the code, where it is known. */
export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : inspect(error, { breakLength: Infinity });
  const [sentence] = error.message.split('\nRequire stack:');
  const place = PLACE.exec(error.stack ?? '')?.[0];
  return `${error.name}: ${sentence}${place === undefined ? '' : ` (${place})`}`;
}

/** A line of a file that is not Node's own. */
const PLACE = /(?<=^|\(|at )(?:file:\/\/)?\/[^\n()]+:\d+(?=$|\))/m;
