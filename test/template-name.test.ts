import { expect, test } from '@jest/globals';
import { templateName, TemplateNames } from '../src/template-name';

const names: TemplateNames = {
  activation: 'for all',
  types: { cancel: { activation: 'for cancels' }, purchase: { inquire: 'ask buyers' } },
  products: {
    'PRD-1': { activation: 'for one', types: { cancel: { activation: 'for cancels of one' } } },
    'PRD-2': { inquire: 'ask two' },
  },
};

test.each([
  ['PRD-1', 'cancel', 'for cancels of one'],
  ['PRD-1', 'change', 'for one'],
  ['PRD-2', 'cancel', 'for cancels'],
  ['PRD-2', 'change', 'for all'],
  ['PRD-9', 'tier-setup', 'for all'],
  ['toString', 'constructor', 'for all'],
])('the nearest name wins: product %s, %s', (product, type, name) => {
  expect(templateName(names, 'activation', product, type)).toEqual({ name, chosen: true });
});

test('an inquiry has names of its own', () => {
  expect(templateName(names, 'inquire', 'PRD-2', 'purchase').name).toBe('ask two');
  expect(templateName(names, 'inquire', 'PRD-1', 'purchase').name).toBe('ask buyers');
});

test("without a choice it is Connect's own name, which nobody chose", () => {
  expect(templateName({}, 'activation', 'PRD-1', 'purchase')).toEqual({
    name: 'Default Activation Template',
    chosen: false,
  });
  expect(templateName(names, 'inquire', 'PRD-1', 'cancel')).toMatchObject({ chosen: false });
});

test('a name that is empty, or for a use that does not exist, is refused', () => {
  for (const wrong of [{ activation: '' }, { approval: 'x' }, { types: { cancel: { x: 'y' } } }]) {
    expect(TemplateNames.safeParse(wrong).success).toBe(false);
  }
});
