import { describe, expect, test } from 'vitest';
import type { Source } from '../../../src/ports/source.ts';
import { type Fault, TransferError } from '../../../src/protocol/faults.ts';
import { type DataFrame, decodeFrame } from '../../../src/protocol/frame.ts';
import { blockIndex, transferTag } from '../../../src/protocol/ids.ts';
import { PAYLOAD_BYTES } from '../../../src/protocol/limits.ts';
import { StreamLayout } from '../../../src/protocol/streamLayout.ts';
import { SendFlow } from '../../../src/session/flow/sendFlow.ts';
import { noise } from '../../contracts/noise.ts';
import { blocksWhere, settled, sha256, sourceOf } from '../../doubles/flowEnds.ts';
import { manifestOfSizes } from '../../doubles/manifests.ts';
import { Wire, type WireLane, type WireOptions } from '../../doubles/wire.ts';

const KIB = 1024;
const BLOCK = 96 * KIB;
const TAG = transferTag(3);

class Bench {
  readonly layout: StreamLayout;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly acked: number[] = [];
  readonly faults: Fault[] = [];
  readonly flow: SendFlow;
  source: Source;
  /** What the path's window says. */
  mayGo = () => true;
  digest = sha256;
  clock = 0;
  #nextLane = 0;

  constructor(sizeBytes: number, windowBlocks: number) {
    this.layout = new StreamLayout(manifestOfSizes([sizeBytes], BLOCK));
    this.content = noise(sizeBytes);
    this.source = sourceOf(this.content);
    this.flow = new SendFlow({
      digest: (bytes) => this.digest(bytes),
      mayGo: () => this.mayGo(),
      payloadBytes: () => PAYLOAD_BYTES,
      now: () => this.clock,
      acked: (_tag, block) => this.acked.push(block),
      failed: (_tag, fault) => this.faults.push(fault),
    });
    this.flow.setWindow(windowBlocks * BLOCK);
  }

