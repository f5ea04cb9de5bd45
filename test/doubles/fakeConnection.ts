import { FakeChannel } from './fakeChannel.ts';

const hex = (fingerprint: Uint8Array) =>
  [...fingerprint].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');

/** An SDP as far as a lane reads it. */
export const sdpOf = (fingerprint: Uint8Array, media: readonly string[] = ['application']) =>
  [
    'v=0',
    `a=fingerprint:sha-256 ${hex(fingerprint)}`,
    ...media.map((kind) => `m=${kind} 9 UDP/DTLS/SCTP webrtc-datachannel`),
    '',
  ].join('\r\n');

/** An RTCPeerConnection that does nothing by itself and remembers what it was told. */
export class FakeConnection extends EventTarget {
  /** Every connection made since the list was emptied. */
  static readonly made: FakeConnection[] = [];
  readonly channel = new FakeChannel();
  readonly candidates: unknown[] = [];
  connectionState: RTCPeerConnectionState = 'new';
  signalingState: RTCSignalingState = 'stable';
  localDescription: { readonly sdp: string } | null = null;
  remoteDescription: { readonly type: string; readonly sdp: string } | null = null;
  sctp: { maxMessageSize: number } | null = { maxMessageSize: 262_144 };

  constructor() {
    super();
    FakeConnection.made.push(this);
  }

  createDataChannel(): FakeChannel {
    return this.channel;
  }

  async createOffer(): Promise<{ type: string; sdp: string }> {
    return { type: 'offer', sdp: 'our offer' };
  }

  async createAnswer(): Promise<{ type: string; sdp: string }> {
    return { type: 'answer', sdp: 'our answer' };
  }

  async setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.localDescription = description;
    this.signalingState = description.type === 'offer' ? 'have-local-offer' : 'stable';
  }

  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    this.remoteDescription = description;
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
  }

  async addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate);
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map();
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  close(): void {
    this.connectionState = 'closed';
    this.signalingState = 'closed';
    this.channel.close();
  }
}
