import { describe, expect, test } from '@jest/globals';
import { approve, type CheckOptions, checkVendor, defineVendor, fail, inquire, type Vendor, wait } from '../../src/sdk';
import { vendor as example } from '../../src/vendor';
import { useSandbox } from '../sandbox/start';

const box = useSandbox();

/** A vendor that keeps the contract, kept in memory. */
function goodVendor(): Vendor {
  const tenants = new Map<string, string>();
  const known = (request: { param(id: string): string }) => request.param('subscription_id');
  return {
    purchase: {
      find: async ({ asset }) =>
        tenants.has(asset.id) ? approve({ subscription_id: tenants.get(asset.id)! }) : undefined,
      create: async ({ asset }) => {
        tenants.set(asset.id, `T-${tenants.size + 1}`);
        return approve({ subscription_id: tenants.get(asset.id)! });
      },
    },
    change: async (request) => (known(request) ? approve() : fail('No such subscription.')),
    tierConfig: async ({ account }) => approve({ reseller_id: `R-${account.id}` }),
    writes: { asset: ['subscription_id'], tier1: ['reseller_id'], tier2: ['reseller_id'] },
  };
}

const withChange = (change: Vendor['change']): Vendor => ({ ...goodVendor(), change });

test('finds nothing wrong with the example that ships, against the sandbox', async () => {
  const { vendorUrl: apiUrl, vendorApiKey: apiKey } = box.sandbox;
  const params = { admin_email: 'ada@customer.example' };
  expect(await checkVendor(example, { settings: { apiUrl, apiKey }, params })).toEqual([]);

  const { tenants, doubledTenants } = await box.control.counts();
  expect({ tenants, doubledTenants }).toEqual({ tenants: 2, doubledTenants: [] });
  const [tenant, released] = (await box.control.state()).tenants;
  expect(released).toMatchObject({ status: 'deleted' });
  expect(tenant).toMatchObject({ admin_email: 'ada@customer.example', licences: { limit: 7 }, status: 'deleted' });
});

test('finds nothing wrong with a vendor that keeps the contract', async () => {
  expect(await checkVendor(goodVendor())).toEqual([]);
  expect(await checkVendor(defineVendor(() => goodVendor()))).toEqual([]);
});

test('takes a vendor that waits first for one that keeps the contract', async () => {
  let asked = 0;
  const find = async () => (asked++ ? approve({ id: 'T-1' }) : wait(60, { id: 'T-1' }));
  expect(await checkVendor({ purchase: { find, create: () => Promise.reject(new Error('unused')) } })).toEqual([]);
});

test('says which parameter the invented order lacks', async () => {
  const { vendorUrl: apiUrl, vendorApiKey: apiKey } = box.sandbox;
  expect(await checkVendor(example, { settings: { apiUrl, apiKey } })).toEqual([
    'purchase: The request has no parameter "admin_email". It has: subscription_id. Give it in the options of the check, or correct its id.',
  ]);
});

test('says that nothing was checked behind a purchase that the invented order does not pass', async () => {
  const { vendorUrl: apiUrl, vendorApiKey: apiKey } = box.sandbox;
  expect(await checkVendor(example, { settings: { apiUrl, apiKey }, params: { admin_email: 'nobody' } })).toEqual([
    expect.stringContaining('it returned inquire for the invented order'),
  ]);
});

test('lists the handlers that are not written', async () => {
  const findings = await checkVendor(example, { settings: { exampleAllowed: false } });
  expect(findings).toEqual([
    expect.stringMatching(/^tierConfig \(level 2\): it is not written yet\. .*tier-config\.ts/),
    expect.stringMatching(/^tierConfig \(level 1\): it is not written yet/),
    expect.stringMatching(/^purchase: it is not written yet\. .*purchase\.ts/),
  ]);
});

test('an option that there is not is named, and nothing is called', async () => {
  const purchase = {
    find: () => Promise.reject(new Error('unused')),
    create: () => Promise.reject(new Error('unused')),
  };
  expect(await checkVendor({ purchase }, { parms: { admin_email: 'ada@customer.example' } } as CheckOptions)).toEqual([
    'the option "parms" is not one of settings, params, tierParams, seconds, product, items, tiers',
  ]);
});

