import { expect, test } from '@jest/globals';
import { createFollower, isAmiss, isStuck } from '../../../src/commands/usage/follow';
import type { Progress } from '../../../src/domain/messages';
import type { UsageRun } from '../../../src/temporal/usage-runs';

const open = (progress: Partial<Progress>): UsageRun => ({
  id: 'usage-1',
  status: 'running',
  isSilent: false,
  findings: [],
  result: undefined,
  progress: { phase: 'running', step: 'collect usage', reason: '', ...progress },
});
const closed = (status: string): UsageRun => ({ ...open({}), status, progress: undefined });
const FAILING = { failureType: 'VendorFault', reason: 'the meter is broken' };

/** Follows a run that says one of these at each look. */
async function follow(looks: (UsageRun | undefined)[], isFarEnough?: (at: Progress) => boolean) {
  const lines: string[] = [];
  const look = async () => looks.shift();
  const say = (line: string) => void lines.push(line);
  const run = await createFollower(say, 0)(look, isFarEnough);
  return { run, lines, left: looks.length };
}

test('each step is said once, and what it fails by', async () => {
  const { lines } = await follow([
    ...[open({}), open({}), open(FAILING), open(FAILING), open({ step: 'upload usage' }), closed('completed')],
  ]);
  expect(lines).toEqual([
    'usage-1  collect usage',
    'usage-1  collect usage  VendorFault: the meter is broken',
    'usage-1  upload usage',
  ]);
});

test.each([
  ['has ended', closed('completed'), false],
  ['was terminated', closed('terminated'), true],
  ['is parked', open({ phase: 'parked' }), true],
  ['is parked, and has no worker', { ...open({ phase: 'parked' }), isSilent: true }, true],
  ['is far enough', open({ step: 'submit' }), false],
])('a run is followed until it %s', async (_, end, stuck) => {
  const { run, left } = await follow([open({}), end, open({})], ({ step }) => step === 'submit');
  expect([run, isStuck(run), left]).toEqual([end, stuck, 1]);
});

test.each<[string, UsageRun, number, boolean]>([
  ['is with the distributor', open({}), 4, false],
  ['was accepted', { ...closed('completed'), result: { outcome: 'accepted' } }, 4, false],
  ['differs', { ...open({}), findings: ['differs'] }, 4, true],
  ['was accepted, and differs', { ...closed('completed'), findings: ['differs'] }, 4, true],
  ['is held back', open({ phase: 'parked' }), 4, true],
  ['somebody has deleted', { ...closed('completed'), result: { outcome: 'deleted' } }, 4, true],
  ['was withdrawn and deleted', { ...closed('completed'), result: { outcome: 'deleted' } }, 0, false],
])('whether something is amiss with a file that %s', (_, run, rows, amiss) => {
  expect(isAmiss(run, rows)).toBe(amiss);
});

const SILENT = { ...open({ step: 'no worker answers' }), isSilent: true };

test('a run for which no worker answers is not waited for', async () => {
  await expect(follow([SILENT])).rejects.toThrow(
    'usage-1: no worker answered within 10 s; is one running? The report goes on when one is.',
  );
});

test('a worker that has answered is given time to start anew', async () => {
  const { lines } = await follow([open({}), SILENT, SILENT, open({}), SILENT, SILENT, closed('completed')]);
  expect(lines[1]).toBe('usage-1  no worker answers');
  await expect(follow([open({}), SILENT, SILENT, SILENT])).rejects.toThrow('no worker answered within 30 s');
});
