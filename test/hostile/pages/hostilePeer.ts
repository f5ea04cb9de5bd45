import { parseCredential, rendezvousId } from '../../../src/handshake/credentials.ts';
import { isLaneMessage, LaneSet } from '../../../src/link/laneSet.ts';
import { ProofError, type Proven, proveAsJoiner } from '../../../src/link/proof.ts';
import { encodeBase64url } from '../../../src/protocol/base64url.ts';
import type { LaneId, TransferId } from '../../../src/protocol/ids.ts';
import { parseTransferId } from '../../../src/protocol/ids.ts';
import type { ControlMessage, Message } from '../../../src/protocol/messages.ts';
import { approach, type Stranger } from './stranger.ts';

const CONNECT_MS = 15_000;

/** Handshakes tried. Once in some thousands the host was not heard in time; why is not known, and every page tries again then. */
const MAX_TRIES = 3;

/** A device that proved itself and then says whatever it likes, in any shape. */
export class HostilePeer {
  /** Every message of the other side but heartbeats and lane signalling, oldest first. */
  readonly heard: ControlMessage[] = [];
  /** Frames of the other side, by type: 2 ack, 3 nack. */
  readonly frames: Uint8Array[] = [];
  isAnsweringPings = true;
  /** The other side has hung up. */
  isOver = false;
  readonly #stranger: Stranger;
  readonly #proven: Proven;
  readonly #lanes: LaneSet;
  readonly #channels = new Map<LaneId, RTCDataChannel>();
  #wake = () => {};

  private constructor(stranger: Stranger, proven: Proven) {
    this.#stranger = stranger;
    this.#proven = proven;
    this.#lanes = new LaneSet({
      role: 'joiner',
      rtc: stranger.rtc.configuration,
      peerFingerprint: proven.peerFingerprint,
      send: (message) => this.say(message),
      created: (lane, channel) => this.#laneCreated(lane, channel),
      opened: () => this.#wake(),
      closed: (lane) => this.#channels.delete(lane),
      broke: () => {},
    });
    proven.control.listen({
      message: (message) => this.#take(message),
      closed: () => {
        this.isOver = true;
        this.#wake();
      },
    });
  }

  /** Joins as anybody would who was given `link`: a proof that risked nothing is tried again. */
  static async join(link: string): Promise<HostilePeer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await HostilePeer.#joinOnce(link);
      } catch (error) {
        if (!(error instanceof ProofError) || !error.mayRetry || tries >= MAX_TRIES) throw error;
      }
    }
  }

  static async #joinOnce(link: string): Promise<HostilePeer> {
    const credential = parseCredential(link);
    if (!('mode' in credential)) throw new Error('no link');
    const stranger = await approach(rendezvousId(credential), CONNECT_MS);
    const { introduction, rtc } = stranger;
    try {
      const proven = await proveAsJoiner(introduction, rtc.certificate, credential);
      return new HostilePeer(stranger, proven);
    } catch (error) {
      stranger.leave();
      throw error;
    }
  }

  /** Sends a message as it should be, or something that is none. */
  say(message: ControlMessage | Readonly<Record<string, unknown>>): void {
    this.write(JSON.stringify(message));
  }

  /** Sends text as it is. */
  write(text: string): void {
    const { channel } = this.#proven.introduction;
    if (channel.readyState === 'open') channel.send(text);
  }

  writeBytes(bytes: Uint8Array<ArrayBuffer>): void {
    const { channel } = this.#proven.introduction;
    if (channel.readyState === 'open') channel.send(bytes);
  }

  hello(): void {
    this.say({ type: 'hello', device: 'Mallory', windowBytes: 16 * 1024 * 1024 });
  }

  /** Proposes one file, or what `change` makes of it. */
  propose(change: Partial<Message<'propose'>> = {}): Message<'propose'> {
    const proposal = { ...proposalOf(newTransferId()), ...change };
    this.say(proposal);
    return proposal;
  }

  /** Opens so many lanes; resolves to a way to send frames on them, in turn. */
  async openLanes(count: number): Promise<(frame: Uint8Array<ArrayBuffer>) => void> {
    this.#lanes.setCount(count);
    const channels = await this.until(() => {
      const open = [...this.#channels.values()].filter(({ readyState }) => readyState === 'open');
      return open.length >= count ? open : undefined;
    });
    let next = 0;
    return (frame) => {
      const channel = channels[next % channels.length]!;
      next += 1;
      if (channel.readyState === 'open') channel.send(frame);
    };
  }

  /** Resolves when the lanes have room again: a page that sends more at once only hurts itself. */
  async drained(): Promise<void> {
    const buffered = () =>
      [...this.#channels.values()].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0);
    while (buffered() > 1024 * 1024) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** The description of a lane as we would open one. */
  async ownSdp(): Promise<string> {
    const connection = new RTCPeerConnection(this.#stranger.rtc.configuration);
    connection.createDataChannel('lane', { negotiated: true, id: 0, ordered: false });
    const { sdp } = await connection.createOffer();
    connection.close();
    return sdp ?? '';
  }

  /** The first message of one type, waiting for it. */
  async hears<Type extends ControlMessage['type']>(type: Type): Promise<Message<Type>> {
    return this.until(() =>
      this.heard.find((message): message is Message<Type> => message.type === type),
    );
  }

  /** The first value of `probe`, asked again whenever something comes. */
  async until<T>(probe: () => T | undefined): Promise<T> {
    const deadline = performance.now() + CONNECT_MS;
    for (;;) {
      const value = probe();
      if (value !== undefined) return value;
      if (performance.now() > deadline)
        throw new Error(`waited in vain; heard ${JSON.stringify(this.heard).slice(0, 500)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 100);
      });
    }
  }

  leave(): void {
    this.#lanes.close();
    this.#stranger.leave();
  }

  #take(message: ControlMessage): void {
    if (isLaneMessage(message)) this.#lanes.take(message);
    else if (message.type === 'ping') {
      if (this.isAnsweringPings) this.say({ type: 'pong', n: message.n });
    } else this.heard.push(message);
    this.#wake();
  }

  #laneCreated(lane: LaneId, channel: RTCDataChannel): void {
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      this.frames.push(new Uint8Array(data));
      this.#wake();
    });
    channel.addEventListener('open', () => this.#wake());
    this.#channels.set(lane, channel);
  }
}

export function newTransferId(): TransferId {
  return parseTransferId(encodeBase64url(crypto.getRandomValues(new Uint8Array(16))))!;
}

const MIB = 1024 * 1024;

/** A proposal of one file of three blocks. */
export const proposalOf = (transfer: TransferId): Message<'propose'> => ({
  type: 'propose',
  transfer,
  // The caller gives another where two run at once.
  tag: 7 as Message<'propose'>['tag'],
  fileCount: 1,
  totalBytes: 3 * MIB,
  blockBytes: MIB,
  parts: 1,
});

/** The manifest of {@link proposalOf}. */
export const manifestOf = (transfer: TransferId): Message<'manifest'> => ({
  type: 'manifest',
  transfer,
  part: 0,
  files: [{ kind: 'file', path: ['bait.bin'], sizeBytes: 3 * MIB, modifiedAt: 0 }],
});
