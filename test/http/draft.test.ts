import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ConnectClient, createConnectClient } from '../../src/connect/client';
import type { ValidateHooks } from '../../src/sdk/validation';
import { useSandbox } from '../sandbox/start';
import { fresh, listener } from './listener';

const box = useSandbox();
let connect: ConnectClient;
beforeEach(() => {
  connect = createConnectClient({ url: box.sandbox.connectUrl, apiKey: box.sandbox.vendorKey });
});
afterEach(() => connect.close());

test("a draft's hook is given the reseller's parameters, for which Connect is asked once", async () => {
  const { tiered: product } = box.sandbox.products;
  const { asset } = await box.control.seedSubscription({ product });
  const { id } = await box.control.placeOrder({ type: 'change', asset });
  const { body: draft } = await box.vendor('GET', `/requests/${id}`);
  await box.control.clearCounters();
  const read: unknown[] = [];
  const fulfillment: ValidateHooks['fulfillment'] = async ({ tierParams }) => {
    for (const level of [1, 1, 2] as const) read.push((await tierParams(level)).map((param) => param.id));
    return undefined;
  };
  const { app } = await listener({ validation: { hooksOf: () => ({ fulfillment }), connect } });
  const payload = JSON.stringify(draft);
  const answer = await app.inject({ method: 'POST', url: '/validate', headers: fresh(), payload });
  expect(answer.statusCode).toBe(200);
  expect(read).toEqual(Array(3).fill(['reseller_id', 'tax_number']));
  expect((await box.control.counters()).calls).toMatchObject([{ path: '/tier/configs', statuses: { 200: 2 } }]);
});
