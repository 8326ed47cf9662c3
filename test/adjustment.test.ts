import { describe, expect, test } from '@jest/globals';
import { type Adjustment, requestAdjustment } from '../src/adjustment';
import { useSandbox } from './sandbox/start';

const box = useSandbox();
const requested = (assetId: string, params: Adjustment['params']) =>
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

describe('a value that is a structure', () => {
  const phone = { country_code: '+34', area_code: '687', phone_number: '000000', extension: '' };
  const another = { ...phone, phone_number: '111111' };
  const seed = async () => (await box.control.seedSubscription({ product: box.sandbox.products.backup })).asset;
  const supportPhone = async (path: string) => {
    const { body } = await box.vendor('GET', path);
    const params: { id: string }[] = body.asset?.params ?? body.params;
    return params.find(({ id }) => id === 'support_phone');
  };

  test('is asked for as such, and is the subscription’s once it is approved', async () => {
    const asset = await seed();
    const { id } = await requested(asset, { support_phone: phone });
    expect(await supportPhone(`/requests/${id}`)).toMatchObject({ value: '', structured_value: phone });
    expect((await box.approve(id!)).status).toBe(200);
    expect(await supportPhone(`/assets/${asset}`)).toMatchObject({ structured_value: phone });
    expect(await requested(asset, { support_phone: phone })).toEqual({ id: undefined, created: false });
  });

  test('is compared by what it holds, and told as JSON where it differs', async () => {
    const asset = await seed();
    const { id } = await requested(asset, { support_phone: phone });
    const { extension, phone_number, area_code, country_code } = phone;
    const inAnotherOrder = { extension, phone_number, area_code, country_code };
    expect(await requested(asset, { support_phone: inAnotherOrder })).toEqual({ id, created: false });
    await expect(requested(asset, { support_phone: another })).rejects.toThrow(
      `asks for other values: support_phone = ${JSON.stringify(phone)}, not ${JSON.stringify(another)}.`,
    );
  });

  test('that is no value of a parameter is refused', async () => {
    const asset = await seed();
    await expect(requested(asset, { support_phone: ['+34'] as unknown as string })).rejects.toThrow(
      'Nothing was created: the value of "support_phone" must be a text or an object, not an array.',
    );
    await expect(requested(asset, { subscription_id: {} })).rejects.toThrow('"subscription_id" is required');
  });
});
