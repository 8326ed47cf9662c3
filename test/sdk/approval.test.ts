import { expect, test } from '@jest/globals';
import { approve } from '../../src/sdk';
import { outcomeProblems } from '../../src/sdk/contract';

test('an approval takes dates as a Date or as a time with its offset, and a text in place of a template', () => {
  const date = new Date('2027-01-01T00:00:00Z');
  const outcome = approve(
    {},
    { activationTile: '# Hi', effectiveDate: date, nextBillingDate: '2027-02-01T00:00+01:00' },
  );
  expect(outcome).toMatchObject({
    effectiveDate: '2027-01-01T00:00:00.000Z',
    nextBillingDate: '2027-02-01T00:00+01:00',
  });
  expect(outcomeProblems(outcome)).toEqual([]);
});

test.each([
  [{ effectiveDate: 'tomorrow' }, 'effectiveDate must be a Date, or a time as in 2027-01-01T00:00:00Z'],
  [{ effectiveDate: '2027-01-01' }, 'effectiveDate must be'],
  [{ nextBillingDate: '2027-01-01T00:00:00' }, 'nextBillingDate must be'],
  [{ effectiveDate: '2027-02-30T00:00:00Z' }, 'effectiveDate must be'],
  [{ nextBillingDate: '2027-13-01T00:00:00Z' }, 'nextBillingDate must be'],
  [{ nextBillingDate: new Date(NaN) }, 'nextBillingDate must be'],
  [{ effectiveDate: null as never }, 'effectiveDate must be'],
  [{ activationTile: ' ' }, 'activationTile must be a text'],
  [{ activationTile: '# Hi', template: 'Welcome' }, 'approve takes a template or an activationTile'],
])('an approval with %j is found out', (options, problem) => {
  expect(outcomeProblems(approve({}, options))).toEqual([expect.stringContaining(problem)]);
});
