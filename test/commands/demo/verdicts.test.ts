import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createStories, plainPurchases } from '../../../sandbox/stories';
import type { Story } from '../../../sandbox/story';
import { createUsageStories } from '../../../sandbox/usage-stories';
import { createWebhookStories } from '../../../sandbox/webhook-stories';
import type { Row, Verdict } from '../../../src/commands/demo/play';
import { printVerdicts } from '../../../src/commands/demo/verdicts';

let output: string;
beforeEach(() => {
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((output += String(chunk)), true));
});
afterEach(() => void jest.restoreAllMocks());

const lines = () => output.split('\n');

/** A request that ended as it should, unless it is said otherwise. */
function verdict(story: Story, wrong: Partial<Row & Verdict> = {}): Verdict {
  const row: Row = {
    id: 'PR-8185-9710-0001-001',
    what: 'tier 2 setup',
    story,
    expected: 'approved',
    tenants: 1,
    status: wrong.status ?? 'approved',
    phase: undefined,
    step: undefined,
    placedAt: 0,
    endedAt: 0,
    ...(wrong.expected && { expected: wrong.expected, tenants: 0 }),
  };
  return { row, tenants: 1, approvals: 1, givenBack: false, submissions: undefined, ok: true, ...wrong };
}

test.each([80, 60, 200])('no line is wider than a terminal of %d columns, and nothing is left out', (columns) => {
  const stories = [...createStories(), ...createUsageStories(), ...createWebhookStories('')];
  const wrong = { ok: false, status: 'inquiring', approvals: 12, tenants: 17 };
  printVerdicts([...stories.map((story) => verdict(story)), ...stories.map((story) => verdict(story, wrong))], columns);
  expect(Math.max(...lines().map((line) => line.length))).toBeLessThanOrEqual(columns);

  const words = output.replaceAll(/\s+/g, ' ');
  for (const { name, about } of stories) expect(words).toContain(`${name}: ${about}`);
  expect(words.match(/as expected PR-8185-9710-0001-001 tier 2 setup approved once, 1 subscription/g)).toHaveLength(
    stories.length,
  );
  const told =
    /WRONG PR-\S+ tier 2 setup inquiring, approved 12 times, 17 subscriptions expected: approved once, 1 sub/g;
  expect(words.match(told)).toHaveLength(stories.length);
  const ended = `${stories.length} of ${2 * stories.length} came out as they should: `;
  const each = 'one approval for each request that is approved, one subscription for each purchase';
  expect(words).toContain(`${ended}${each}.`); // no word of usage files, since there is none
});

test('of usage files it says that none was submitted too often, where there are some', () => {
  printVerdicts([verdict(createUsageStories()[0]!, { submissions: 1 })], 500);
  expect(output).toMatch(/one subscription for each purchase, no usage file submitted too often\.\n$/);
});

test('says of each request what came of it and what was expected, below its story', () => {
  const [, tiers, change] = createStories();
  const kept = verdict(change!, { expected: 'failed', status: 'failed' });
  const failed = { ...kept.row, tenants: 1, givenBack: true };
  const usage = createUsageStories()[0]!;
  const file: Row = { ...verdict(usage).row, id: 'UF-2026-11-2371-2001', what: 'usage in EUR', expected: 'accepted' };
  Object.assign(file, { status: 'accepted', tenants: undefined, submissions: 1 });
  printVerdicts(
    [
      verdict(tiers!, { tenants: undefined }),
      verdict(tiers!),
      verdict(change!, { expected: 'failed', status: 'failed', approvals: 0, tenants: 0 }),
      verdict(change!, { expected: 'failed', approvals: 2, tenants: 2, ok: false }),
      verdict(change!, { expected: 'pending', status: 'pending', approvals: 0, tenants: 0 }),
      verdict(change!, { status: 'failed', approvals: 0, givenBack: true }),
      verdict(change!, { row: failed, approvals: 0, ok: false }),
      verdict(usage, { row: file, approvals: 0, tenants: undefined, submissions: 1, status: 'accepted' }),
      verdict(usage, { row: file, approvals: 0, tenants: undefined, submissions: 2, ok: false }),
    ],
    80,
  );
  expect(lines()).toEqual([
    '',
    'tiers: a purchase waits until both of its resellers are set up, tier 2 first',
    '  as expected PR-8185-9710-0001-001 tier 2 setup approved once',
    '  as expected PR-8185-9710-0001-001 tier 2 setup approved once, 1 subscription',
    'change: a customer buys two more seats',
    '  as expected PR-8185-9710-0001-001 tier 2 setup failed, no subscription',
    '  WRONG       PR-8185-9710-0001-001 tier 2 setup approved 2 times, 2',
    '              subscriptions',
    '              expected: failed, no subscription',
    '  as expected PR-8185-9710-0001-001 tier 2 setup pending, no subscription',
    '  as expected PR-8185-9710-0001-001 tier 2 setup failed, subscription given back',
    '  WRONG       PR-8185-9710-0001-001 tier 2 setup failed, 1 subscription',
    '              expected: failed, subscription given back',
    'usage: what was used in a month is reported, a file for each contract',
    '  as expected UF-2026-11-2371-2001  usage in EUR accepted, submitted once',
    '  WRONG       UF-2026-11-2371-2001  usage in EUR accepted, submitted 2 times',
    '              expected: accepted, submitted once',
    '',
    '6 of 9 came out as they should: one approval for each request that is approved,',
    'one subscription for each purchase, no usage file submitted too often.',
    '',
  ]);
});

test('of very many, tells those that went wrong', () => {
  const story = plainPurchases(100);
  const all = Array.from({ length: 100 }, (_, n) => verdict(story, n === 7 ? { ok: false, approvals: 2 } : {}));
  printVerdicts(all, 80);
  expect(lines().filter((line) => /PR-/.test(line))).toEqual([expect.stringContaining('WRONG')]);
  expect(output).toContain('99 of 100 came out');
});
