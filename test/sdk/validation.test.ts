import { expect, test } from '@jest/globals';
import { defineVendor, type ValidateHooks } from '../../src/sdk';
import { validatorsOf } from '../../src/sdk/validation';

const hook = async () => undefined;

test('a vendor needs the validators of what it validates, or those that it names', () => {
  expect(validatorsOf({ fulfillment: hook })).toEqual(['validator', 'change_validator']);
  expect(validatorsOf({ tierConfig: hook })).toEqual([
    ...['draft_tcr_t1_val', 'draft_tcr_t2_val', 'tcr_update_t1_validator', 'tcr_update_t2_validator'],
  ]);
  expect(validatorsOf({ fulfillment: hook, validators: ['inquiring_validator'] })).toEqual(['inquiring_validator']);
});

test.each([
  [hook, /validate must be an object/],
  [{}, /validate needs a function/],
  [{ fulfillment: 'yes' }, /validate.fulfillment must be a function/],
  [{ fulfillment: hook, tier: hook }, /validate.tier is not one of/],
  [{ fulfillment: hook, validators: 'validator' }, /validate.validators must be a list/],
  [{ fulfillment: hook, validators: ['validater'] }, /"validater" is not one of validator, /],
  [{ fulfillment: hook, validators: ['draft_tcr_t1_val'] }, /"draft_tcr_t1_val" has no function/],
])('validate %p does not fit', (validate, words) => {
  expect(() => defineVendor({ validate: validate as unknown as ValidateHooks })).toThrow(words);
});

test('an action is a function', () => {
  expect(() => defineVendor({ action: 'https://vendor.example' as unknown as () => Promise<string> })).toThrow(
    /action must be a function/,
  );
});
