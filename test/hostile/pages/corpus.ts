import { encodeBase64url } from '../../../src/protocol/base64url.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { blockIndex, transferTag } from '../../../src/protocol/ids.ts';
import { type HostilePeer, manifestOf, newTransferId, proposalOf } from './hostilePeer.ts';

/** One way to break one rule of SPEC.md, and what it comes to. */
export interface Misdeed {
  /** `rule: what`. */
  readonly name: string;
  /** The rule the link is closed over; for another fault, its code; `silence` when there is nobody to tell. */
  readonly rule: string;
  /** Whether the person over there has to take the bait first. */
  readonly isAccepted?: true;
  commit(peer: HostilePeer): Promise<void> | void;
}

const MIB = 1024 * 1024;
const KIB = 1024;
const TAG = transferTag(7);

/** A proposal like {@link proposalOf}'s whose manifest is `files`. */
function proposeFiles(peer: HostilePeer, files: unknown, change: object = {}): void {
  const { transfer } = peer.propose(change);
  peer.say({ type: 'manifest', transfer, part: 0, files });
}

const file = (change: Readonly<Record<string, unknown>> = {}) => ({
  kind: 'file',
  path: ['bait.bin'],
  sizeBytes: 3 * MIB,
  modifiedAt: 0,
  ...change,
});

/** Proposes three blocks, waits until they are accepted, and opens a lane. */
async function bait(peer: HostilePeer) {
  const { transfer } = peer.propose();
  peer.say(manifestOf(transfer));
  await peer.hears('accept');
  return peer.openLanes(1);
}

/** A frame as bytes no encoder would write. */
function rawFrame(
  head: {
    readonly type?: number;
    readonly flags?: number;
    readonly tag?: number;
    readonly block?: number;
    readonly offset?: number;
  },
  bodyBytes: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + bodyBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, head.type ?? 1);
  view.setUint8(1, head.flags ?? 0);
  view.setUint16(2, head.tag ?? TAG);
  view.setUint32(4, head.block ?? 0);
  view.setUint32(8, head.offset ?? 0);
  return bytes;
}

const control = (name: string, rule: string, commit: (peer: HostilePeer) => void): Misdeed => ({
  name,
  rule,
  commit: (peer) => {
    peer.hello();
    commit(peer);
  },
});

const frames = (
  name: string,
  rule: string,
  commit: (
    send: (frame: Uint8Array<ArrayBuffer>) => void,
    peer: HostilePeer,
  ) => void | Promise<void>,
): Misdeed => ({
  name,
  rule,
  isAccepted: true,
  commit: async (peer) => {
    peer.hello();
    await commit(await bait(peer), peer);
  },
});

/** Every block whole, with a digest that is not its own. */
async function sendWrongBlock(
  send: (frame: Uint8Array<ArrayBuffer>) => void,
  peer: HostilePeer,
): Promise<void> {
  for (let round = 1; round <= 3; round += 1) {
    for (let offset = 0; offset < MIB; offset += 64 * KIB) {
      const endsBlock = offset === MIB - 64 * KIB;
      send(
        encodeFrame({
          type: 'data',
          tag: TAG,
          block: blockIndex(1),
          offset,
          payload: new Uint8Array(64 * KIB),
          digest: endsBlock ? new Uint8Array(32) : undefined,
        }),
      );
    }
    const nacks = () => peer.frames.filter(([type]) => type === 3).length;
    if (round < 3) await peer.until(() => (nacks() >= round ? true : undefined));
  }
}

