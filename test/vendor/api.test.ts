import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { VendorUnavailable } from '../../src/sdk';
import { createVendorApi } from '../../src/vendor/api';
import { serve, stopServers } from '../connect/server';

const KEY = 'the-key-of-the-vendor';
const { signal } = new AbortController();
afterEach(stopServers);

/** A call to an API that answers so. */
async function findTenant(answer: RequestListener, by = signal) {
  const { url } = await serve(answer);
  return await createVendorApi(url, KEY).findTenant('AS-1', by);
}

const answers = (status: number, body: string, headers = {}): RequestListener => {
  return (_, response) => void response.writeHead(status, headers).end(body);
};
/** It names its length, and ends before. */
const breaksOff = (status: number): RequestListener => {
  return ({ socket }, response) => {
    response.writeHead(status, { 'content-length': 1000 });
    response.write('[{"tenantId":', () => socket.destroy());
  };
};
const CALL = 'GET /tenant?external_id=AS-1';

test.each<[string, RequestListener, string, number | undefined]>([
  ['503 whose body breaks off', breaksOff(503), 'answered 503', undefined],
  ['500 with 5 MB', answers(500, KEY.padEnd(5_000_000, '.')), 'answered 500', undefined],
  ['HTML with 200', answers(200, `<html>${KEY}</html>`), 'answered 200, and no JSON', undefined],
  ['200 without a body', answers(200, ''), 'answered 200, and no JSON', undefined],
  ['200 whose body breaks off', breaksOff(200), 'answered 200, and no JSON', undefined],
  ['a reset', ({ socket }) => void socket.resetAndDestroy(), 'no answer', undefined],
  ['429 with Retry-After', answers(429, 'slowly', { 'retry-after': '30' }), 'answered 429', 30],
])('%s is tried on, said with the call, and without the key', async (_what, answer, words, seconds) => {
  const error = await findTenant(answer).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(VendorUnavailable);
  const { message, retryAfterSeconds } = error as VendorUnavailable;
  expect([message, retryAfterSeconds]).toEqual([expect.stringContaining(`${CALL}`), seconds]);
  expect(message).toContain(words);
  expect(inspect(error)).not.toContain(KEY);
});

test('a refusal is an error with the call and the status', async () => {
  await expect(findTenant(answers(404, '{}'))).rejects.toThrow(new Error(`${CALL} answered 404`));
});

test('a call whose time is over ends with its reason', async () => {
  const over = new AbortController();
  const hangs: RequestListener = (_, response) => {
    response.writeHead(200).write('[');
    over.abort(new Error('the time is over'));
  };
  await expect(findTenant(hangs, over.signal)).rejects.toThrow('the time is over');
});

test('what is there is found', async () => {
  const tenant = { tenantId: 'T-1', ready: true };
  expect(await findTenant(answers(200, JSON.stringify([tenant])))).toEqual(tenant);
});
