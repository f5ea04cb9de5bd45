import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Broker, type BrokerLimits } from './broker.ts';
import { type Handler, pathOf, siteHandler } from './site.ts';

const BROKER_PATH = '/peer';

/** What the page reads instead of `public/config.json`: the broker next door, and no STUN. */
const LOCAL_CONFIG = { brokers: [{ url: BROKER_PATH }], iceServers: [] };

export interface ServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Folder of the built site. */
  readonly dist: string;
  /** More requests to answer, before the site does; for the bench's own page. */
  readonly extra?: ReadonlyMap<string, Handler>;
  readonly brokerLimits?: BrokerLimits;
}

export interface LocalServer {
  /** Origin of the site, without a slash at its end. */
  readonly url: string;
  /** The broker alone: the site goes on while it is down. */
  readonly broker: Pick<Broker, 'start' | 'stop' | 'forget'>;
  close(): Promise<void>;
}

/**
 * Serves the built site with the production headers, and a broker on the same origin.
 * Resolves when it listens; rejects when the port is taken.
 */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const overrides = new Map([['/config.json', JSON.stringify(LOCAL_CONFIG)]]);
  const serveSite = await siteHandler(options.dist, overrides);
  const broker = new Broker(BROKER_PATH, options.brokerLimits);

  const server = createServer((request, response) => {
    const path = pathOf(request);
    if (broker.owns(path)) return broker.handle(request, response);
    const handler = options.extra?.get(path) ?? serveSite;
    // A file that cannot be read, or a visitor who left halfway: this answer is lost, no other.
    handler(request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (broker.owns(pathOf(request))) broker.upgrade(request, socket, head);
    else socket.destroy();
  });
  await listen(server, options);

  return {
    url: `http://${urlHost(options.host)}:${portOf(server)}`,
    broker,
    close: () => close(server, broker),
  };
}

function listen(server: Server, { port, host }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

function close(server: Server, broker: Broker): Promise<void> {
  broker.stop();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

// Listening on a TCP port, so the address is not the name of a pipe.
const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** `localhost` for the addresses that mean every interface: a page needs a name to be secure. */
const urlHost = (host: string) =>
  host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
