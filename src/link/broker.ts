/**
 * PeerJS, and the only file that knows it: registering under an id, dialling another id, and being dialled.
 * It is used to introduce two browsers and for nothing else; what comes out is a plain
 * RTCPeerConnection with one open RTCDataChannel.
 */
import type { DataConnection, Peer as PeerType } from 'peerjs';
import { type Fault, TransferError } from '../protocol/faults.ts';
import { BrokerFrameFilter } from './brokerFrames.ts';
import type { BrokerAddress } from './config.ts';
import { randomId } from './random.ts';

/** A connection to somebody who has proved nothing yet. */
export interface Introduction {
  readonly localId: string;
  readonly remoteId: string;
  readonly connection: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  /** Ends the connection, through PeerJS so that it forgets it too. */
  close(): void;
}

export interface BrokerListener {
  /** Somebody dialled us and the channel is open. */
  introduced(introduction: Introduction): void;
  /** The broker can't be reached any more. Called once; connections that exist stay. */
  lost(): void;
}

export interface BrokerOptions {
  readonly address: BrokerAddress;
  readonly rtc: RTCConfiguration;
  /** The id to be found under. */
  readonly id: string;
  /** Proves to the broker that a returning client is the same. Random, and kept for as long as the id is. */
  readonly token: string;
  /** How long a dialler may take from its offer to an open channel, ms; as long as any would without it. */
  readonly dialPatienceMs?: number;
}

/**
 * The broker sends no `OPEN` to a client that returns with the token of a socket it still holds
 * (peerjs/peerjs#1289): a socket that stays open this long without a word is in use.
 */
const SILENT_OPEN_MS = 3_000;

/** How long registering may take before the broker counts as unreachable. */
const OPEN_TIMEOUT_MS = 10_000;

/** How long a dial may take from the answer of the broker to an open channel: ICE gives up after about this. */
const DIAL_TIMEOUT_MS = 30_000;

/**
 * How long an offer may stay without any word, ms: an id that nobody has expires at the broker after five or six
 * seconds (engine.md section 2.3), so a broker that says nothing at all is not there any more.
 */
const UNANSWERED_MS = 10_000;

/** How long a path is looked for when the broker has gone, with candidates missing as likely as not. */
const PATH_ALONE_MS = 5_000;

/** The private parts of PeerJS 1.5.5 that are touched: why it is pinned to exactly that version. */
interface PeerInside {
  _handleMessage(message: unknown): void;
  readonly _socket: { readonly _socket?: WebSocket };
}

