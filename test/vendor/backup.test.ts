import { expect, test } from '@jest/globals';
import { resolveVendor } from '../../src/sdk/vendor';
import { vendor } from '../../src/vendor/backup';

const API = { apiUrl: 'http://127.0.0.1:9', apiKey: 'a key' };

test('the example of a module for one product approves nothing unless it is allowed', () => {
  expect(() => resolveVendor(vendor, { ...API, exampleAllowed: false })).toThrow('set EXAMPLE_VENDOR=allow');
  expect(resolveVendor(vendor, { ...API, exampleAllowed: true }).purchase).toBeDefined();
});
