import { expect, test } from '@jest/globals';
import { FAILURES, failurePolicy, FailureType } from '../../src/domain/failure-type';
import { requestKind } from '../../src/domain/ids';
import { inPhase, KEYWORD_LIMIT, SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes';

test.each([
  ['PR-1234-5678-9012-001', 'fulfillment'],
  ['TCR-123-456-789-001', 'tierConfig'],
  ['AS-1234-5678-9012', undefined],
  ['PR-', undefined],
  ['xPR-1', undefined],
  ["PR-1' OR WorkflowId != '", undefined],
  ['', undefined],
])('knows by the id "%s" which kind of request it is', (id, kind) => {
  expect(requestKind(id)).toBe(kind);
});

test('every type of failure says who acts, in a sentence', () => {
  expect(Object.keys(FAILURES).sort()).toEqual(Object.values(FailureType).sort());
  for (const { action } of Object.values(FAILURES)) expect(action).toMatch(/^(Nobody|An operator|The vendor).+\.$/);
});

test('a type that is none of ours has no policy', () => {
  for (const type of ['TypeError', 'toString', '', null, undefined]) expect(failurePolicy(type)).toBeUndefined();
});

test('what heals by itself is tried on, and what a person has to mend is not', () => {
  const final = Object.values(FailureType).filter((type) => failurePolicy(type)?.final);
  expect(final.sort()).toEqual([
    'ConnectConflict',
    'ConnectContract',
    'ConnectGone',
    'ConnectRejected',
    'ParameterMissing',
    'TemplateMissing',
    'UsageDoubled',
    'UsageInvalid',
    'UsageMismatch',
    'UsageNotSetUp',
    'UsageRefused',
    'UsageRejected',
    'UsageTooEarly',
    'UsageUnread',
    'VendorContract',
    'VendorNotWritten',
  ]);
});

test('the search attributes stay within what a namespace on SQL can hold', () => {
  // As Temporal makes its columns: ten of type Keyword, three of each other.
  const most: Record<string, number> = { KEYWORD: 10, INT: 3, DATETIME: 3 };
  for (const kind of new Set(SEARCH_ATTRIBUTES.map(({ type }) => type))) {
    expect(SEARCH_ATTRIBUTES.filter(({ type }) => type === kind).length).toBeLessThanOrEqual(most[kind] ?? 0);
  }
  expect(new Set(SEARCH_ATTRIBUTES.map(({ name }) => name)).size).toBe(SEARCH_ATTRIBUTES.length);
  expect(KEYWORD_LIMIT).toBe(255);
});

test('only open runs are looked for by their phase, since a closed one keeps its last', () => {
  expect(inPhase('parked')).toBe("ConnectPhase = 'parked' AND ExecutionStatus = 'Running'");
});
