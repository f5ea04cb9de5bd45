/**
 * A man in the middle: a page that answers the joiner in the host's name and dials the host in the
 * joiner's, so that both are encrypted to it. It hands on what passes, or does worse, and keeps all it saw.
 */

/** A message on one of the two legs. */
export interface Seen {
  readonly from: 'joiner' | 'host';
  readonly kind: 'binary' | 'text';
  readonly bytes: number;
  /** The message as hex, or as its text. */
  readonly content: string;
}

/**
 * `relay` hands on. `reflect` gives everyone their own message back in the shape of an answer. `replay` answers
 * the joiner with what the host said in an earlier connection. `repeat` hands on everything twice.
 * `mute` says nothing.
 */
export type MiddleMode = 'relay' | 'reflect' | 'replay' | 'repeat' | 'mute';

interface BrokerFrame {
  readonly type: string;
  readonly src: string;
  readonly dst: string;
  readonly payload: {
    readonly connectionId: string;
    readonly sdp?: RTCSessionDescriptionInit;
    readonly candidate?: RTCIceCandidateInit;
  };
}

const hexOf = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export class Middle {
  mode: MiddleMode = 'relay';
  /** Changes the SDP the joiner gets, `genuine` being the host's own. */
  readonly seen: Seen[] = [];
  /** Whether the other end's own fingerprint is put into our descriptions too. */
  addsFingerprint: 'none' | 'before' | 'after' = 'none';
  openCount = 0;
  readonly #socket: WebSocket;
  readonly #legs = new Map<string, RTCPeerConnection>();
  readonly #tape: Uint8Array<ArrayBuffer>[] = [];
  /** Fingerprint lines of the genuine ends, by id. */
  readonly #fingerprints = new Map<string, string>();

  constructor(brokerUrl: string) {
    this.#socket = new WebSocket(`${brokerUrl}/peerjs?id=middle`);
    this.#socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const frame = JSON.parse(data) as BrokerFrame;
      this.#take(frame).catch((error: unknown) => console.warn(String(error)));
    });
  }

  #say(to: string, frame: unknown): void {
    this.#socket.send(JSON.stringify({ to, frame }));
  }

  async #take(frame: BrokerFrame): Promise<void> {
    const { payload } = frame;
    switch (frame.type) {
      case 'OFFER':
        await this.#between(frame);
        break;
      case 'ANSWER':
        this.#note(frame);
        if (payload.sdp !== undefined)
          await this.#legs.get(payload.connectionId)?.setRemoteDescription(payload.sdp);
        break;
      case 'CANDIDATE':
        await this.#legs.get(payload.connectionId)?.addIceCandidate(payload.candidate);
        break;
      default:
        break;
    }
  }

  #note({ src, payload }: BrokerFrame): void {
    const line = /^a=fingerprint:.*$/m.exec(payload.sdp?.sdp ?? '')?.[0]?.trim();
    if (line !== undefined) this.#fingerprints.set(src, line);
  }

  /** Stands between one joiner and the host it dials. */
  async #between(offer: BrokerFrame): Promise<void> {
    this.#note(offer);
    const { src: joiner, dst: host } = offer;
    const toJoiner = new RTCPeerConnection();
    const toHost = new RTCPeerConnection();
    const channelToHost = toHost.createDataChannel('control');
    const hostLegId = `middle-${Math.random().toString(36).slice(2)}`;
    this.#legs.set(offer.payload.connectionId, toJoiner);
    this.#legs.set(hostLegId, toHost);
    toJoiner.addEventListener('datachannel', ({ channel }) => this.#join(channel, channelToHost));

    await toHost.setLocalDescription(await toHost.createOffer());
    await gathered(toHost);
    this.#say(host, {
      type: 'OFFER',
      src: joiner,
      dst: host,
      payload: {
        type: 'data',
        connectionId: hostLegId,
        label: 'control',
        reliable: true,
        serialization: 'raw',
        sdp: this.#described(toHost, joiner),
      },
    });
    await toJoiner.setRemoteDescription(offer.payload.sdp!);
    await toJoiner.setLocalDescription(await toJoiner.createAnswer());
    await gathered(toJoiner);
    // The host's answer first: its fingerprint may be put beside ours.
    for (let i = 0; i < 50 && !this.#fingerprints.has(host); i += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    this.#say(joiner, {
      type: 'ANSWER',
      src: host,
      dst: joiner,
      payload: {
        type: 'data',
        connectionId: offer.payload.connectionId,
        sdp: this.#described(toJoiner, host),
      },
    });
  }

  /** Our description, in which the genuine end's fingerprint may stand as well. */
  #described(connection: RTCPeerConnection, genuine: string): RTCSessionDescriptionInit {
    const { type, sdp } = connection.localDescription!;
    const line = this.#fingerprints.get(genuine);
    if (line === undefined || this.addsFingerprint === 'none') return { type, sdp };
    const ours = /^a=fingerprint:.*\r\n/m;
    const changed = sdp.replace(ours, (own) =>
      this.addsFingerprint === 'before' ? `${line}\r\n${own}` : `${own}${line}\r\n`,
    );
    return { type, sdp: changed };
  }

  #join(toJoiner: RTCDataChannel, toHost: RTCDataChannel): void {
    this.openCount += 1;
    this.#pass('joiner', toJoiner, toHost);
    this.#pass('host', toHost, toJoiner);
  }

  #pass(from: Seen['from'], near: RTCDataChannel, far: RTCDataChannel): void {
    near.binaryType = 'arraybuffer';
    const waiting: (string | ArrayBuffer)[] = [];
    const send = (data: string | ArrayBuffer) => {
      if (far.readyState === 'open') far.send(data as string);
      else waiting.push(data);
    };
    far.addEventListener('open', () => {
      for (const data of waiting.splice(0)) far.send(data as string);
    });
    near.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.#see(from, data);
      this.#act(from, near, data, send);
    });
  }

  #see(from: Seen['from'], data: string | ArrayBuffer): void {
    const isText = typeof data === 'string';
    this.seen.push({
      from,
      kind: isText ? 'text' : 'binary',
      bytes: isText ? data.length : data.byteLength,
      content: isText ? data : hexOf(new Uint8Array(data)),
    });
  }

  #act(
    from: Seen['from'],
    near: RTCDataChannel,
    data: string | ArrayBuffer,
    send: (data: string | ArrayBuffer) => void,
  ): void {
    switch (this.mode) {
      case 'relay':
        if (from === 'host' && typeof data !== 'string') this.#tape.push(new Uint8Array(data));
        send(data);
        break;
      case 'repeat':
        send(data);
        send(data);
        break;
      case 'reflect':
        if (typeof data !== 'string') near.send(reflectionOf(new Uint8Array(data)));
        break;
      case 'replay': {
        const next = from === 'joiner' ? this.#tape.shift() : undefined;
        if (next !== undefined) near.send(next);
        break;
      }
      case 'mute':
        break;
    }
  }
}

/** A joiner's frame as the host's of the same kind, and the other way round. */
function reflectionOf(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const reflected = frame.slice();
  const type = frame[0] ?? 0;
  reflected[0] = type % 2 === 1 ? type + 1 : type - 1;
  return reflected;
}

function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const done = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', done);
    done();
    setTimeout(resolve, 2_000);
  });
}
