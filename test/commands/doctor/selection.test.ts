import { expect, test } from '@jest/globals';
import { checkSelection } from '../../../src/commands/doctor/selection';
import { loadConfig } from '../../../src/config';

/** What is said first, which needs no Connect: which requests are processed. */
async function processed(settings: Record<string, string>): Promise<string | undefined> {
  const least = { CONNECT_API_KEY: 'ApiKey SU-1:key', CONNECT_PRODUCTS: 'PRD-1' };
  const found = checkSelection(loadConfig({ ...least, ...settings }));
  const { value } = await found.next();
  await found.return(undefined);
  return value?.text;
}

test.each([
  [undefined, undefined, 'any'],
  [undefined, 'MP-2,MP-3', 'any but MP-2, MP-3'],
  ['MP-1', undefined, 'MP-1'],
  ['MP-1', 'MP-2', 'MP-1'],
  ['MP-1,MP-2,MP-3', 'MP-2', 'MP-1, MP-3, since MP-2 is denied too, which counts'],
  ['MP-1', 'MP-1', 'none, since MP-1 is denied too, which counts'],
])('of marketplaces %s are allowed and %s denied: %s', async (allowed, denied, said) => {
  const settings = {
    ...(allowed && { CONNECT_MARKETPLACES_ALLOWED: allowed }),
    ...(denied && { CONNECT_MARKETPLACES_DENIED: denied }),
  };
  expect(await processed(settings)).toContain(`; marketplace ${said}; contract any; `);
});
