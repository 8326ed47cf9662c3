import { expect, test } from '@jest/globals';
import { requestAdjustment } from '../src/adjustment';
import { useSandbox } from './sandbox/start';

const box = useSandbox();
const requested = (assetId: string, params: Record<string, string>) =>
  requestAdjustment({ assetId, params }, { url: box.sandbox.connectUrl, apiKey: box.sandbox.vendorKey });
const adjustments = async () => (await box.control.state()).requests.filter(({ type }) => type === 'adjustment').length;

test('while an adjustment that asks for the same is open, that one is it', async () => {
  const { asset } = await box.control.seedSubscription({});
  const { id, created } = await requested(asset, { subscription_id: 'T-7' });
  expect(created).toBe(true);
  expect(await requested(asset, { subscription_id: 'T-7' })).toEqual({ id, created: false });
  expect(await adjustments()).toBe(1);
});

test('while one that asks for other values is open, nothing is asked for: which one it is, and what it asks for, is said', async () => {
  const { asset } = await box.control.seedSubscription({});
  const { id } = await requested(asset, { subscription_id: 'T-8', admin_password: 'hush-hush' });
  const said = `Nothing was created: ${id} is open already (pending), and asks for other values: `;
  await expect(requested(asset, { subscription_id: 'T-7', admin_password: 'another-one' })).rejects.toThrow(
    `${said}subscription_id = "T-8", not "T-7"; admin_password = [hidden], not [hidden]. Ask again when it has`,
  );
  await expect(requested(asset, { subscription_id: 'T-7', admin_password: 'hush-hush' })).rejects.toThrow(
    `${said}subscription_id = "T-8", not "T-7". `,
  );
  expect(await adjustments()).toBe(1);
});
