import { expect, test } from '@jest/globals';
import { createTemplates, type TemplateQuery } from '../../activities/templates';
import { useActivities } from './start';

const { box, activities } = useActivities();

const activation: TemplateQuery = {
  ...{ productId: 'PRD-100-000-001', name: 'Change Template', anyIfOnly: false },
  ...{ scope: 'asset', type: 'fulfillment' },
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
