import { readdirSync, readFileSync } from 'node:fs';

/*
 * Processes, by /proc: these tests run on Linux. Elsewhere reading it throws, which fails a test; nothing passes unseen.
 */

/** Ids of the processes that a process has started. */
export function childrenOf(parent: number): number[] {
  return all().filter(
    (id) =>
      Number(
        about(id, 'stat')
          .replace(/^.*\) /s, '')
          .split(' ')[1],
      ) === parent,
  );
}

/** Ids of the processes whose command line holds all of these words, beside others. */
export function processesWith(...words: string[]): number[] {
  return all().filter((id) => {
    const line = about(id, 'cmdline').split('\0');
    return words.every((word) => line.includes(word));
  });
}

export function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

const all = () => readdirSync('/proc').map(Number).filter(Number.isInteger);

function about(id: number, what: 'stat' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${id}/${what}`, 'utf8');
  } catch {
    return ''; // it has ended since it was listed
  }
}
