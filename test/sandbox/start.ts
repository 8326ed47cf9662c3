import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { SandboxControl } from '../../sandbox/control-client';
import { startSandbox, type Sandbox } from '../../sandbox/main';

/** A sandbox for the tests of one file, reset before each, and the calls that most of them make. */
export function useSandbox() {
  let sandbox: Sandbox | undefined;
  let control: SandboxControl | undefined;

  beforeAll(async () => {
    sandbox = await startSandbox();
    control = new SandboxControl(sandbox);
  });
  beforeEach(() => started(control).reset());
  afterAll(() => sandbox?.close());

  const as = (who: 'vendor' | 'distributor') => async (method: string, path: string, body?: unknown) =>
    answerOf(await started(control).connect(method, path, { as: who, body }));

  return {
    get sandbox() {
      return started(sandbox);
    },
    get control() {
      return started(control);
    },
    vendor: as('vendor'),
    distributor: as('distributor'),
    /** Ids that a list answers, by the vendor's key. */
    async ids(path: string): Promise<string[]> {
      const { body } = await started(control).connect('GET', path);
      return (body as { id: string }[]).map(({ id }) => id);
    },
    async activationTemplate(product: string, scope = 'asset'): Promise<string> {
      const type = scope === 'asset' ? ',eq(type,fulfillment)' : '';
      const path = `/products/${product}/templates?and(eq(scope,${scope})${type})&limit=1`;
      return ((await started(control).connect('GET', path)).body as { id: string }[])[0]?.id ?? '';
    },
    /** Save the required fulfillment parameter and approve, as a processor does. */
    async approve(id: string, activation_tile?: string): Promise<Answer> {
      await this.vendor('PUT', `/requests/${id}`, { asset: { params: [{ id: 'subscription_id', value: 'S-1' }] } });
      const { body } = await this.vendor('GET', `/requests/${id}`);
      if (activation_tile) return this.vendor('POST', `/requests/${id}/approve`, { activation_tile });
      const template_id = await this.activationTemplate((body as RequestBody).asset.product.id);
      return this.vendor('POST', `/requests/${id}/approve`, { template_id });
    },
  };
}

export interface Answer {
  status: number;
  // The tests look into answers of many shapes; what they expect is what they check.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
  range: string | null;
  headers: Headers;
}

interface RequestBody {
  asset: { product: { id: string } };
}

function answerOf({ status, body, headers }: { status: number; body: unknown; headers: Headers }): Answer {
  return { status, body, headers, range: headers.get('content-range') };
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the sandbox is started in beforeAll');
  return value;
}
