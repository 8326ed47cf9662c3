import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A server behind a door of its own, which may fall silent as one does that hangs: it takes what comes and answers nothing. */
export async function silentProxy(address: string) {
  const [host, port] = address.split(':');
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((socket) => {
    const upstream = connect(Number(port), host);
    for (const one of [socket, upstream]) sockets.add(one.on('error', () => undefined));
    socket.on('data', (chunk) => isSilent || upstream.write(chunk)).once('close', () => upstream.destroy());
    upstream.on('data', (chunk) => isSilent || socket.write(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    fallSilent: () => void (isSilent = true),
    close() {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}