const CONTROL: readonly Misdeed[] = [
  control('C1: bytes after the handshake', 'C1', (peer) => peer.writeBytes(new Uint8Array(9))),
  control('C1: not JSON', 'C1', (peer) => peer.write('{"type":"ping",')),
  control('C1: endless text', 'C1', (peer) =>
    peer.say({ type: 'visibility', isHidden: true, pad: 'x'.repeat(65_536) }),
  ),
  control('C1: deep', 'C1', (peer) => peer.write(`${'['.repeat(60)}${']'.repeat(60)}`)),
  control('C1: __proto__', 'C1', (peer) =>
    peer.write('{"type":"ping","n":1,"__proto__":{"isTame":true}}'),
  ),
  control('C1: constructor in a file', 'C1', (peer) =>
    proposeFiles(peer, [file({ constructor: 1 })]),
  ),
  control('C1: NaN', 'C1', (peer) => peer.write('{"type":"ping","n":NaN}')),
  control('C2: an unknown type', 'C2', (peer) => peer.say({ type: 'toString' })),
  control('C2: an unknown key', 'C2', (peer) => peer.say({ type: 'ping', n: 1, and: 1 })),
  control('C2: no object', 'C2', (peer) => peer.write('"ping"')),
  control('C2: infinite', 'C2', (peer) => peer.write('{"type":"ping","n":1e999}')),
  control('C2: a negative size', 'C2', (peer) => proposeFiles(peer, [file({ sizeBytes: -1 })])),
  control('C2: half a byte', 'C2', (peer) => proposeFiles(peer, [file({ sizeBytes: 0.5 })])),
  control('C2: a size as text', 'C2', (peer) => proposeFiles(peer, [file({ sizeBytes: '1' })])),
  control('C2: more than a TiB', 'C2', (peer) => peer.propose({ totalBytes: 2 ** 41 })),
  control('C2: a path of no segments', 'C2', (peer) => proposeFiles(peer, [file({ path: [] })])),
  control('C2: a path of 33 segments', 'C2', (peer) =>
    proposeFiles(peer, [file({ path: Array.from({ length: 33 }, () => 'd') })]),
  ),
  control('C2: a path of 1,025 letters', 'C2', (peer) =>
    proposeFiles(peer, [file({ path: ['x'.repeat(1_025)] })]),
  ),
  control('C2: 10,001 files', 'C2', (peer) => peer.propose({ fileCount: 10_001 })),
  control('C2: an unknown reason', 'C2', (peer) => peer.say({ type: 'close', reason: 255 })),
  control('C2: a window of nothing', 'C2', (peer) =>
    peer.say({ type: 'hello', device: 'x', windowBytes: 0 }),
  ),
  {
    name: 'C3: a proposal before the hello',
    rule: 'C3',
    commit: (peer) => {
      peer.propose();
    },
  },
  {
    name: 'C4: silence',
    rule: 'silence',
    commit: (peer) => {
      peer.isAnsweringPings = false;
      peer.hello();
    },
  },
];

const MANIFESTS: readonly Misdeed[] = [
  control('M1: more files than proposed', 'M1', (peer) => proposeFiles(peer, [file(), file()])),
  control('M1: fewer files than proposed', 'M1', (peer) =>
    proposeFiles(peer, [file()], { fileCount: 2 }),
  ),
  control('M1: a giant manifest', 'M1', (peer) => {
    const { transfer } = peer.propose({ fileCount: 10_000, parts: 4_000, totalBytes: 0 });
    const path = ['x'.repeat(1_000)];
    const files = Array.from({ length: 55 }, () => file({ path, sizeBytes: 0 }));
    for (let part = 0; part < 100; part += 1) peer.say({ type: 'manifest', transfer, part, files });
  }),
  control('M3: sizes that do not add up', 'M3', (peer) =>
    proposeFiles(peer, [file({ sizeBytes: 1 })]),
  ),
  control('M3: more bytes than proposed', 'M3', (peer) =>
    proposeFiles(peer, [file({ sizeBytes: 3 * MIB + 1 })]),
  ),
  control('M4: a manifest of nothing', 'M4', (peer) => peer.say(manifestOf(newTransferId()))),
  control('M4: parts out of order', 'M4', (peer) => {
    const { transfer } = peer.propose({ parts: 2 });
    peer.say({ ...manifestOf(transfer), part: 1 });
  }),
  control('M5: a folder with bytes', 'M5', (peer) =>
    proposeFiles(peer, [file({ kind: 'folder' })]),
  ),
  control('M5: an endless text', 'M5', (peer) => proposeFiles(peer, [file({ kind: 'text' })])),
  control('G2: another block size', 'G2', (peer) =>
    proposeFiles(peer, [file()], { blockBytes: 2 * MIB }),
  ),
];

const PROPOSALS: readonly Misdeed[] = [
  control('P2: nine at once', 'P2', (peer) => {
    for (let i = 0; i < 9; i += 1) peer.say(proposalOf(newTransferId()));
  }),
  control('P2: 31 in a minute', 'P2', (peer) => {
    for (let i = 0; i < 31; i += 1) {
      const { transfer } = peer.propose();
      peer.say(manifestOf(transfer));
      peer.say({ type: 'cancel', transfer, reason: 9 });
    }
  }),
  {
    name: 'P3: a bitmap of another length',
    rule: 'P3',
    commit: async (peer) => {
      peer.hello();
      const { transfer } = await peer.hears('propose');
      const wanted = encodeBase64url(new Uint8Array(9));
      peer.say({ type: 'accept', transfer, wanted, held: '', samples: [] });
    },
  },
  control('P4: other files under the same id', 'P4', (peer) => {
    const { transfer } = peer.propose();
    peer.say(manifestOf(transfer));
    peer.propose({ transfer });
    peer.say({
      ...manifestOf(transfer),
      files: [{ ...manifestOf(transfer).files[0]!, path: ['b'] }],
    });
  }),
];

