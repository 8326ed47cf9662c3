import { expect, test } from '@jest/globals';
import { REQUEST_TYPES } from '../src/sdk/handlers';
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

test.each([
  ['an empty name', { activation: '' }, 'activation', 'is empty: give the name of a template'],
  ['a name that is no text', { inquire: 7 }, 'inquire', 'must be a text: the name of a template'],
  ['no object', [], '', 'must be an object; possible in it: activation, inquire, types, products'],
  ['types in a list', { types: ['cancel'] }, 'types', /^must be an object; possible in it: purchase, change, /],
  [
    'a name instead of a type',
    { types: { cancel: 'x' } },
    'types.cancel',
    /^must be an object; .*: activation, inquire$/,
  ],
  ['products in a list', { products: [] }, 'products', 'must be an object with ids of products as its names'],
  [
    'no id of a product',
    { products: { 'PRD-x': {} } },
    'products.PRD-x',
    /^is no id of a product: .* PRD-000-000-000$/,
  ],
  [
    'the inquiry of a tier config request',
    { types: { 'tier-setup': { inquire: 'x' } } },
    'types.tier-setup.inquire',
    'cannot be set: Connect takes no template for the inquiry of a tier config request',
  ],
])('%s is refused in plain words', (_, names, place, message) => {
  const found = issues(names).map(({ path, message }) => [path.join('.'), message]);
  expect(found).toEqual([[place, typeof message === 'string' ? message : expect.stringMatching(message)]]);
});

test.each([
  [{ approval: 'x' }, '', 'approval', 'no such setting; possible here: activation, inquire, types, products'],
  [{ types: { cancle: {} } }, 'types', 'cancle', /^no type of request .*: purchase, .*, cancel, .*, tier-adjustment$/],
  [{ types: { revoke: {} } }, 'types', 'revoke', /^no type of request that has a handler; /],
  [{ types: { cancel: { x: 'y' } } }, 'types.cancel', 'x', 'no such setting; possible here: activation, inquire'],
  [
    { products: { 'PRD-1': { typs: {} } } },
    'products.PRD-1',
    'typs',
    'no such setting; possible here: activation, inquire, types',
  ],
  [{ products: { 'PRD-1': { types: { sale: {} } } } }, 'products.PRD-1.types', 'sale', /^no type of request /],
])('a name that is not known is refused where it stands: %j', (names, place, key, message) => {
  const found = issues(names).map((issue) => [issue.path.join('.'), issue.code, 'keys' in issue && issue.keys]);
  expect(found).toEqual([[place, 'unrecognized_keys', [key]]]);
  expect(issues(names)[0]?.message).toMatch(message);
});

test('every type of request that may be approved may have a template', () => {
  const approved = REQUEST_TYPES.filter((type) => type !== 'revoke');
  const types = Object.fromEntries(approved.map((type) => [type, { activation: `for ${type}` }]));
  const parsed = TemplateNames.parse({ types });
  for (const type of approved) {
    expect(templateName(parsed, 'activation', 'PRD-1', type).name).toBe(`for ${type}`);
  }
});

function issues(names: unknown) {
  return TemplateNames.safeParse(names).error?.issues ?? [];
}
