import type { Story } from '../../../sandbox/story';
import type { Verdict } from './play';
import { print, printWrapped } from '../print';

const MOST_REQUESTS = 60;

/**
 * What came of each request and usage file, under its story: of all where they are few, else of those that went wrong.
 *
 * @param columns how wide a line may be; default the terminal's width, or 80 where there is none
 */
export function printVerdicts(verdicts: readonly Verdict[], columns = process.stdout.columns || 80): void {
  const say = (line: string, indent = 0) => printWrapped(line, columns, indent);
  const shown = verdicts.length <= MOST_REQUESTS ? verdicts : verdicts.filter(({ ok }) => !ok);
  let story: Story | undefined;
  print('');
  for (const verdict of shown) {
    const { row, ok } = verdict;
    if (row.story !== story) say(`${row.story.name}: ${row.story.about}`, 2);
    story = row.story;
    const cells = [
      (ok ? 'as expected' : 'WRONG').padEnd(11),
      row.id.padEnd(21),
      row.what.padEnd(12),
      came({ ...verdict, status: row.status }),
    ];
    say(`  ${cells.join(' ')}`, 14);
    if (ok) continue;
    const { expected: status, tenants, givenBack = false, submissions } = row;
    const expected = came({ status, approvals: status === 'approved' ? 1 : 0, tenants, givenBack, submissions });
    say(`${' '.repeat(14)}expected: ${expected}`, 14);
  }
  const right = verdicts.filter(({ ok }) => ok).length;
  if (shown.length > 0) print('');
  const usage = verdicts.some(({ submissions }) => submissions !== undefined)
    ? ', no usage file submitted too often'
    : '';
  say(
    `${right} of ${verdicts.length} came out as they should: one approval for each request that is approved, one subscription for each purchase${usage}.`,
  );
}

/** `approved once, 1 subscription`; `failed, no subscription`; `failed, subscription given back`; `accepted, submitted once` */
function came(verdict: Omit<Verdict, 'row' | 'ok'> & { status: string }): string {
  const { status, approvals, tenants, givenBack, submissions } = verdict;
  const approved = `approved ${times(approvals)}`;
  const words = status === 'approved' ? [approved] : approvals === 0 ? [status] : [status, approved];
  if (submissions !== undefined) words.push(`submitted ${times(submissions)}`);
  if (tenants !== undefined) {
    const made = `subscription${tenants > 1 ? 's' : ''}`;
    words.push(givenBack && status !== 'approved' ? `${made} given back` : `${tenants || 'no'} ${made}`);
  }
  return words.join(', ');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
