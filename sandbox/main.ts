import type { AddressInfo } from 'node:net';
import { CallCounters } from './call-counters';
import { DISTRIBUTOR_KEY, VENDOR_KEY } from './connect/accounts';
import { PRODUCTS } from './connect/catalogue';
import { connectRoutes } from './connect/routes';
import { Store } from './connect/store';
import { downloadRoutes } from './connect/usage/downloads';
import { controlRoutes } from './control/routes';
import { Faults } from './faults';
import { createServer, underConditions, type Conditions } from './http-server';
import { decimalsOf } from './connect/usage/values';
import { Metering, type MeteredOrder } from './vendor-api/metering';
import { VENDOR_API_KEY, vendorRoutes } from './vendor-api/routes';
import { Tenants } from './vendor-api/tenants';

export interface SandboxOptions {
  /** Port of Connect and of the control interface; 0, the default, takes a free one. */
  port?: number;
  /** Port of the vendor API; 0, the default, takes a free one. */
  vendorPort?: number;
  /** Milliseconds that every call to either API waits; default 0. */
  latencyMs?: number;
  /** Address to listen on; default 127.0.0.1, which nobody else can reach. */
  host?: string;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT/public/v1` */
  connectUrl: string;
  /** `http://127.0.0.1:PORT/sandbox` */
  controlUrl: string;
  /** `http://127.0.0.1:VENDORPORT` */
  vendorUrl: string;
  /** Value of the `Authorization` header of the vendor account, with its `ApiKey ` prefix. */
  vendorKey: string;
  /** The same of the distributor account. */
  distributorKey: string;
  /** Key of the vendor API, sent as `Bearer`. */
  vendorApiKey: string;
  products: typeof PRODUCTS;
  close(): Promise<void>;
}

const CONNECT_ROOT = '/public/v1';
/** Where links to files lead. */
const DOWNLOADS_ROOT = '/downloads';

/** Start a Connect and an example vendor's API, both in memory. @throws where a port is taken */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const host = options.host ?? '127.0.0.1';
  const store = new Store();
  const tenants = new Tenants();
  const metering = new Metering(tenants, (assetId) => meteredOrder(store, assetId));
  const conditions: Conditions = {
    faults: new Faults(),
    counters: new CallCounters(),
    latencyMs: options.latencyMs ?? 0,
  };

  const connect = createServer();
  const errorBody = (status: number, text: string) => ({ error_code: code(status), errors: [text] });
  await connect.register(
    async (app) => {
      underConditions(app, 'connect', CONNECT_ROOT, conditions, errorBody);
      connectRoutes(app, store);
    },
    { prefix: CONNECT_ROOT },
  );
  await connect.register(
    async (app) => {
      underConditions(app, 'connect', '', conditions, errorBody);
      downloadRoutes(app, store);
    },
    { prefix: DOWNLOADS_ROOT },
  );
  await connect.register(async (app) => controlRoutes(app, store, { tenants, metering }, conditions), {
    prefix: '/sandbox',
  });

  const vendor = createServer();
  underConditions(vendor, 'vendor', '', conditions, (status, message) => ({ error: word(status), message }));
  vendorRoutes(vendor, tenants, metering);

  const close = async () => {
    store.stopTimers();
    await Promise.all([connect.close(), vendor.close()]);
  };
  try {
    await connect.listen({ host, port: options.port ?? 0 });
    await vendor.listen({ host, port: options.vendorPort ?? 0 });
  } catch (error) {
    await close();
    throw error;
  }
  // A host that stands for every address is no address to call.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const base = `http://${name}:${(connect.server.address() as AddressInfo).port}`;
  store.baseUrl = `${base}${CONNECT_ROOT}`;
  store.links.baseUrl = `${base}${DOWNLOADS_ROOT}`;
  return {
    connectUrl: store.baseUrl,
    controlUrl: `${base}/sandbox`,
    vendorUrl: `http://${name}:${(vendor.server.address() as AddressInfo).port}`,
    vendorKey: VENDOR_KEY,
    distributorKey: DISTRIBUTOR_KEY,
    vendorApiKey: VENDOR_API_KEY,
    products: PRODUCTS,
    close,
  };
}

/** The vendor counts the pay-as-you-go items of the one product that is about them; of the others it is told. */
function meteredOrder(store: Store, assetId: string): MeteredOrder | undefined {
  const product = store.assets.get(assetId)?.product;
  if (product === undefined) return undefined;
  const counted = product.id === PRODUCTS.usage ? product.items.filter(({ type }) => type === 'PPU') : [];
  const items = counted.map(({ mpn, precision }) => ({ mpn, decimals: decimalsOf(precision) }));
  return { product: product.id, items };
}

/** Connect's code for what goes wrong before a collection is asked. */
const code = (status: number) => (status === 404 ? 'RES_001' : status < 500 ? 'VAL_001' : 'SYS_001');

/** The vendor's word for the same. */
const word = (status: number) => (status === 404 ? 'not_found' : status < 500 ? 'invalid' : 'internal');
