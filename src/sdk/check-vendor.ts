import { checkCall } from './check-call';
import { checkRelease } from './check-release';
import { outcomeProblems, revocationProblems } from './contract';
import { fulfillmentCall, tierConfigCall } from './handlers';
import type { Outcome } from './outcome';
import type { FulfillmentContext } from './request-context';
import { type TestFulfillmentOptions, type TestParam, testRequest, testTierRequest } from './test-request';
import { resolveVendor, type Vendor, type VendorFactory, type VendorSettings } from './vendor';

/** What the check calls the handlers with. */
export interface CheckOptions extends Pick<TestFulfillmentOptions, 'product' | 'items' | 'tiers'> {
  /** For a vendor that is built from its settings; the example may work here. */
  settings?: Partial<VendorSettings>;
  /**
   * Parameters of the invented order, by id: those that the handlers read. What the vendor's `writes` lists is there by itself, empty. Declare
   * a password as `{ type: 'password' }`, since it may differ from call to call.
   */
  params?: Readonly<Record<string, TestParam>>;
  /** The same for the invented tier config requests. */
  tierParams?: Readonly<Record<string, TestParam>>;
  /** Seconds that a call may take here; default 3. Give the test more than that for each handler that does not return. */
  seconds?: number;
}

const OPTIONS = [
  'settings',
  'params',
  'tierParams',
  'seconds',
  'product',
  'items',
  'tiers',
] satisfies (keyof CheckOptions)[];

type Params = Record<string, TestParam>;

/** One subscription from its purchase to its end, through every type of request. What is revoked is a change. */
const LIFE = [
  ...(['purchase', 'change', 'adjustment', 'renew', 'suspend', 'resume', 'transfer', 'revoke'] as const),
  'cancel',
] as const;

/**
 * Checks that a vendor keeps the contract of its handlers, in the vendor's own tests: it sets up two invented resellers, then takes one invented
 * subscription from its purchase to its end, through every type of request that has a handler. Each handler is called more than once, and with
 * its time over. The vendor's API is called for real, so give a test system or a stub.
 *
 * @returns what does not fit, a sentence each; empty where all is well
 * @example expect(await checkVendor(vendor, { params: { admin_email: 'ada@customer.example' } })).toEqual([])
 */
export async function checkVendor(vendor: Vendor | VendorFactory, options: CheckOptions = {}): Promise<string[]> {
  const findings: string[] = [];
  const report = (finding: string) => void (findings.includes(finding) || findings.push(finding));
  const unknown = Object.keys(options).filter((name) => !OPTIONS.some((option) => option === name));
  if (unknown.length > 0) return unknown.map((name) => `the option "${name}" is not one of ${OPTIONS.join(', ')}`);
  try {
    const settings = { apiUrl: undefined, apiKey: undefined, exampleAllowed: true, ...options.settings };
    const resolved = resolveVendor(vendor, settings);
    if (!tierConfigCall(resolved) && !LIFE.some((type) => fulfillmentCall(resolved, type))) {
      return ['the vendor has no handler: every request would be left for a person'];
    }
    const saved = await checkTiers(resolved, options, report);
    await checkLife(resolved, options, saved, report);
    if (findings.length === 0) await checkRelease(resolved, { ...options, tierParams: saved }, report);
  } catch (error) {
    report(error instanceof Error ? error.message : String(error)); // its shape, or its factory: what handlers throw is caught before
  }
  return findings;
}

