import { expect, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { failure, redactedFailure, toFailure } from '../../activities/failure';
import {
  ConnectAnswerError,
  ConnectApiError,
  ConnectNetworkError,
  ConnectTimeoutError,
} from '../../src/connect/errors';
import { FAILURES, FailureType } from '../../src/domain/failure-type';
import { QuantityUnreadable } from '../../src/domain/items';
import { ParameterMissing } from '../../src/domain/parameters';
import { createRedactor } from '../../src/domain/redact';
import { shown } from './shown';

const same = (text: string) => text;
const of = (error: unknown, redact = same) => {
  const made = toFailure(error, redact);
  if (!(made instanceof ApplicationFailure)) throw new Error('it is no failure of ours');
  return made;
};

const answer = (status: number, retryAfterMs?: number) =>
  new ConnectApiError('GET', '/requests/PR-1', status, {
    errorCode: undefined,
    errors: [],
    fromConnect: true,
    retryAfterMs,
  });
const unreadable = (kind: ConstructorParameters<typeof ConnectAnswerError>[2]) =>
  new ConnectAnswerError('GET', '/requests/PR-1', kind, 200, 'it cannot be read');

/** The table of docs/errors.md. `final`: Temporal does not repeat it by itself, since a person, or the workflow, has to act. */
test.each<[string, unknown, string, boolean, number | undefined]>([
  ['no connection', new ConnectNetworkError('GET', '/', 'ECONNRESET'), 'ConnectUnavailable', false, undefined],
  ['no answer in time', new ConnectTimeoutError('GET', '/', 45_000), 'ConnectUnavailable', false, undefined],
  ['500', answer(500), 'ConnectUnavailable', false, undefined],
  ['503', answer(503), 'ConnectUnavailable', false, undefined],
  ['503 that asks for a short wait', answer(503, 3_000), 'ConnectUnavailable', false, 3_000],
  ['503 that asks for a long wait', answer(503, 60_000), 'ConnectUnavailable', true, 60_000],
  ['503 that asks for a wait of a day', answer(503, 86_400_000), 'ConnectUnavailable', true, 900_000],
  ['429', answer(429), 'ConnectThrottled', false, 5_000],
  ['429 that asks for less than a second', answer(429, 20), 'ConnectThrottled', false, 1_000],
  ['429 that asks for a long wait', answer(429, 30_000), 'ConnectThrottled', true, 30_000],
  ['408', answer(408), 'ConnectThrottled', false, 5_000],
  ['425', answer(425), 'ConnectThrottled', false, 5_000],
  ['401', answer(401), 'ConnectAuth', true, 300_000],
  ['403', answer(403), 'ConnectAuth', true, 300_000],
  ['400', answer(400), 'ConnectRejected', true, undefined],
  ['422', answer(422), 'ConnectRejected', true, undefined],
  ['404 of something else than the request', answer(404), 'ConnectRejected', true, undefined],
  ['409', answer(409), 'ConnectConflict', true, undefined],
  ["a proxy's page", unreadable('not-json'), 'ConnectUnavailable', false, undefined],
  ["a proxy's redirect", unreadable('redirect'), 'ConnectUnavailable', false, undefined],
  ['JSON that breaks off', unreadable('malformed-json'), 'ConnectUnavailable', false, undefined],
  ['JSON that does not fit', unreadable('schema'), 'ConnectContract', true, undefined],
  ['an answer that is too large', unreadable('too-large'), 'ConnectContract', true, undefined],
  ['an unknown parameter', new ParameterMissing('a', []), 'ParameterMissing', true, undefined],
  ['an odd quantity', new QuantityUnreadable({ id: '', mpn: '' }, 'five'), 'ConnectContract', true, undefined],
  ['an error by the name of a cancellation', { name: 'CancelledFailure' }, 'Internal', false, undefined],
  ['a failure of an unknown type', ApplicationFailure.create({ type: 'Other' }), 'Internal', false, undefined],
  ['a bug of ours', new TypeError('x is undefined'), 'Internal', false, undefined],
  ['a text', 'no luck', 'Internal', false, undefined],
  ['an object', { some: 'object' }, 'Internal', false, undefined],
  ['nothing', undefined, 'Internal', false, undefined],
  ['null', null, 'Internal', false, undefined],
])('%s', (_, error, type, final, retryAfterMs) => {
  expect(shown(of(error))).toMatchObject({ type, final, retryAfterMs });
});

test('a short wait is left to Temporal, a long one to the workflow, where it is seen', () => {
  expect(of(answer(429, 8_000)).nextRetryDelay).toBe(8_000);
  expect(of(answer(429, 30_000)).nextRetryDelay).toBeUndefined();
});

test('what a person is told to do about a failure that is tried on is true once its run is parked, too', () => {
  const triedOn = Object.values(FAILURES).filter(({ final }) => !final);
  expect(triedOn.length).toBeGreaterThan(0);
  for (const { action } of triedOn) {
    expect(action).toContain('`reprocess`');
    expect(action).not.toMatch(/\byet\b/);
  }
});

test('being asked to slow down is no failure in the metrics', () => {
  expect([of(answer(429)).category, of(answer(500)).category]).toEqual(['BENIGN', undefined]);
});

test('a failure that has its type already keeps it, with its wait', () => {
  const first = of(answer(429, 30_000));
  expect(shown(of(first))).toEqual(shown(first));
});

test('a cancellation stays one', () => {
  const cancelled = new CancelledFailure('the worker stops');
  expect(toFailure(cancelled, same)).toBe(cancelled);
});

test('no secret is left in the message or the stack', () => {
  const redact = createRedactor(['ApiKey SU-000-000-001:abcdef0123456789']);
  for (const error of [
    new Error('sent "ApiKey SU-000-000-001:abcdef0123456789"'),
    new ConnectNetworkError('GET', '/', 'abcdef0123456789'),
    ApplicationFailure.create({ type: 'VendorFault', message: 'echoed SU-000-000-001:abcdef0123456789' }),
  ]) {
    const made = of(error, redact);
    expect(`${made.message} ${made.stack} ${JSON.stringify(made)}`).not.toContain('abcdef0123456789');
    expect(made.message).toContain('[redacted]');
  }
});

const SECRET = 'secret-secret-secret';
test.each([
  ['an error', (text: string) => new Error(text)],
  [
    "Connect's refusal",
    (text: string) =>
      new ConnectApiError('GET', '/requests/PR-1', 400, {
        errorCode: undefined,
        errors: [text],
        retryAfterMs: undefined,
        fromConnect: true,
      }),
  ],
  ["Connect's strange answer", (text: string) => new ConnectAnswerError('GET', '/', 'schema', 200, text)],
  ['a failure that has its type already', (text: string) => failure(FailureType.VENDOR_FAULT, text)],
])('%s stays short enough to be read, and a secret is gone from it before it is cut', (_, made) => {
  for (let at = 400; at < 500; at++) {
    const { message, stack } = of(made(`${'x'.repeat(at)} ${SECRET} ${'y'.repeat(6_000)}`), createRedactor([SECRET]));
    expect(message).toHaveLength(500);
    expect(`${message} ${stack}`).not.toContain('secret');
    expect(stack!.length).toBeLessThanOrEqual(5_000);
  }
});

test('a secret that was taken out first leaves another one that reaches across the cut whole, to be taken out', () => {
  const first = redactedFailure(new Error(`${'x'.repeat(480)} ${SECRET} ${'y'.repeat(100)}`), same);
  expect(of(first, createRedactor([SECRET])).message).not.toContain('secret');
});

test('control characters are kept in sight: a NUL would keep the reason out of the lists of a Temporal on PostgreSQL', () => {
  const { message, stack } = of(
    failure(FailureType.VENDOR_FAULT, 'no\0 luck\u001b[2J,\r\nthough\ttried', { stack: 'at\0' }),
  );
  expect([message, stack]).toEqual(['no\\u0000 luck\\u001b[2J,\r\nthough\ttried', 'at\\u0000']);
});

test('a report keeps its lines, without secrets, however often the failure is looked at', () => {
  const report = ['record 1: "quantity" is negative', `record 2: category "${SECRET}" is not declared`];
  const first = failure(FailureType.USAGE_REFUSED, 'held back', { report });
  const lines = ['record 1: "quantity" is negative', 'record 2: category "[redacted]" is not declared'];
  const redact = createRedactor([SECRET]);
  for (const made of [of(first, redact), of(of(first, redact), redact)]) {
    expect(made.details).toEqual([{ retryAfterMs: undefined, report: lines }]);
  }
});

test('an object that was thrown is said as JSON, without secrets and not too long', () => {
  const redact = createRedactor(['quite-a-secret']);
  const said = toFailure({ key: 'quite-a-secret', rest: 'x'.repeat(5_000) }, redact).message;
  expect(said).toMatch(/^Error: \{"key":"\[redacted\]","rest":"x+…$/);
  expect(said).toHaveLength(500);
  const itself: Record<string, unknown> = {};
  itself['self'] = itself;
  expect(toFailure(itself, redact).message).toBe('Error: an object that JSON cannot say');
});