  lane(options: WireOptions = {}): WireLane {
    const { near } = new Wire(this.#nextLane, options);
    this.#nextLane += 1;
    near.listener = { message: () => {}, drained: () => this.flow.pump(), closed: () => {} };
    this.flow.addLane(near);
    return near;
  }

  async start(isMissing: (block: number) => boolean = () => true): Promise<void> {
    this.flow.start({
      tag: TAG,
      layout: this.layout,
      source: this.source,
      missing: blocksWhere(this.layout.blockCount, isMissing),
    });
    await settled();
  }

  async ack(block: number, count = 1): Promise<void> {
    this.flow.ack(TAG, blockIndex(block), count);
    await settled();
  }
}

/** Takes what waits on a lane, as frames. */
function taken(lane: WireLane): DataFrame[] {
  return lane.waiting.splice(0).map((message) => {
    const frame = decodeFrame(message);
    if (frame.type !== 'data') throw new Error(frame.type);
    return frame;
  });
}

const places = (frames: readonly DataFrame[]) =>
  frames.map(({ block, offset }) => `${block}+${offset / KIB}`);

describe('the sending half', () => {
  test('[S2] sends every missing byte once, the last frame of a block with its digest', async () => {
    const b = new Bench(2 * BLOCK + 5, 9);
    const lane = b.lane();
    await b.start();
    const frames = taken(lane);
    expect(places(frames)).toEqual(['0+0', '0+32', '0+64', '1+0', '1+32', '1+64', '2+0']);
    for (const { block, offset, payload, digest } of frames) {
      const at = block * BLOCK + offset;
      expect(Buffer.compare(payload, b.content.subarray(at, at + payload.byteLength))).toBe(0);
      const { start, end } = b.layout.block(block);
      const isLast = at + payload.byteLength === end;
      expect(digest).toEqual(isLast ? await sha256(b.content.slice(start, end)) : undefined);
    }
  });

  test('[F4] payloads are as large as the lane takes', async () => {
    const b = new Bench(BLOCK, 9);
    const lane = b.lane({ maxMessageBytes: 262_144 });
    await b.start();
    expect(taken(lane).map(({ payload }) => payload.byteLength / KIB)).toEqual([64, 32]);
  });

  test('[P3] blocks the receiver holds are not sent', async () => {
    const b = new Bench(4 * BLOCK, 9);
    const lane = b.lane();
    await b.start((block) => block % 2 === 1);
    expect(new Set(taken(lane).map(({ block }) => block))).toEqual(new Set([1, 3]));
  });

  test('[W1] no block is begun beyond the window, and each ack lets one more go', async () => {
    const b = new Bench(5 * BLOCK, 2);
    const lane = b.lane();
    await b.start();
    const blocksSent = () => [...new Set(taken(lane).map(({ block }) => block))];
    expect(blocksSent()).toEqual([0, 1]);
    expect(b.flow.isLimitedByWindow).toBe(true);
    await b.ack(1);
    expect(blocksSent()).toEqual([2]);
    await b.ack(0, 3);
    expect(blocksSent()).toEqual([3, 4]);
    expect(b.acked).toEqual([1, 0, 2]);
  });

  test('[W1] one block goes even when the window is smaller', async () => {
    const b = new Bench(2 * BLOCK, 0);
    const lane = b.lane();
    await b.start();
    expect(new Set(taken(lane).map(({ block }) => block))).toEqual(new Set([0]));
    await b.ack(0);
    expect(new Set(taken(lane).map(({ block }) => block))).toEqual(new Set([1]));
  });

  test('what was read goes before more is asked for', async () => {
    const b = new Bench(6 * BLOCK, 9);
    const lane = b.lane();
    // Not ready yet: only the frame that ends the block waits for it.
    b.digest = () => new Promise(() => {});
    const { source } = b;
    const waiting: number[] = [];
    b.source = {
      read: (start, end) => {
        waiting.push(lane.waiting.length);
        // Only the first block is quick.
        return start === 0 ? source.read(start, end) : new Promise(() => {});
      },
    };
    await b.start();
    expect(waiting).toEqual([0, 2, 2, 2]);
  });

  test('[W4] no frame goes while enough is on the way, and it goes on as soon as it may', async () => {
    const b = new Bench(BLOCK, 9);
    const lane = b.lane();
    let left = 2;
    b.mayGo = () => {
      left -= 1;
      return left >= 0;
    };
    await b.start();
    expect(places(taken(lane))).toEqual(['0+0', '0+32']);
    b.flow.pump();
    expect(taken(lane)).toEqual([]);
    left = 1;
    b.flow.pump();
    expect(places(taken(lane))).toEqual(['0+64']);
  });

  test('[A2] acks for blocks not under way change nothing', async () => {
    const b = new Bench(5 * BLOCK, 1);
    b.lane();
    await b.start();
    await b.ack(3, 2 ** 32 - 1);
    b.flow.ack(transferTag(99), blockIndex(0), 1);
    await settled();
    expect(b.acked).toEqual([]);
    await b.ack(0);
    await b.ack(0);
    expect(b.acked).toEqual([0]);
  });

  test('[A3] a nack sends all of the block again', async () => {
    const b = new Bench(2 * BLOCK, 9);
    const lane = b.lane();
    await b.start();
    taken(lane);
    b.flow.nack(TAG, blockIndex(1));
    await settled();
    expect(places(taken(lane))).toEqual(['1+0', '1+32', '1+64']);
    b.flow.nack(TAG, blockIndex(2));
    b.flow.nack(transferTag(99), blockIndex(0));
    await settled();
    expect(taken(lane)).toEqual([]);
  });

  test('[A3] an ack that comes while a block waits to be sent again is enough', async () => {
    const b = new Bench(BLOCK, 9);
    const [one] = [b.lane()];
    await b.start();
    taken(one);
    b.flow.removeLane(one.id);
    await b.ack(0);
    expect(b.acked).toEqual([0]);
    const two = b.lane();
    await settled();
    expect(taken(two)).toEqual([]);
  });

  test('[S2] a pause lets nothing more out, and continuing begins where it stopped', async () => {
    const b = new Bench(BLOCK, 9);
    const lane = b.lane({ highWaterBytes: 1 });
    await b.start();
    expect(places(taken(lane))).toEqual(['0+0']);
    b.flow.pause(TAG);
    b.flow.pump();
    await settled();
    expect(taken(lane)).toEqual([]);
    b.flow.continue(TAG);
    expect(places(taken(lane))).toEqual(['0+32']);
  });

  test('[S2] stopping while a block is read lets nothing out, and gives its place back', async () => {
    const b = new Bench(BLOCK, 1);
    const lane = b.lane();
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    b.source = { read: (start, end) => gate.then(() => b.content.slice(start, end)) };
    await b.start();
    b.flow.stop(TAG);
    release();
    await settled();
    expect(taken(lane)).toEqual([]);
    b.source = sourceOf(b.content);
    await b.start();
    expect(taken(lane)).toHaveLength(3);
  });

  test('[S2] a source that fails ends its transfer with the reason, and no other', async () => {
    const b = new Bench(2 * BLOCK, 9);
    const lane = b.lane();
    const fault: Fault = { code: 'source-changed', name: 'a.bin' };
    b.source = { read: () => Promise.reject(new TransferError(fault)) };
    await b.start();
    expect(b.faults).toEqual([fault]);
    expect(taken(lane)).toEqual([]);
    b.flow.start({
      tag: transferTag(4),
      layout: b.layout,
      source: sourceOf(b.content),
      missing: blocksWhere(2, () => true),
    });
    await settled();
    expect(taken(lane)).toHaveLength(6);
  });

  test('[A3] every lane works on the oldest block, and takes as much of it as it has room for', async () => {
    const b = new Bench(2 * BLOCK, 9);
    const slow = b.lane({ highWaterBytes: 1 });
    await b.start();
    const quick = b.lane();
    expect(places(taken(slow))).toEqual(['0+0']);
    expect(places(taken(quick))).toEqual(['0+32', '0+64', '1+0', '1+32', '1+64']);
  });

  test('[A3] what a stalled lane carried goes out again once nothing else is left, and ever more seldom', async () => {
    const b = new Bench(2 * BLOCK, 9);
    const [stalled, other] = [b.lane({ highWaterBytes: 1 }), b.lane()];
    await b.start();
    const isBehind = (lane: number) => lane === stalled.id;
    expect(places(taken(stalled))).toHaveLength(1);
    taken(other);
    const tail = async (clock: number) => {
      b.clock = clock;
      b.flow.sendTailAgain(clock, 50, isBehind);
      await settled();
      return [...places(taken(stalled)), ...places(taken(other))];
    };
    expect(await tail(200)).toEqual([]);
    expect(await tail(260)).toEqual(['0+0']);
    // It went out on the stalled lane once more: the next try waits twice as long.
    expect(await tail(600)).toEqual([]);
    expect(await tail(800)).toEqual(['0+0']);
    await b.ack(0, 2);
    expect(await tail(10_000)).toEqual([]);
  });

  test('[W1] a transfer whose blocks wait to be sent again goes before one with new blocks', async () => {
    const b = new Bench(2 * BLOCK, 2);
    const one = b.lane();
    await b.start();
    taken(one);
    b.flow.start({
      tag: transferTag(4),
      layout: b.layout,
      source: sourceOf(b.content),
      missing: blocksWhere(2, () => true),
    });
    b.flow.removeLane(one.id);
    const two = b.lane();
    await settled();
    expect(new Set(taken(two).map(({ tag }) => tag))).toEqual(new Set([TAG]));
  });

  test('[S2] says when lanes are what holds it back', async () => {
    const b = new Bench(2 * BLOCK, 9);
    const lane = b.lane({ highWaterBytes: 1 });
    await b.start();
    expect(b.flow.isLimitedByLanes).toBe(true);
    expect(b.flow.isLimitedByWindow).toBe(false);
    while (taken(lane).length > 0) b.flow.pump();
    expect(b.flow.isLimitedByLanes).toBe(false);
  });
});
