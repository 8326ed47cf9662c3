import path from 'node:path';
import { expect, test } from '@jest/globals';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const VENDOR = path.join(__dirname, 'fixtures/dating-vendor.cjs');
const processor = useStack({ worker: ['--vendor', VENDOR] });

test('a purchase is approved as of a day, billed on another, with the vendor’s own text', async () => {
  const { id, asset } = await processor.control.placePurchase();
  expect(await processor.control.untilSettled(id)).toBe('approved');
  const { body: request } = await processor.control.connect('GET', `/requests/${id}`);
  expect(request).toMatchObject({
    effective_date: '2027-01-01T00:00:00Z',
    activation_key: '# Your number is S-1',
    template: null,
    asset: { status: 'active' },
  });
  const { body: subscription } = await processor.control.connect('GET', `/subscriptions/assets/${asset.id}`);
  expect(subscription).toMatchObject({ billing: { next_date: '2027-02-01T00:00:00.000Z' } });
  expect(await processor.control.effects(id, 'approve')).toBe(1);
});

test('a request that is late by its service level is found by its zone', async () => {
  const { id } = await processor.control.placePurchase({ sliZone: 3 });
  await processor.control.placePurchase({ sliZone: 1 });
  expect(await processor.control.untilSettled(id)).toBe('approved');
  const { workflow } = processor.stack.client;
  const late = async () => {
    const ids = new Set<string>();
    for await (const { workflowId } of workflow.list({ query: 'ConnectSliZone >= 2' })) ids.add(workflowId);
    return [...ids];
  };
  expect(await waitFor('the run in the list', late, (ids) => ids.length > 0)).toEqual([id]);
});

test('one with a date that is none is parked, and Connect has heard of nothing', async () => {
  const { id } = await processor.control.placePurchase({ admin_email: 'undated@example.com' });
  const { failureType, reason } = await processor.untilPhase(id, 'parked');
  expect([failureType, reason]).toEqual(['VendorContract', expect.stringContaining('"purchase"')]);
  expect(reason).toContain('effectiveDate must be a Date, or a time as in 2027-01-01T00:00:00Z');
  expect(await processor.control.effects(id, 'approve')).toBe(0);
});
