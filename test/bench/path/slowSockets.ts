import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A stand-in for the site's server behind which WebSockets, and nothing else, are far away. */
export interface SlowSockets {
  readonly url: string;
  close(): void;
}

/** @param delayMs between a browser and the broker, each way */
export async function slowSockets(targetUrl: string, delayMs: number): Promise<SlowSockets> {
  const target = Number(new URL(targetUrl).port);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, 'localhost');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      // One end gone: the other one's `close` says all there is to say.
      socket.on('error', () => socket.destroy());
    }
    client.once('data', (request: Buffer) => {
      const isSocket = /^upgrade: websocket\r$/im.test(request.toString('latin1'));
      const ms = isSocket ? delayMs : 0;
      // TCP's own handshake would have taken a round trip before the request.
      const toUpstream = carry(upstream, ms);
      setTimeout(() => toUpstream(request), 2 * ms);
      client.on('data', toUpstream);
      upstream.on('data', carry(client, ms));
      client.on('close', () => setTimeout(() => upstream.destroy(), ms));
      upstream.on('close', () => setTimeout(() => client.destroy(), ms));
    });
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    // Listening on a TCP port, so the address is not the name of a pipe.
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Timers of one length fire in the order they were set, so bytes stay in order. */
const carry = (to: Socket, ms: number) => (bytes: Buffer) =>
  void (ms === 0 ? to.write(bytes) : setTimeout(() => to.write(bytes), ms));
