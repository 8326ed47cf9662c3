import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { actionHooks } from '../../src/commands/open-listener';
import { type ConnectClient, createConnectClient } from '../../src/connect/client';
import type { Vendor } from '../../src/sdk';
import { useSandbox } from '../sandbox/start';

const box = useSandbox();
let connect: ConnectClient;
beforeEach(() => {
  connect = createConnectClient({ url: box.sandbox.connectUrl, apiKey: box.sandbox.vendorKey });
});
afterEach(() => connect.close());

const { signal } = new AbortController();
const NOBODY = { assetId: undefined, configurationId: undefined };
const opening = (address: string): Vendor => ({ action: async () => address });

test('where one vendor serves all products, its action is taken as it is, and Connect is not asked', async () => {
  const mail = opening('https://mail.example');
  const hookOf = actionHooks(
    new Map([
      ['PRD-1', mail],
      ['PRD-2', mail],
    ]),
    connect,
  );
  expect(await hookOf?.({ ...NOBODY, assetId: 'AS-1' }, signal)).toBe(mail.action);
  expect((await box.control.counters()).calls).toEqual([]);
});

test('where no vendor has an action there is nothing to open', () => {
  expect(
    actionHooks(
      new Map([
        ['PRD-1', {}],
        ['PRD-2', { validate: {} }],
      ]),
      connect,
    ),
  ).toBeUndefined();
});

test('of several vendors that is asked whose product the subscription is of, or the configuration', async () => {
  const { plain, tiered, usage } = box.sandbox.products;
  const [mail, resold] = [opening('https://mail.example'), opening('https://resold.example')];
  const hookOf = actionHooks(
    new Map([
      [plain, mail],
      [tiered, resold],
      [usage, {}],
    ]),
    connect,
  );
  const assetOf = async (product: string) => (await box.control.seedSubscription({ product })).asset;
  const [ofPlain, ofTiered, ofUsage] = [await assetOf(plain), await assetOf(tiered), await assetOf(usage)];
  expect(await hookOf?.({ ...NOBODY, assetId: ofPlain }, signal)).toBe(mail.action);
  expect(await hookOf?.({ ...NOBODY, assetId: ofTiered }, signal)).toBe(resold.action);
  expect(await hookOf?.({ ...NOBODY, assetId: ofUsage }, signal)).toBeUndefined();

  const { body } = await box.vendor('GET', '/tier/configs');
  const [{ id: configurationId }] = body as [{ id: string }];
  expect(await hookOf?.({ ...NOBODY, configurationId }, signal)).toBe(resold.action);
});

test('of several vendors none is asked where Connect signs neither, or does not know the subscription', async () => {
  const { plain, tiered } = box.sandbox.products;
  const hookOf = actionHooks(
    new Map([
      [plain, opening('https://mail.example')],
      [tiered, {}],
    ]),
    connect,
  );
  expect(await hookOf?.(NOBODY, signal)).toBeUndefined();
  await expect(hookOf?.({ ...NOBODY, assetId: 'AS-9' }, signal)).rejects.toThrow('404');
});
