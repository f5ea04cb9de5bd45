import {
  type ControlMessage,
  formatControlMessage,
  parseControlMessage,
} from '../protocol/messages.ts';

/** What arrives on a control channel, in order. */
export interface ControlListener {
  /** A handshake frame, or whatever else a stranger sent before it was over. */
  frame?(data: Uint8Array<ArrayBuffer> | string): void;
  /** A parsed message, once `frame` is no longer asked for. */
  message?(message: ControlMessage): void;
  /** The peer broke this rule of SPEC.md. */
  broke?(rule: string): void;
  closed(): void;
}

/** Messages kept while nobody listens: the handshake's next frame and a hello, not a flood. */
const MAX_WAITING = 64;

/** Longest message kept of a stranger whom nobody listens to yet: the longest frame of a handshake has 65 bytes. */
const MAX_STRANGER_BYTES = 128;

/**
 * The control channel: binary handshake frames first, then JSON messages. Keeps what arrives while
 * its listener changes, so that nothing is lost between two steps.
 */
export class ControlChannel {
  readonly #channel: RTCDataChannel;
  readonly #waiting: (Uint8Array<ArrayBuffer> | string)[] = [];
  #listener: ControlListener | undefined;
  #isClosed = false;
  /** The handshake went well: what comes now is a proven peer's. */
  #isProven = false;

  constructor(channel: RTCDataChannel) {
    channel.binaryType = 'arraybuffer';
    // PeerJS listens through its on-property and would log every message.
    channel.onmessage = null;
    this.#channel = channel;
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      this.#take(data instanceof ArrayBuffer ? new Uint8Array(data) : String(data));
    });
    channel.addEventListener('close', () => this.#end());
    channel.addEventListener('error', () => this.#end());
  }

  /** Replaces the listener; what waited is delivered to it before this returns. */
  listen(listener: ControlListener): void {
    this.#listener = listener;
    while (this.#waiting.length > 0 && this.#listener === listener)
      this.#deliver(this.#waiting.shift()!);
    if (this.#isClosed) listener.closed();
  }

  /** The peer is proven, and nobody listens until the next `listen`; what arrives meanwhile waits. */
  pause(): void {
    this.#isProven = true;
    this.#listener = undefined;
  }

  sendFrame(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#channel.readyState === 'open') this.#channel.send(bytes);
  }

  send(message: ControlMessage): void {
    if (this.#channel.readyState === 'open') this.#channel.send(formatControlMessage(message));
  }

  /** Bytes handed over and not yet on the wire. */
  get bufferedBytes(): number {
    return this.#channel.bufferedAmount;
  }

  #take(data: Uint8Array<ArrayBuffer> | string): void {
    if (this.#listener === undefined) {
      const isKept = this.#isProven || data.length <= MAX_STRANGER_BYTES;
      if (isKept && this.#waiting.length < MAX_WAITING) this.#waiting.push(data);
      return;
    }
    this.#deliver(data);
  }

  #deliver(data: Uint8Array<ArrayBuffer> | string): void {
    const listener = this.#listener;
    if (listener?.frame !== undefined) {
      listener.frame(data);
      return;
    }
    if (typeof data !== 'string') {
      listener?.broke?.('C1');
      return;
    }
    const message = parseControlMessage(data);
    if (message.type === 'broken') listener?.broke?.(message.rule);
    else listener?.message?.(message);
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.closed();
  }
}
