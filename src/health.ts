import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `GET /live`: 200 as long as the process answers, since a restart mends nothing else. `GET /ready`: 200 while the process takes work, else 503.
 *
 * @param port 0 for any free one
 */
export async function startHealth(
  port: number,
  isReady: () => boolean,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const known = request.method === 'GET' && ['/live', '/ready'].includes(request.url ?? '');
    const status = !known ? 404 : request.url === '/live' || isReady() ? 200 : 503;
    const words = { 200: 'ok', 404: 'not found: GET /live or /ready', 503: 'not ready' }[status];
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${words}\n`);
  });
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve());
  });
}
