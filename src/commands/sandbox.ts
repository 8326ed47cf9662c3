import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { LONGEST_MS } from '../../sandbox/limits';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/main';
import { UsageError } from './command';
import { between, wholeNumber } from './numbers';
import { cannotListen } from './cannot-listen';
import { print, printTable } from './print';

interface SandboxCommandOptions {
  port: number;
  vendorPort: number;
  latency: number;
  host: string;
  json?: boolean;
}

export function sandboxCommand(command: Command): Command {
  return command
    .option('--port <n>', 'of Connect and the control interface; 0 for any free one', portNumber, 4000)
    .option('--vendor-port <n>', "of the example vendor's API; 0 for any free one", portNumber, 4001)
    .option('--latency <ms>', `what every call waits, ${LONGEST_MS} at most`, between(0, LONGEST_MS), 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--json', 'URLs and keys as JSON')
    .action(async ({ port, vendorPort, latency, host, json }: SandboxCommandOptions) => {
      if (port === vendorPort && port !== 0) {
        throw new UsageError(`Give --port and --vendor-port a port each: both are ${port}.`);
      }
      const { close, ...sandbox } = await start({ port, vendorPort, latencyMs: latency, host });
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

/** @throws InvalidArgumentError, which commander shows with the option's name */
function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('Give a port, 65535 at most.');
  return port;
}

/** @throws Error that names the option to change, where a port is taken or the address is not of this machine */
async function start(options: SandboxOptions): Promise<Sandbox> {
  try {
    return await startSandbox(options);
  } catch (error) {
    const { port } = error as { port?: number };
    throw cannotListen(error, {
      port: [port === options.vendorPort ? '--vendor-port' : '--port', port],
      ...(options.host !== undefined && { host: ['--host', options.host] as const }),
    });
  }
}
