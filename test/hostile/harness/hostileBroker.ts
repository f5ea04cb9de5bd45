import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

/** A message of PeerServer's protocol, as loosely as a liar writes it. */
export interface Frame {
  readonly type: string;
  readonly src?: string;
  readonly dst?: string;
  readonly payload?: unknown;
}

/** A frame, or raw text, and the client that gets it. */
export interface Delivery {
  readonly to: string;
  readonly frame: Frame | string;
}

/** What the broker makes of one frame of a client: nothing, something else, or more than one. */
export type Plan = (frame: Frame & { readonly src: string }) => readonly Delivery[];

/** Hands every frame on as it is. */
export const honest: Plan = (frame) => (frame.dst === undefined ? [] : [{ to: frame.dst, frame }]);

/** The id a middle page connects under; it may speak to anybody in anybody's name. */
export const MIDDLE = 'middle';

/**
 * A PeerServer that lies: it relays between its clients by a plan that a test may change at any time,
 * says whatever it likes to anyone, and remembers all it heard.
 */
export class HostileBroker {
  plan: Plan = honest;
  /** Every frame a client sent, heartbeats left out, oldest first. */
  readonly heard: (Frame & { readonly src: string })[] = [];
  /** Whether a client that connects is told so. */
  isWelcoming = true;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #clients = new Map<string, WebSocket>();

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { searchParams } = new URL(request.url ?? '/', 'http://broker');
    const id = searchParams.get('id') ?? '';
    this.#server.handleUpgrade(request, socket, head, (client) => {
      this.#clients.set(id, client);
      client.on('error', () => client.terminate());
      client.on('close', () => {
        if (this.#clients.get(id) === client) this.#clients.delete(id);
      });
      client.on('message', (data) => this.#take(id, String(data)));
      if (this.isWelcoming) this.say(id, { type: 'OPEN' });
    });
  }

  /** Ids of everyone who is connected. */
  get ids(): readonly string[] {
    return [...this.#clients.keys()];
  }

  say(to: string, frame: Frame | string): void {
    const client = this.#clients.get(to);
    if (client?.readyState !== WebSocket.OPEN) return;
    client.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Resolves when everything said to a client has left. */
  async flushed(to: string): Promise<void> {
    const client = this.#clients.get(to);
    while (
      client !== undefined &&
      client.readyState === WebSocket.OPEN &&
      client.bufferedAmount > 0
    )
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Hangs up on one client. */
  drop(id: string): void {
    this.#clients.get(id)?.terminate();
  }

  close(): void {
    for (const client of this.#clients.values()) client.terminate();
  }

  #take(src: string, text: string): void {
    // A client of the test's own: nothing else connects here.
    const frame = JSON.parse(text) as Frame;
    if (src === MIDDLE) {
      const { to, frame: said } = JSON.parse(text) as Delivery;
      this.say(to, said);
      return;
    }
    if (frame.type === 'HEARTBEAT') return;
    const signed = { ...frame, src };
    this.heard.push(signed);
    for (const { to, frame: said } of this.plan(signed)) {
      // As PeerServer says it, only without the five seconds it waits for the missing one.
      if (frame.type === 'OFFER' && !this.#clients.has(to))
        this.say(src, { type: 'EXPIRE', src: to });
      this.say(to, said);
    }
  }
}
