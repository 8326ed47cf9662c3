import { describe, expect, test } from '@jest/globals';
import { createTemplates, type TemplateQuery } from '../../activities/templates';
import { ConnectApiError, ConnectTimeoutError } from '../../src/connect/errors';
import { inquire } from '../../src/sdk';
import { useActivities } from './start';

const { box, activities, run, failureOf } = useActivities();

const activation: TemplateQuery = {
  productId: 'PRD-100-000-001',
  name: 'Change Template',
  anyIfOnly: false,
  scope: 'asset',
  type: 'fulfillment',
};

function templates() {
  const clock = { ms: 0 };
  return { ...createTemplates(activities().connect, () => clock.ms), clock };
}

const lists = async () =>
  (await box.control.counters()).calls
    .filter(({ path }) => path === '/products/{id}/templates')
    .flatMap(({ statuses }) => Object.values(statuses))
    .reduce((sum, count) => sum + count, 0);

test('finds a template by its name, in its own scope and type', async () => {
  const { find } = templates();
  const byDefault = { ...activation, name: 'Default Activation Template' };
  expect(await find(activation)).toBe('TL-100-001-005');
  expect(await find(byDefault)).toBe('TL-100-001-001');
  expect(await find({ productId: byDefault.productId, name: byDefault.name, anyIfOnly: false, scope: 'tier1' })).toBe(
    'TL-100-001-002',
  );
  await expect(find({ ...activation, type: 'inquire' })).rejects.toMatchObject({ type: 'TemplateMissing' });
});

test('asks Connect once a minute, however many requests there are', async () => {
  const { find, clock } = templates();
  await Promise.all(Array.from({ length: 20 }, () => find(activation)));
  expect(await lists()).toBe(1);
  clock.ms += 60_000;
  await find(activation);
  expect(await lists()).toBe(2);
});

test('sees at once a template that was created after a look', async () => {
  const { find } = templates();
  await box.control.fault({ api: 'connect', method: 'GET', path: '/products/*/templates', times: 1, json: [] });
  expect(await find(activation)).toBe('TL-100-001-005'); // the first list lacks it
});

test('remembers no list that could not be read', async () => {
  const { find } = templates();
  await box.control.fault({ api: 'connect', method: 'GET', path: '/products/*/templates', status: 500, times: 1 });
  await expect(find(activation)).rejects.toMatchObject({ status: 500 });
  expect(await find(activation)).toBe('TL-100-001-005');
});

test('takes the only template there is where nobody chose a name, and never guesses between two', async () => {
  const { find } = templates();
  const unnamed = { ...activation, name: 'Renamed by somebody' };
  await expect(find({ ...unnamed, anyIfOnly: true })).rejects.toMatchObject({
    message: expect.stringContaining('There: "Default Activation Template", "Change Template".'),
  });
  await box.control.removeTemplate(activation.productId, 'TL-100-001-001');
  await expect(find({ ...unnamed, anyIfOnly: false })).rejects.toMatchObject({ type: 'TemplateMissing' });
  expect(await find({ ...unnamed, anyIfOnly: true })).toBe('TL-100-001-005');
});

test('asks Connect once a minute too where the only template has another name than the default', async () => {
  const { find, clock } = templates();
  await box.control.removeTemplate(activation.productId, 'TL-100-001-001');
  const byDefault = { ...activation, name: 'Default Activation Template', anyIfOnly: true };
  for (let order = 0; order < 5; order++) expect(await find(byDefault)).toBe('TL-100-001-005');
  expect(await lists()).toBe(1);
  clock.ms += 60_000;
  await find(byDefault);
  expect(await lists()).toBe(2);
});

test('finds a template that was deleted and made anew under its name, a minute later', async () => {
  const { find, clock } = templates();
  await find(activation);
  const anew = { id: 'TL-100-001-999', name: activation.name, scope: 'asset', type: 'fulfillment' };
  await box.control.fault({ api: 'connect', method: 'GET', path: '/products/*/templates', json: [anew] });
  clock.ms += 60_000;
  expect(await find(activation)).toBe(anew.id);
});

