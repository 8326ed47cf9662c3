import { assets } from './assets';
import { conversations } from './conversations';
import { Http, type HttpOptions } from './http';
import { marketplaces } from './marketplaces';
import { products } from './products';
import { requests } from './requests';
import { templates } from './templates';
import { tierConfigRequests } from './tier-config-requests';
import { tierConfigs } from './tier-configs';
import { usageFiles } from './usage-files';
import { usageRecords } from './usage-records';
import { webhooks } from './webhooks';

export type ConnectClientOptions = HttpOptions;
export type ConnectClient = ReturnType<typeof createConnectClient>;

/** A client of the Connect API, closed by whoever made it: one member for each collection. Every call may throw a `ConnectError`, and takes an abort signal. */
export function createConnectClient(options: ConnectClientOptions) {
  const http = new Http(options);
  return {
    requests: requests(http),
    tierConfigRequests: tierConfigRequests(http),
    tierConfigs: tierConfigs(http),
    templates: templates(http),
    products: products(http),
    assets: assets(http),
    conversations: conversations(http),
    marketplaces: marketplaces(http),
    usageFiles: usageFiles(http),
    usageRecords: usageRecords(http),
    webhooks: webhooks(http),
    /** Ends the kept connections, once what is under way is done. */
    close: () => http.close(),
  };
}

/** Lends out a client, and closes it. */
export async function withConnect<T>(
  options: ConnectClientOptions,
  use: (connect: ConnectClient) => Promise<T>,
): Promise<T> {
  const connect = createConnectClient(options);
  try {
    return await use(connect);
  } finally {
    await connect.close();
  }
}
