import { expect, test } from '@jest/globals';
import { useSandbox } from './start';

const box = useSandbox();

async function vendorApi(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${box.sandbox.vendorUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${box.sandbox.vendorApiKey}`, 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

const tenant = { external_id: 'AS-1', admin_email: 'ada@customer.example', licences: { limit: 5 } };
const create = (key: string, more: object = {}) =>
  vendorApi('POST', '/tenant', { ...tenant, ...more }, { 'idempotency-key': key });

test('creates a tenant once for a key, and a second one for another key', async () => {
  const first = await create('PR-1');
  expect(first).toMatchObject({ status: 201, body: { external_id: 'AS-1', licences: { limit: 5 }, ready: true } });
  expect(await create('PR-1', { licences: { limit: 9 } })).toEqual(first);
  expect((await create('PR-2')).body.tenantId).not.toBe(first.body.tenantId);
  expect(await box.control.tenantsOf('AS-1')).toHaveLength(2);
  expect((await box.control.counts()).doubledTenants).toEqual(['AS-1']);
});

test('is found, limited, disabled, enabled and deleted', async () => {
  const { tenantId } = (await create('PR-1')).body;
  expect((await vendorApi('GET', '/tenant?external_id=AS-1')).body).toMatchObject([{ tenantId }]);
  expect((await vendorApi('GET', '/tenant?external_id=AS-2')).body).toEqual([]);
  const path = `/tenant/${tenantId}`;
  expect((await vendorApi('PUT', path, { licences: { limit: 7 } })).body.licences.limit).toBe(7);
  expect((await vendorApi('PUT', `${path}/disable`)).body.status).toBe('disabled');
  expect((await vendorApi('PUT', `${path}/disable`)).body.status).toBe('disabled');
  expect((await vendorApi('PUT', `${path}/enable`)).body.status).toBe('enabled');
  expect((await vendorApi('DELETE', path)).status).toBe(204);
  expect((await vendorApi('GET', path)).status).toBe(404);
  expect((await vendorApi('DELETE', path)).status).toBe(404);
  expect((await vendorApi('GET', '/tenant?external_id=AS-1')).body).toEqual([]);
  expect(await box.control.tenantsOf('AS-1')).toMatchObject([{ tenantId, status: 'deleted' }]);
});

test.each([
  [{ admin_email: 'nobody' }, 'invalid_email', 'admin_email: not an e-mail address'],
  [{ admin_email: 'refused@customer.example' }, 'refused', 'This customer is not served.'],
  [{ external_id: '' }, 'invalid', 'external_id: text expected'],
  [{ licences: { limit: 'many' } }, 'invalid', 'licences.limit: a number expected, 0 or more'],
])('refuses %j with 400 and says why', async (wrong, error, message) => {
  expect(await create('PR-1', wrong)).toMatchObject({ status: 400, body: { error, message } });
  expect(await box.control.tenantsOf('AS-1')).toEqual([]);
});

test('sets the administrator too, where one is named, and takes none without an address', async () => {
  const path = `/tenant/${(await create('PR-1')).body.tenantId}`;
  const bob = { admin_email: 'bob@customer.example', licences: { limit: 7 } };
  expect(await vendorApi('PUT', path, bob)).toMatchObject({ status: 200, body: bob });
  const refused = await vendorApi('PUT', path, { admin_email: 'nobody', licences: { limit: 9 } });
  expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_email' } });
  expect((await vendorApi('GET', path)).body).toMatchObject(bob);
});

test('needs its key, but for health', async () => {
  expect((await vendorApi('GET', '/tenant?external_id=1', undefined, { authorization: 'Bearer no' })).status).toBe(401);
  expect(await vendorApi('GET', '/health', undefined, { authorization: '' })).toEqual({
    status: 200,
    body: { status: 'ok' },
  });
  expect(await vendorApi('GET', '/nowhere')).toMatchObject({ status: 404, body: { error: 'not_found' } });
});

test('takes its time for slow@, and all the time there is for never@', async () => {
  await box.control.set({ vendorReadyAfterMs: 60_000 });
  const slow = await create('PR-1', { admin_email: 'slow@customer.example' });
  expect((await vendorApi('GET', `/tenant/${slow.body.tenantId}`)).body.ready).toBe(false);
  await box.control.set({ vendorReadyAfterMs: 0 });
  expect((await create('PR-2', { admin_email: 'slow@customer.example' })).body.ready).toBe(true);
  expect((await create('PR-3', { admin_email: 'never@customer.example' })).body.ready).toBe(false);
});

test('a tenant has a control panel, which needs no key and shows no password', async () => {
  const { tenantId, adminPassword } = (await create('PR-1', { admin_email: '<b>@customer.example' })).body;
  const panel = await fetch(`${box.sandbox.vendorUrl}/panel/${tenantId}`);
  const page = await panel.text();
  expect([panel.status, panel.headers.get('content-type')]).toEqual([200, 'text/html']);
  expect(page).toContain(`Control panel of ${tenantId}`);
  expect(page).toContain('5 seats, administrator &lt;b>@customer.example');
  expect(page).not.toContain(adminPassword);
  expect((await fetch(`${box.sandbox.vendorUrl}/panel/tenant-0`)).status).toBe(404);
});
