import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import express from 'express';
import { ExpressPeerServer } from 'peer';
import { WebSocket, WebSocketServer } from 'ws';

/** Longest frame a client may send, bytes: an SDP with all its candidates is below 16 KiB. */
const MAX_FRAME_BYTES = 64 * 1024;

/** How much one broker bears. */
export interface BrokerLimits {
  /** Open sockets at most. A guest too many is refused with 503, before any WebSocket exists. */
  readonly maxSockets: number;
  /** A socket silent for this long is gone; PeerJS sends a heartbeat every 5 s. */
  readonly aliveTimeoutMs: number;
}

const LIMITS: BrokerLimits = { maxSockets: 1_000, aliveTimeoutMs: 20_000 };

/** Frames a socket may send at once, and per second from then on. One join needs about 20. */
const BURST_FRAMES = 300;
const FRAMES_PER_SECOND = 50;

/** Nesting of a frame at most: PeerJS's own go 5 deep, and `JSON.stringify` overflows the stack at thousands. */
const MAX_DEPTH = 16;

/** Longest id a frame may name. */
const MAX_ID_CHARS = 128;

const FRAME_TYPES = new Set(['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE', 'HEARTBEAT']);

/**
 * A PeerServer that survives strangers, behind one path of somebody else's HTTP server. It can be
 * stopped and started again while that server goes on, as a broker that is down and comes back.
 */
export class Broker {
  readonly #path: string;
  readonly #limits: BrokerLimits;
  #app: express.Express;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    WebSocket: GuardedSocket,
  });
  #isUp = true;

  /** @param path where it lives, without a slash at its end: `/peer` */
  constructor(path: string, limits: BrokerLimits = LIMITS) {
    this.#path = path;
    this.#limits = limits;
    this.#app = this.#newApp();
  }

  /** Whether a request or an upgrade of this path belongs here. */
  owns(path: string): boolean {
    return path === this.#path || path.startsWith(`${this.#path}/`);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isUp) this.#app(request, response);
    else response.writeHead(503).end();
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = new URL(request.url ?? '/', 'http://broker').pathname;
    if (path !== `${this.#path}/peerjs`) refuse(socket, '404 Not Found');
    else if (!this.#isUp || this.#sockets.clients.size >= this.#limits.maxSockets)
      refuse(socket, '503 Service Unavailable');
    else
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        this.#sockets.emit('connection', client, request);
      });
  }

  /** Drops everyone and refuses newcomers. */
  stop(): void {
    this.#isUp = false;
    for (const client of this.#sockets.clients) client.terminate();
  }

  start(): void {
    this.#isUp = true;
  }

  /** Forgets every id while the sockets stay open: whoever has one believes to be registered still. */
  forget(): void {
    this.#sockets.removeAllListeners('connection');
    this.#app = this.#newApp();
  }

  #newApp(): express.Express {
    // PeerServer wants an HTTP server to attach its sockets to. Ours come from `upgrade` instead, so
    // it gets one that never listens: given the real one it would refuse every other path's sockets.
    const peerServer = ExpressPeerServer(createServer(), {
      alive_timeout: this.#limits.aliveTimeoutMs,
      concurrent_limit: this.#limits.maxSockets,
      createWebSocketServer: () => this.#sockets,
    });
    // Without a listener one malformed frame ends the process. The frame is dropped, which is enough.
    peerServer.on('error', () => {});
    const app = express();
    app.disable('x-powered-by');
    app.use(this.#path, peerServer);
    return app;
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** A client's socket that hands on only what PeerServer understands, and no more than a bucket holds. */
class GuardedSocket extends WebSocket {
  #tokens = BURST_FRAMES;
  #filledAt = performance.now();

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'message') return super.emit(event, ...args);
    if (!this.#takeToken()) {
      this.terminate();
      return false;
    }
    return isFrame(String(args[0])) && super.emit(event, ...args);
  }

  #takeToken(): boolean {
    const now = performance.now();
    const refill = ((now - this.#filledAt) / 1000) * FRAMES_PER_SECOND;
    this.#tokens = Math.min(BURST_FRAMES, this.#tokens + refill);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

function isFrame(text: string): boolean {
  if (isDeep(text)) return false;
  const frame = parseObject(text);
  return (
    typeof frame?.['type'] === 'string' &&
    FRAME_TYPES.has(frame['type']) &&
    (frame['dst'] === undefined || isId(frame['dst']))
  );
}

const isId = (value: unknown) => typeof value === 'string' && value.length <= MAX_ID_CHARS;

/** Counts brackets, also those inside strings: a frame full of them is none of PeerJS's. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Not JSON: not a frame.
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