test('says what is wrong with a vendor that cannot be built', async () => {
  expect(await checkVendor({})).toEqual(['the vendor has no handler: every request would be left for a person']);
  expect(await checkVendor({ purchse: {} } as Vendor)).toEqual([expect.stringContaining('"purchse" is not one of')]);
  const factory = () => {
    throw new TypeError('MY_API_URL is not set');
  };
  expect(await checkVendor(factory)).toEqual(['MY_API_URL is not set']);
});

test.each([
  ['nothing', undefined, /^change: it returned nothing; return approve/],
  ['a text', 'approved', /^change: it returned a string/],
  ['a wait of no time', wait(0), /^change: wait needs a number of seconds/],
  ['a failure without a reason', fail(' '), /^change: fail needs a reason/],
  ['an inquiry about nothing', inquire({}), /^change: inquire needs a sentence/],
  ['an inquiry about a parameter that is not there', inquire({ nick: 'Enter one.' }), /asks the customer for "nick"/],
  ['a parameter that it did not announce', approve({ licence: 'L-1' }), /^change: it saves "licence"/],
])('finds a handler that returns %s', async (_, value, finding) => {
  const findings = await checkVendor(withChange(async () => value as never));
  expect(findings[0]).toMatch(finding);
});

test('does not ask for an announcement from a vendor that announces nothing', async () => {
  const { purchase, change } = goodVendor();
  expect(await checkVendor({ purchase: purchase!, change: change! })).toEqual([]);
});

test('finds a handler that throws for business', async () => {
  const findings = await checkVendor(withChange(() => Promise.reject(new Error('seats: too few'))));
  expect(findings).toEqual([expect.stringMatching(/^change: it threw Error: seats: too few\. Return an outcome/)]);
});

test('finds a handler that throws before it returns a promise', async () => {
  const change = () => {
    throw new TypeError('x is not a function');
  };
  expect(await checkVendor(withChange(change))).toEqual([expect.stringContaining('it threw TypeError')]);
});