/** An SDP of a real lane, of a page that is nobody's peer. */
async function foreignSdp(): Promise<string> {
  const connection = new RTCPeerConnection();
  connection.createDataChannel('lane', { negotiated: true, id: 0 });
  const { sdp } = await connection.createOffer();
  connection.close();
  return sdp ?? '';
}

const LANES: readonly Misdeed[] = [
  control('L1: a number of ours', 'L1', (peer) =>
    peer.say({ type: 'lane-offer', lane: 2, sdp: 'v=0' }),
  ),
  {
    name: 'L1: 33 lanes',
    rule: 'L1',
    commit: async (peer) => {
      peer.hello();
      const sdp = await peer.ownSdp();
      for (let i = 0; i < 33; i += 1) peer.say({ type: 'lane-offer', lane: 2 * i + 1, sdp });
    },
  },
  control('C2: an SDP without end', 'C2', (peer) =>
    peer.say({ type: 'lane-offer', lane: 1, sdp: 'x'.repeat(16_385) }),
  ),
  {
    name: 'L2: a camera',
    rule: 'L2',
    commit: async (peer) => {
      peer.hello();
      const sdp = `${await peer.ownSdp()}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`;
      peer.say({ type: 'lane-offer', lane: 1, sdp });
    },
  },
  {
    name: 'L3: the certificate of somebody else',
    rule: 'L3',
    commit: async (peer) => {
      peer.hello();
      peer.say({ type: 'lane-offer', lane: 1, sdp: await foreignSdp() });
    },
  },
];

const FRAMES: readonly Misdeed[] = [
  frames('F1: too short', 'F1', (send) => send(new Uint8Array(11))),
  frames('F1: unknown flags', 'F1', (send) => send(rawFrame({ flags: 2 }, 16 * KIB))),
  frames('F1: an ack with a body', 'F1', (send) => send(rawFrame({ type: 2, offset: 1 }, 1))),
  frames('F2: an unknown type', 'F2', (send) => send(rawFrame({ type: 9 }, 0))),
  frames('F3: no payload', 'F3', (send) => send(rawFrame({}, 0))),
  frames('F4: off the grid', 'F4', (send) => send(rawFrame({ offset: 1 }, 16 * KIB))),
  frames('F5: an ack of nothing', 'F5', (send) => send(rawFrame({ type: 2 }, 0))),
  frames('F6: a transfer nobody proposed', 'F6', (send) => send(rawFrame({ tag: 8 }, 16 * KIB))),
  frames('F6: a block behind the end', 'F6', (send) => send(rawFrame({ block: 3 }, 16 * KIB))),
  frames('F7: over the end of the block', 'F7', (send) =>
    send(rawFrame({ offset: MIB - 16 * KIB }, 32 * KIB)),
  ),
  frames('F7: a digest in the middle', 'F7', (send) => send(rawFrame({ flags: 1 }, 16 * KIB + 32))),
  frames('W3: the same again and again', 'W3', async (_, peer) => {
    // One copy of the transfer and 64 MiB are borne. A single lane takes 8 s for that, or 25 where it loses packets.
    const send = await peer.openLanes(4);
    for (let i = 0; i < 310; i += 1) {
      send(rawFrame({}, 240 * KIB));
      await peer.drained();
      if (peer.heard.some(({ type }) => type === 'close')) break;
    }
  }),
  frames('D3: a block that is never right', 'hash-mismatch', sendWrongBlock),
  {
    name: 'W2: more blocks than the window',
    rule: 'W2',
    isAccepted: true,
    commit: async (peer) => {
      peer.hello();
      const blocks = 520;
      const { transfer } = peer.propose({ totalBytes: blocks * MIB });
      peer.say({
        ...manifestOf(transfer),
        files: [{ ...manifestOf(transfer).files[0]!, sizeBytes: blocks * MIB }],
      });
      await peer.hears('accept');
      const send = await peer.openLanes(1);
      for (let block = 0; block < blocks; block += 1) send(rawFrame({ block }, 16 * KIB));
    },
  },
];

/** Every rule a peer can break from afar, each broken alone. */
export const CORPUS: readonly Misdeed[] = [
  ...CONTROL,
  ...MANIFESTS,
  ...PROPOSALS,
  ...LANES,
  ...FRAMES,
];