test('says so where there is none at all', async () => {
  const { find } = templates();
  await box.control.removeTemplate(activation.productId, 'TL-100-001-004');
  const inquiry = find({ ...activation, type: 'inquire', anyIfOnly: true });
  await expect(inquiry).rejects.toMatchObject({ message: expect.stringContaining('There: none.'), nonRetryable: true });
});

describe('a template that Connect refuses is looked for anew, since an operator may have mended it meanwhile:', () => {
  const anew = (scope: string, type?: string) => ({ id: 'TL-999', name: 'Made anew', scope, type });
  const list = (json: unknown[]) =>
    box.control.fault({ api: 'connect', method: 'GET', path: '/products/*/templates', json });

  test('of an approval', async () => {
    const { id, product } = await box.control.placePurchase();
    const all = activities();
    expect(await run(all, 'askVendor', [id])).toMatchObject({ templateId: 'TL-100-001-001' });
    await run(all, 'saveParams', [id, [{ id: 'subscription_id', value: 'S-1' }]]);
    await box.control.removeTemplate(product.id, 'TL-100-001-001');
    const { type, message } = await failureOf(all, 'approveRequest', [id, 'TL-100-001-001']);
    expect([type, message]).toEqual(['ConnectRejected', expect.stringContaining('no template')]);
    await list([anew('asset', 'fulfillment')]);
    expect(await run(all, 'askVendor', [id])).toMatchObject({ templateId: 'TL-999' });
  });

  test('of an inquiry', async () => {
    const { id, product } = await box.control.placePurchase();
    const paramErrors = { admin_email: 'Enter one.' };
    const vendor = { purchase: { find: async () => undefined, create: async () => inquire(paramErrors) } };
    const all = activities({ vendor });
    const templateId = 'TL-100-001-004';
    expect(await run(all, 'askVendor', [id])).toMatchObject({ templateId });
    await run(all, 'saveParams', [id, [{ id: 'admin_email', valueError: 'Enter one.' }]]);
    await box.control.removeTemplate(product.id, templateId);
    await failureOf(all, 'inquireRequest', [id, { paramErrors, templateId, again: false }]);
    await list([anew('asset', 'fulfillment'), anew('asset', 'inquire')]);
    expect(await run(all, 'askVendor', [id])).toMatchObject({ templateId: 'TL-999' });
  });

  test('of a tier configuration', async () => {
    const product = box.sandbox.products.tiered;
    await box.control.placePurchase({ product });
    const { id } = (await box.control.state()).tierConfigRequests.find(({ level }) => level === 2)!;
    const all = activities();
    const answer = await run(all, 'askVendorForTierConfig', [id]);
    if (answer.kind !== 'approve') throw new Error(answer.kind);
    await run(all, 'saveTierParams', [id, answer.params]);
    await box.control.removeTemplate(product, answer.templateId);
    await failureOf(all, 'approveTierConfigRequest', [id, answer.templateId]);
    await list([anew('tier2')]);
    expect(await run(all, 'askVendorForTierConfig', [id])).toMatchObject({ templateId: 'TL-999' });
  });

  test('once, and no other list', async () => {
    const { find, use } = templates();
    const templateId = await find(activation);
    await find({
      productId: activation.productId,
      name: 'Default Activation Template',
      anyIfOnly: false,
      scope: 'tier1',
    });
    const before = await lists();
    const refused = new ConnectApiError('POST', '/requests/PR-1/approve', 400, {
      errorCode: 'VAL_001',
      errors: [],
      retryAfterMs: undefined,
      fromConnect: true,
    });
    const away = new ConnectTimeoutError('POST', '/requests/PR-1/approve', 45_000);
    for (const error of [away, refused]) {
      await expect(use(templateId, () => Promise.reject(error))).rejects.toBe(error);
      for (const again of [1, 2]) expect([again, await find(activation)]).toEqual([again, templateId]);
      expect(await lists()).toBe(before + (error === refused ? 1 : 0));
    }
  });
});