test.each(['change', 'suspend', 'resume', 'cancel', 'renew', 'transfer', 'adjustment', 'revoke'] as const)(
  'calls the handler %s, also where it is the only one',
  async (name) => {
    const broken = () => Promise.reject(new Error('no luck'));
    expect(await checkVendor({ [name]: broken })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: it threw Error: no luck`)),
    ]);
    expect(await checkVendor({ [name]: async () => approve() })).toEqual([]);
  },
);

test.each([fail('No.'), approve({ subscription_id: '' }), approve({}, { effectiveDate: '2027-01-01T00:00:00Z' })])(
  'finds a revocation that is answered by %j',
  async (outcome) => {
    const vendor = { ...goodVendor(), revoke: async () => outcome };
    expect(await checkVendor(vendor)).toEqual([
      expect.stringMatching(/^revoke: .* a revocation can only be confirmed/),
    ]);
  },
);

test('finds a purchase that creates once more for a request that it has seen', async () => {
  let created = 0;
  const create = async () => approve({ subscription_id: `T-${++created}` });
  const purchase = { find: async () => undefined, create };
  expect(await checkVendor({ ...goodVendor(), purchase })).toEqual([
    'purchase: called again with the same request, it returned another value for "subscription_id": was something created twice?',
  ]);
});

test('lets a password differ from call to call, where it is declared as one', async () => {
  let created = 0;
  const create = async () => approve({ password: `secret-${++created}` });
  const vendor = { purchase: { find: async () => undefined, create }, writes: { asset: ['password'] } };
  const params = { password: { type: 'password', phase: 'fulfillment' } };
  expect(await checkVendor(vendor, { params })).toEqual([]);
});

test('finds a handler that decides otherwise when it is asked again', async () => {
  let asked = 0;
  const change = async () => (asked++ % 2 ? fail('It exists already.') : approve());
  expect(await checkVendor(withChange(change))).toEqual([
    'change: called again with the same request, it returned fail after approve',
  ]);
});

test('finds a handler that writes into the request it is given', async () => {
  const change: Vendor['change'] = async ({ items }) => {
    (items[0] as { quantity: string }).quantity = '0';
    return approve();
  };
  const [finding] = await checkVendor(withChange(change));
  expect(finding).toBe('change: it changes the request that it is given: work on copies');
});

test('finds a `find` that returns neither an outcome nor nothing', async () => {
  const find = async () => null as never;
  const findings = await checkVendor({ purchase: { find, create: async () => approve() } });
  expect(findings).toEqual([expect.stringMatching(/^purchase\.find: it returned null; .*, or nothing$/)]);
});

test('finds a handler that goes on although its time is over', async () => {
  let calls = 0;
  const change: Vendor['change'] = async () => await (++calls > 2 ? new Promise<never>(() => undefined) : approve());
  const findings = await checkVendor(withChange(change));
  expect(findings).toEqual([
    expect.stringContaining('it does not stop within a second where its signal is aborted already'),
  ]);
});

test('finds a handler that looks at its signal only once', async () => {
  let calls = 0;
  const change: Vendor['change'] = async ({ signal }) => {
    signal.throwIfAborted();
    return await (++calls > 2 ? new Promise<never>(() => undefined) : approve());
  };
  const findings = await checkVendor(withChange(change));
  expect(findings).toEqual([expect.stringContaining('it does not stop within a second after its signal was aborted')]);
});

test('finds a handler that does not return', async () => {
  const findings = await checkVendor(
    withChange(() => new Promise(() => undefined)),
    { seconds: 0.05 },
  );
  expect(findings).toEqual(['change: it does not return within 0.05 s']);
});

test('gives the later handlers what the purchase saved, and the items as they were before', async () => {
  const seen: unknown[] = [];
  const vendor: Vendor = {
    ...goodVendor(),
    change: async (request) => {
      const { added, removed, altered } = request.changes;
      const tier = (await request.tierParams(1)).map(({ id, value }) => [id, value]);
      seen.push([request.type, request.param('subscription_id'), request.quantity('A'), altered, added, removed, tier]);
      return approve();
    },
  };
  expect(await checkVendor(vendor, { items: [{ mpn: 'A', quantity: 3 }] })).toEqual([]);
  const change = { item: expect.objectContaining({ mpn: 'A' }), from: 3, to: 5 };
  const reseller = ['reseller_id', expect.stringMatching(/^R-TA-/)];
  expect(seen[0]).toEqual(['change', 'T-1', 5, [change], [], [], [reseller]]);
});

describe('a purchase that gives back what it made', () => {
  function releasing(release: (asset: string, tenants: Set<string>) => void): Vendor {
    const tenants = new Set<string>();
    return {
      purchase: {
        find: async ({ asset }) => (tenants.has(asset.id) ? approve({ id: asset.id }) : undefined),
        create: async ({ asset }) => (tenants.add(asset.id), approve({ id: asset.id })),
        release: async ({ asset }) => release(asset.id, tenants),
      },
    };
  }

  test('keeps the contract where it may be called again', async () => {
    expect(await checkVendor(releasing((asset, tenants) => tenants.delete(asset)))).toEqual([]);
  });

  test('is found out where it takes what is gone for a fault', async () => {
    let calls = 0;
    const strict = () => {
      if (calls++) throw new Error('no such tenant');
    };
    expect(await checkVendor(releasing(strict))).toEqual([
      expect.stringMatching(/^purchase\.release: it threw Error: no such tenant/),
    ]);
  });

  test('is found out where its find needs a value that a crash would lose', async () => {
    const find = async (request: { param(id: string): string }) => (request.param('id') ? approve() : undefined);
    const create = async () => approve({ id: 'T-1' });
    const vendor = { purchase: { find, create, release: async () => undefined }, writes: { asset: ['id'] } };
    expect(await checkVendor(vendor)).toEqual([expect.stringContaining('nothing would be given back after a crash')]);
  });
});