/** @returns what was saved for each reseller */
async function checkTiers(vendor: Vendor, options: CheckOptions, report: (finding: string) => void) {
  const saved: { tier1: Params; tier2: Params } = { tier1: {}, tier2: {} };
  const call = tierConfigCall(vendor);
  const { product } = options;
  if (!call) return saved;
  for (const level of [2, 1] as const) {
    const scope = `tier${level}` as const;
    const params = { ...unset(vendor.writes?.[scope]), ...options.tierParams };
    const { id, account } = testTierRequest();
    const request = { id, account: account.id, level, params, ...(product && { product }) };
    const outcome = await checkCall(
      {
        name: `tierConfig (level ${level})`,
        run: call.run,
        request: (signal) => testTierRequest({ ...structuredClone(request), signal }),
        writes: vendor.writes && (vendor.writes[scope] ?? []),
        patienceMs: (options.seconds ?? 3) * 1000,
      },
      report,
    );
    saved[scope] = withSaved(params, outcome);
  }
  return saved;
}

async function checkLife(
  vendor: Vendor,
  options: CheckOptions,
  tierParams: { tier1: Params; tier2: Params },
  report: (finding: string) => void,
): Promise<void> {
  const { product, tiers } = options;
  const { asset } = testRequest();
  let params: Params = { ...unset(vendor.writes?.asset), ...options.params };
  let number = 0;
  for (const handler of LIFE) {
    const run = callOf(vendor, handler, report);
    if (!run) continue;
    number += 1;
    const type = handler === 'revoke' ? 'change' : handler;
    const request = {
      type,
      asset: asset.id,
      id: `${asset.id.replace('AS', 'PR')}-${String(number).padStart(3, '0')}`,
      params,
      tierParams,
      items: itemsOf(type, options),
      ...(product && { product }),
      ...(tiers && { tiers }),
    };
    const make = (signal: AbortSignal) => testRequest({ ...structuredClone(request), signal });
    const outcome = await checkCall(
      {
        name: handler,
        run,
        request: make,
        writes: vendor.writes && (vendor.writes.asset ?? []),
        patienceMs: (options.seconds ?? 3) * 1000,
      },
      report,
    );
    params = withSaved(params, outcome);
    if (handler === 'revoke' && outcome) {
      revocationProblems(outcome).forEach((problem) => report(`revoke: ${problem}`));
    }
    if (type === 'purchase' && (outcome?.kind === 'inquire' || outcome?.kind === 'fail')) {
      report(
        `purchase: it returned ${outcome.kind} for the invented order, so nothing after it was checked: give other params`,
      );
    }
    if (type === 'purchase' && outcome?.kind !== 'approve' && outcome?.kind !== 'wait') return;
  }
}

/** The handler's call, in which what `find` returns is looked at too: an outcome, or nothing. */
function callOf(vendor: Vendor, type: string, report: (finding: string) => void) {
  const { purchase } = vendor;
  if (type !== 'purchase' || !purchase) return fulfillmentCall(vendor, type)?.run;
  return async (request: FulfillmentContext) => {
    const found: unknown = await purchase.find(request);
    if (found === undefined) return await purchase.create(request);
    outcomeProblems(found).forEach((problem) => report(`purchase.find: ${problem}, or nothing`));
    return (found ?? (await purchase.create(request))) as Outcome;
  };
}

function itemsOf(type: string, { items = [{ mpn: 'SEAT', quantity: 5 }] }: CheckOptions) {
  if (type === 'purchase') return items;
  const more = (quantity: number | string) =>
    type === 'change' && quantity !== 'unlimited' ? Number(quantity) + 2 : quantity;
  return items.map((item) => ({ ...item, old_quantity: item.quantity, quantity: more(item.quantity) }));
}

function unset(ids: readonly string[] = []): Params {
  return Object.fromEntries(ids.map((id) => [id, { phase: 'fulfillment' }]));
}

/** The parameters as Connect has them once an outcome's are saved. */
function withSaved(params: Params, outcome: Outcome | undefined): Params {
  const saved = { ...params };
  for (const [id, value] of Object.entries(outcome?.params ?? {})) {
    const before = typeof saved[id] === 'object' ? saved[id] : { phase: 'fulfillment' };
    saved[id] = { ...before, ...(typeof value === 'string' ? { value } : { structured_value: value }) };
  }
  return saved;
}
