import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { PEERJS_ALIASES } from '../../../vite.config.ts';
import { pathOf, siteHandler } from '../../server/site.ts';
import { HostileBroker } from './hostileBroker.ts';

const BROKER_PATH = '/peer';

/** The built app on one origin with a broker that lies, and the page of an attacker. */
export interface HostileSite {
  readonly url: string;
  readonly attackerUrl: string;
  readonly broker: HostileBroker;
  close(): Promise<void>;
}

/** @param dist folder of the built site */
export async function startHostileSite(dist: string): Promise<HostileSite> {
  const config = JSON.stringify({ brokers: [{ url: BROKER_PATH }], iceServers: [] });
  const serveSite = await siteHandler(dist, new Map([['/config.json', config]]));
  const attacker = await attackerFiles();
  const broker = new HostileBroker();
  const server = createServer((request, response) => {
    const file = attacker.get(pathOf(request));
    if (file !== undefined) return serveText(response, pathOf(request), file);
    serveSite(request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (pathOf(request) === `${BROKER_PATH}/peerjs`) broker.upgrade(request, socket, head);
    else socket.destroy();
  });
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  // Listening on a TCP port, so the address is not the name of a pipe.
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    url,
    attackerUrl: `${url}/attacker.html`,
    broker,
    close: () => {
      broker.close();
      return new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

function serveText(response: ServerResponse, path: string, text: string): void {
  response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
  response.end(text);
}

let built: Promise<ReadonlyMap<string, string>> | undefined;

/** The attacker's page and its scripts by path, made of our own modules; built once a run. */
function attackerFiles(): Promise<ReadonlyMap<string, string>> {
  built ??= buildAttacker();
  return built;
}

async function buildAttacker(): Promise<ReadonlyMap<string, string>> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    root: resolve('test/hostile/pages'),
    resolve: { alias: PEERJS_ALIASES },
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      lib: {
        entry: resolve('test/hostile/pages/attacker.ts'),
        formats: ['es'],
        fileName: 'attacker',
      },
    },
  });
  const files = new Map([
    [
      '/attacker.html',
      '<!doctype html><title>attacker</title><script type="module" src="/attacker.js"></script>',
    ],
  ]);
  for (const each of Array.isArray(output) ? output : [output]) {
    if (!('output' in each)) continue;
    for (const file of each.output)
      if (file.type === 'chunk') files.set(join('/', file.fileName), file.code);
  }
  return files;
}
