import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { PollResult } from '../../src/domain/poll';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const processor = useStack({ worker: ['--vendor', path.join(__dirname, 'fixtures/inquiring-vendor.cjs')] });

const concurrently = test.concurrent;

const untilAsked = (id: string) => processor.control.untilSettled(id, { statuses: ['inquiring'] });
const lastRoundIn = (shown: string) => (JSON.parse(shown) as { lastRound: Partial<PollResult> }).lastRound;
const statusesOf = async (id: string) => (await processor.control.timeline(id)).map(({ to }) => to);
/** Asked again, it is inquiring a second time. */
const untilAskedTimes = (id: string, times: number) =>
  waitFor(
    `inquiry ${times}`,
    () => statusesOf(id),
    (statuses) => statuses.filter((status) => status === 'inquiring').length === times,
  );

concurrently(
  'an answer that is still wrong is asked about again, and the chain of runs reads as one story',
  async () => {
    const { control } = processor;
    const { id } = await control.placePurchase({ admin_email: 'ada' });
    await untilAsked(id);
    await control.answer(id, { admin_email: 'ada at customer' });
    await untilAskedTimes(id, 2);
    await control.answer(id, { admin_email: 'ada@customer.example' });
    expect(await control.untilSettled(id, { statuses: ['approved'] })).toBe('approved');
    expect(await statusesOf(id)).toEqual(['pending', 'inquiring', 'pending', 'inquiring', 'pending', 'approved']);
    expect(await control.effects(id, 'approve')).toBe(1);
    await processor.runOf(id).result();

    const ended = Math.floor(Date.now() / 1000);
    await waitFor('the next second', () => Math.floor(Date.now() / 1000) > ended); // Connect's times are whole ones

    expect(
      (await processor.run(['requests', 'note', id, `All set, ${processor.stack.sandbox.vendorApiKey} too.`])).code,
    ).toBe(0);
    const { stdout } = await processor.run(['requests', 'show', id]);
    const story = stdout.split('\n').flatMap((line) => /^\d\S+Z {2}(.*)$/.exec(line)?.[1] ?? []);
    expect(story.filter((line) => line.startsWith('run until'))).toEqual([
      expect.stringMatching(/: inquired \(admin_email: Enter an e-mail address\.\)$/),
      expect.stringMatching(/: inquired \(admin_email: Enter an e-mail address\.\)$/),
      expect.stringMatching(/: approved$/),
    ]);
    expect(story.at(-1)).toMatch(/^said by .*: All set, \[redacted\] too\.$/);
  },
  60_000,
);

concurrently(
  'a change is inquired, and its answer leads to one approval',
  async () => {
    const { control } = processor;
    const { asset } = await control.seedSubscription();
    const { id } = await control.placeOrder({ type: 'change', asset, quantity: 500 });
    await untilAsked(id);
    await control.answer(id, { admin_email: 'accounts@customer.example' });
    expect(await control.untilSettled(id, { statuses: ['approved'] })).toBe('approved');
    expect([await control.effects(id, 'inquire'), await control.effects(id, 'approve')]).toEqual([1, 1]);
  },
  60_000,
);

concurrently(
  'a change that is answered while a correction beside it is under way waits until that is done',
  async () => {
    const { control, runOf } = processor;
    const { asset } = await control.seedSubscription();
    const { id } = await control.placeOrder({ type: 'change', asset, quantity: 500 });
    await untilAsked(id);
    const adjustment = await control.placeOrder({ type: 'adjustment', asset });
    await runOf(adjustment.id).untilStep('vendor asked to wait');
    await control.answer(id, { admin_email: 'accounts@customer.example' });
    const show = async () => (await processor.run(['schedules', 'show', '--json'])).stdout;
    await waitFor('a round that holds it', show, (shown) => lastRoundIn(shown).held?.includes(id) === true);
    expect(await runOf(id).chain()).toHaveLength(1);
    expect((await processor.run(['requests', 'show', id])).stdout).toContain(`before it     ${adjustment.id}, `);

    await runOf(adjustment.id).reprocess();
    for (const each of [adjustment.id, id]) {
      expect(await control.untilSettled(each, { statuses: ['approved'] })).toBe('approved');
    }
  },
  60_000,
);

concurrently(
  'a reseller of either tier is asked, each answers, and the purchase behind them goes on',
  async () => {
    const { control, stack } = processor;
    const { id } = await control.placePurchase({ product: stack.sandbox.products.tiered, reseller: 'asked' });
    const tiers = (await control.state()).tierConfigRequests;
    expect(tiers).toHaveLength(2);
    for (const [n, tier] of tiers.entries()) {
      await untilAsked(tier.id);
      await control.answer(tier.id, { tax_number: `DE${n}` });
    }
    for (const tier of tiers) {
      expect(await control.untilSettled(tier.id, { statuses: ['approved'] })).toBe('approved');
      expect([await control.effects(tier.id, 'inquire'), await control.effects(tier.id, 'approve')]).toEqual([1, 1]);
    }
    expect(await control.untilSettled(id, { statuses: ['approved'] })).toBe('approved');
  },
  60_000,
);

concurrently(
  'an answer that comes while a round lists is seen by the next',
  async () => {
    const { control } = processor;
    const { id } = await control.placePurchase({ admin_email: 'ada' });
    await untilAsked(id);
    await processor.runOf(id).result();
    const slow = await control.fault({ api: 'connect', method: 'GET', path: '/requests', times: 1, slowMs: 1_500 });
    await waitFor('a round that lists', async () => (await control.getFault(slow.id)).hits > 0);
    await control.answer(id, { admin_email: 'ada@customer.example' });
    expect(await control.untilSettled(id, { statuses: ['approved'] })).toBe('approved');
    expect([await control.effects(id, 'inquire'), await control.effects(id, 'approve')]).toEqual([1, 1]);
  },
  60_000,
);
