import { expect, test } from '@jest/globals';
import { type Origin, type Selection, whyNotReported, whyNotSelected, whyTaken } from '../../src/domain/selection';

const everything: Selection = {
  process: true,
  typesOff: [],
  connectionTypes: ['production', 'test', 'preview'],
  assigned: 'leave',
  marketplaces: { allowed: undefined, denied: [] },
  contracts: { allowed: undefined, denied: [] },
};
const origin: Origin = {
  type: 'purchase',
  productId: 'PRD-1',
  connectionType: 'production',
  marketplaceId: 'MP-1',
  contractId: 'CRD-1',
};
const ids = (allowed: string[] | undefined, ...denied: string[]) => ({ allowed, denied });

test.each<[string, Partial<Selection>, Partial<Origin>, string, string]>([
  ['a product that is off', { process: false }, {}, 'product', 'PRD-1 is switched off'],
  ['a type that is off', { typesOff: ['purchase'] }, {}, 'type', 'purchase of PRD-1 is switched off'],
  [
    'a connection type that is off',
    { connectionTypes: ['test'] },
    {},
    'connection',
    'the connection type production is not processed',
  ],
  ['a new connection type', {}, { connectionType: 'x' }, 'connection', 'the connection type x is not processed'],
  ['none', {}, { connectionType: '' }, 'connection', 'Connect does not say of which connection type it is'],
  [
    'a denied marketplace',
    { marketplaces: ids(['MP-1'], 'MP-1') },
    {},
    'marketplace',
    'the marketplace MP-1 is denied',
  ],
  ['another', { marketplaces: ids(['MP-2']) }, {}, 'marketplace', 'the marketplace MP-1 is not allowed'],
  [
    'no marketplace',
    { marketplaces: ids(['MP-2']) },
    { marketplaceId: '' },
    'marketplace',
    'the marketplace (none) is not allowed',
  ],
  ['a denied contract', { contracts: ids(undefined, 'CRD-1') }, {}, 'contract', 'the contract CRD-1 is denied'],
  ['another contract', { contracts: ids(['CRD-2']) }, {}, 'contract', 'the contract CRD-1 is not allowed'],
])(
  'left: %s; of its subscription no usage is reported, unless it is about a type of request',
  (_, differs, of, reason, text) => {
    const [selection, from] = [
      { ...everything, ...differs },
      { ...origin, ...of },
    ];
    expect(whyNotSelected(selection, from)).toEqual({ reason, text });
    expect(whyNotReported(selection, from)).toEqual(reason === 'type' ? undefined : { reason, text });
  },
);

test('what no setting speaks against is processed', () => {
  expect(whyNotSelected(everything, origin)).toBeUndefined();
  const named = { marketplaces: ids(['MP-1']), contracts: ids(['CRD-1'], 'CRD-2') };
  expect(whyNotSelected({ ...everything, ...named, typesOff: ['change'] }, origin)).toBeUndefined();
});

test('a request that a person has taken is left; one that a token has, or where that does not matter, is not', () => {
  const taken = { id: 'UR-1', name: 'Ada' };
  expect(whyTaken(everything, taken)).toEqual({ reason: 'assignee', text: 'it is assigned to Ada (UR-1)' });
  expect(whyTaken(everything, { id: 'UR-1', name: '' })?.text).toBe('it is assigned to UR-1');
  expect(whyTaken(everything, undefined)).toBeUndefined();
  expect(whyTaken(everything, { id: 'SU-1', name: 'Our token' })).toBeUndefined();
  expect(whyTaken({ ...everything, assigned: 'process' }, taken)).toBeUndefined();
});