/** One registration at the broker. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #listener: BrokerListener;
  readonly #peer: PeerType;
  readonly #filter = new BrokerFrameFilter();
  #isOpen = false;
  #isClosed = false;
  /** Told when the broker says that nobody has this id. */
  readonly #unavailable = new Map<string, () => void>();

  private constructor(Peer: typeof PeerType, options: BrokerOptions, listener: BrokerListener) {
    this.#options = options;
    this.#listener = listener;
    const { host, port, path, isSecure, key } = options.address;
    const config = options.rtc;
    this.#peer = new Peer(options.id, {
      host,
      port,
      path,
      secure: isSecure,
      key,
      token: options.token,
      config,
      debug: 0,
    });
    this.#guard();
    this.#peer.on('connection', (connection) => this.#accept(connection));
    this.#peer.on('error', (error) => {
      // PeerJS names the peer only in its message, and dials are few: whoever waits under that id is told.
      if (error.type !== 'peer-unavailable') return;
      for (const [id, tell] of this.#unavailable) if (error.message.endsWith(id)) tell();
    });
    this.#peer.on('disconnected', () => {
      if (this.#isOpen && !this.#isClosed) listener.lost();
    });
  }

  /**
   * Registers at the broker.
   * @throws TransferError `broker-unreachable`, `no-nameplate` when the id is taken
   */
  static async open(
    options: BrokerOptions,
    listener: BrokerListener,
    signal: AbortSignal,
  ): Promise<Broker> {
    const { Peer } = await import('peerjs').catch((cause: unknown) => {
      // Code that does not come: nothing of the network does.
      throw new TransferError({ code: 'broker-unreachable' }, { cause });
    });
    signal.throwIfAborted();
    const broker = new Broker(Peer, options, listener);
    try {
      await broker.#opened(signal);
    } catch (error) {
      broker.#peer.destroy();
      throw error;
    }
    return broker;
  }

  /**
   * Dials `remoteId`. Calls `answered` when somebody there answers.
   * @throws TransferError `peer-unavailable`, `no-path`, `broker-unreachable`, `not-verified` when the broker
   *   handed over another fingerprint than the peer's
   */
  dial(remoteId: string, answered: () => void, signal: AbortSignal): Promise<Introduction> {
    const connectionId = randomId();
    this.#filter.expect(connectionId, remoteId);
    const connection = this.#connect(remoteId, connectionId);
    if (connection === undefined)
      return Promise.reject(new TransferError({ code: 'broker-unreachable' }));
    return this.#dialled(connection, remoteId, answered, signal);
  }

  /** `undefined` once disconnected, or when the browser makes no more connections. */
  #connect(remoteId: string, connectionId: string): DataConnection | undefined {
    try {
      return this.#peer.connect(remoteId, {
        serialization: 'raw',
        reliable: true,
        label: 'control',
        // Not in PeerJS's option type, though its constructor takes it: its own ids come from Math.random.
        ...{ connectionId },
      });
    } catch {
      // As above: it is tried again by itself, and closed connections are forgotten in time.
      return undefined;
    }
  }

  /** Leaves the broker. Connections that exist stay. */
  close(): void {
    this.#isClosed = true;
    this.#peer.disconnect();
  }

  /** Puts the frame filter between the socket and PeerJS. */
  #guard(): void {
    const inside = this.#peer as unknown as PeerInside;
    const handle = inside._handleMessage.bind(this.#peer);
    inside._handleMessage = (message) => {
      const frame = this.#filter.check(message);
      if (frame === undefined) return;
      try {
        handle(frame);
      } catch {
        // The browser makes no more connections (Chromium: 500 a page). This one is lost, and no other.
        if (frame.type === 'OFFER') this.#filter.settle(frame.payload.connectionId);
      }
    };
  }

  #opened(signal: AbortSignal): Promise<void> {
    const peer = this.#peer;
    return new Promise((resolve, reject) => {
      const listeners = new AbortController();
      const finish = (error?: unknown) => {
        clearTimeout(silence);
        clearTimeout(timeout);
        listeners.abort();
        if (error !== undefined) return reject(error);
        this.#isOpen = true;
        this.#filter.registered();
        resolve();
      };
      const unreachable = () => finish(new TransferError({ code: 'broker-unreachable' }));
      const silence = setTimeout(() => {
        const socket = (peer as unknown as PeerInside)._socket._socket;
        if (socket?.readyState === WebSocket.OPEN) finish();
      }, SILENT_OPEN_MS);
      const timeout = setTimeout(unreachable, OPEN_TIMEOUT_MS);
      peer.once('open', () => finish());
      peer.on('error', (error) => {
        if (listeners.signal.aborted) return;
        if (error.type === 'unavailable-id') finish(new TransferError({ code: 'no-nameplate' }));
        else unreachable();
      });
      peer.once('disconnected', () => !listeners.signal.aborted && unreachable());
      signal.addEventListener('abort', () => finish(signal.reason), { signal: listeners.signal });
    });
  }

  #dialled(
    connection: DataConnection,
    remoteId: string,
    answered: () => void,
    signal: AbortSignal,
  ): Promise<Introduction> {
    return new Promise((resolve, reject) => {
      const listeners = new AbortController();
      const { connectionId, peerConnection } = connection;
      const finish = () => {
        clearTimeout(timeout);
        listeners.abort();
        this.#unavailable.delete(remoteId);
      };
      const fail = (error: unknown) => {
        finish();
        connection.close();
        this.#filter.settle(connectionId);
        reject(error);
      };
      const faulted = (fault: Fault) => fail(new TransferError(fault));
      let isAnswered = false;
      let isAlone = false;
      let timeout = setTimeout(() => faulted({ code: 'broker-unreachable' }), UNANSWERED_MS);
      this.#unavailable.set(remoteId, () => faulted({ code: 'peer-unavailable' }));
      // Not ICE's state: the host's checks come in before its answer, which may still be lost.
      peerConnection.addEventListener(
        'signalingstatechange',
        () => {
          if (isAlone || peerConnection.signalingState !== 'stable') return;
          isAnswered = true;
          clearTimeout(timeout);
          timeout = setTimeout(() => faulted({ code: 'no-path' }), DIAL_TIMEOUT_MS);
          answered();
        },
        { signal: listeners.signal },
      );
      peerConnection.addEventListener(
        'connectionstatechange',
        () => isTampered(peerConnection) && faulted({ code: 'not-verified' }),
        { signal: listeners.signal },
      );
      this.#peer.once('disconnected', () => {
        if (listeners.signal.aborted) return;
        isAlone = true;
        clearTimeout(timeout);
        // No answer can come any more; a path may be found with the candidates that did.
        const lost = () => faulted({ code: 'broker-unreachable' });
        timeout = setTimeout(lost, isAnswered ? PATH_ALONE_MS : 0);
      });
      connection.on('error', () => faulted({ code: isAnswered ? 'no-path' : 'peer-unavailable' }));
      connection.on('close', () => {
        this.#filter.settle(connectionId);
        faulted({ code: 'no-path' });
      });
      connection.once('open', () => {
        finish();
        this.#filter.opened(connectionId);
        resolve(this.#introduction(connection));
      });
      signal.addEventListener('abort', () => fail(signal.reason), { signal: listeners.signal });
    });
  }

  #accept(connection: DataConnection): void {
    const { connectionId, peerConnection } = connection;
    const end = () => {
      clearTimeout(timeout);
      connection.close();
      this.#filter.settle(connectionId);
    };
    const timeout = setTimeout(end, this.#options.dialPatienceMs ?? DIAL_TIMEOUT_MS);
    peerConnection.addEventListener('connectionstatechange', () => {
      if (isTampered(peerConnection)) end();
    });
    // Once: a stranger may open as many channels as it likes, and has one try a connection.
    connection.once('open', () => {
      clearTimeout(timeout);
      this.#filter.opened(connectionId);
      this.#listener.introduced(this.#introduction(connection));
    });
    connection.on('error', () => this.#filter.settle(connectionId));
    connection.on('close', end);
  }

  #introduction(connection: DataConnection): Introduction {
    const { peer: remoteId, peerConnection, dataChannel } = connection;
    return {
      localId: this.#options.id,
      remoteId,
      connection: peerConnection,
      channel: dataChannel,
      close: () => connection.close(),
    };
  }
}

/**
 * Whether the two ends reached each other and did not like each other's certificates: the fingerprints that
 * the broker handed over were not theirs.
 */
const isTampered = ({ connectionState, iceConnectionState }: RTCPeerConnection) =>
  connectionState === 'failed' &&
  (iceConnectionState === 'connected' || iceConnectionState === 'completed');
