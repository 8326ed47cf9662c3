import { once } from 'node:events';
import { Command } from 'commander';
import { startSandbox } from '../../sandbox/main';
import { wholeNumber } from './numbers';
import { print, printTable } from './print';

interface SandboxCommandOptions {
  port: number;
  vendorPort: number;
  latency: number;
  host: string;
  json?: boolean;
}

export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('Run a Connect and a vendor API to try the product on, in memory, until Ctrl-C')
    .option('--port <n>', 'of Connect and the control interface; 0 for any free one', wholeNumber, 4000)
    .option('--vendor-port <n>', "of the example vendor's API; 0 for any free one", wholeNumber, 4001)
    .option('--latency <ms>', 'what every call waits', wholeNumber, 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--json', 'URLs and keys as JSON')
    .action(async ({ port, vendorPort, latency, host, json }: SandboxCommandOptions) => {
      const { close, ...sandbox } = await startSandbox({ port, vendorPort, latencyMs: latency, host });
      if (json) print(JSON.stringify(sandbox));
      else {
        printTable([
          ['CONNECT_API_URL', sandbox.connectUrl],
          ['CONNECT_API_KEY', sandbox.vendorKey],
          ['CONNECT_PRODUCTS', Object.values(sandbox.products).join(',')],
          ['VENDOR_API_URL', sandbox.vendorUrl],
          ['VENDOR_API_KEY', sandbox.vendorApiKey],
          ['control', sandbox.controlUrl],
          ["distributor's key", sandbox.distributorKey],
        ]);
        print('\nThe sandbox runs until Ctrl-C. What it can do: docs/sandbox.md');
      }
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await close();
    });
}
