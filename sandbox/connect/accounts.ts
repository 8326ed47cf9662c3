/** The two accounts that hold a key. Keys are fixed and obviously not secrets, so that example files can name them. */
export interface Account {
  id: string;
  name: string;
  kind: 'vendor' | 'distributor';
}

export const VENDOR_KEY = 'ApiKey SU-000-000-001:sandbox-vendor-key';
export const DISTRIBUTOR_KEY = 'ApiKey SU-000-000-002:sandbox-distributor-key';

export const VENDOR: Account = { id: 'VA-000-001', name: 'Sandbox Vendor', kind: 'vendor' };
export const DISTRIBUTOR: Account = { id: 'PA-000-001', name: 'Sandbox Distributor', kind: 'distributor' };

const byKey = new Map([
  [VENDOR_KEY, VENDOR],
  [DISTRIBUTOR_KEY, DISTRIBUTOR],
]);

/** Whose key this is. @param header the whole `Authorization` header, with its `ApiKey ` prefix */
export function accountOfKey(header: string | undefined): Account | undefined {
  return header === undefined ? undefined : byKey.get(header);
}
