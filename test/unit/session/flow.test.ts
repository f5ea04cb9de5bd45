import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../src/protocol/frame.ts';
import { blockIndex, laneId, transferTag } from '../../../src/protocol/ids.ts';
import { parseJournalEntry } from '../../../src/storage/journalEntry.ts';
import { noise } from '../../contracts/noise.ts';
import { FlowEnds, receiptsSent, settled, type Transfer } from '../../doubles/flowEnds.ts';
import { filesOf, manifestOfSizes } from '../../doubles/manifests.ts';

const KIB = 1024;
const otherTag = transferTag(99);
const firstBlock = blockIndex(0);
/** Three frames a block on a lane that takes 64 KiB. */
const BLOCK = 96 * KIB;

let ends: FlowEnds | undefined;
const endsWith = (windowBlocks: number) => {
  ends = new FlowEnds(windowBlocks * BLOCK);
  return ends;
};
afterEach(async () => {
  await ends?.close();
  ends = undefined;
});

function transferOf(
  sizes: readonly number[],
  { tag = 0, wanted }: { tag?: number; wanted?: readonly number[] } = {},
): Transfer {
  const manifest = manifestOfSizes(sizes, BLOCK, 'ABCD'[tag]);
  const files = filesOf(sizes.length, wanted ?? sizes.map((_, i) => i));
  return { tag, manifest, content: noise(manifest.totalBytes, tag + 1), wanted: files };
}

const PEER = { peerName: 'near', role: 'joiner', resumeKey: noise(32) } as const;

/** Everything wanted is there and is what was sent, and nobody complained. */
async function expectArrived(link: FlowEnds): Promise<void> {
  expect(link.broken).toEqual([]);
  expect(link.failed).toEqual([]);
  for (const transfer of link.transfers.values()) {
    const { manifest, content, tag } = transfer;
    const stored = link.stored.get(manifest.id);
    if (stored === undefined) throw new Error(`transfer ${tag} is stuck`);
    const bytes = new Uint8Array(await stored.arrayBuffer());
    for (const block of link.wantedBlocks(transfer)) {
      const [start, end] = [block * BLOCK, (block + 1) * BLOCK];
      expect(Buffer.compare(bytes.subarray(start, end), content.subarray(start, end))).toBe(0);
    }
    expect(link.journal.entries.get(manifest.id)?.phase).toBe('done');
  }
  expect(link.underWay.size).toBe(0);
}

/** Notes the reads of a transfer's source from now on, as `start-end` in blocks. */
function notedReads(link: FlowEnds, { manifest, content }: Transfer): string[] {
  const reads: string[] = [];
  link.sources.set(manifest.id, {
    read: async (start, end) => {
      reads.push(`${start / BLOCK}-${end / BLOCK}`);
      return content.slice(start, end);
    },
  });
  return reads;
}

/** Near proposes it: the person at the far end decides. */
const prepare = (link: FlowEnds, { tag, manifest }: Transfer) =>
  link.near.prepareSend({ tag: transferTag(tag), manifest, blobs: [], lost: [] });

describe('two data planes', () => {
  test('the first block is read while the other person decides, and only then', async () => {
    const link = endsWith(4);
    const transfer = transferOf([2 * BLOCK]);
    const reads = notedReads(link, transfer);
    link.addWire();
    prepare(link, transfer);
    expect(reads).toEqual(['0-1']);
    link.start(transfer);
    await settled();
    await link.finish();
    await expectArrived(link);
    expect(reads).toEqual(['0-1', '1-2']);
  });

  test('what was read for a proposal that came to nothing is let go', async () => {
    const link = endsWith(4);
    const transfer = transferOf([2 * BLOCK]);
    const reads = notedReads(link, transfer);
    link.addWire();
    prepare(link, transfer);
    link.near.stopSend(transferTag(transfer.tag));
    link.start(transfer);
    await settled();
    await link.finish();
    await expectArrived(link);
    expect(reads).toEqual(['0-1', '0-1', '1-2']);
  });

  test('while a person decides the proposal is noted, and no store opened for it', async () => {
    const link = endsWith(4);
    const { manifest } = transferOf([BLOCK, 1]);
    await link.far.prepareReceive({ ...PEER, manifest });
    expect(link.stores.askedKinds).toEqual([]);
    const entry = await link.journal.load(manifest.id);
    expect(entry).toMatchObject({ ...PEER, manifest, phase: 'proposed' });
    expect(parseJournalEntry(entry)).toEqual(entry);
    await link.far.stopReceive(manifest.id, false);
    expect(link.journal.entries.size).toBe(0);
  });

  test('where bytes go is found out when they come, and not by the noted proposal', async () => {
    const link = endsWith(4);
    const transfer = transferOf([BLOCK]);
    await link.far.prepareReceive({ ...PEER, manifest: transfer.manifest });
    link.addWire();
    link.start(transfer);
    await settled();
    await link.finish();
    await expectArrived(link);
    expect(link.stores.askedKinds).toEqual([undefined]);
  });

  test('while a person decides faults of the journal wait', async () => {
    const link = endsWith(4);
    const transfer = transferOf([BLOCK]);
    const put = link.journal.put.bind(link.journal);
    link.journal.put = () => Promise.reject(new Error('no database'));
    await link.far.prepareReceive({ ...PEER, manifest: transfer.manifest });
    expect(link.failed).toEqual([]);
    link.journal.put = put;
    link.addWire();
    link.start(transfer);
    await settled();
    await link.finish();
    await expectArrived(link);
  });

  test('[D1] [P6] move a transfer, in order, over one lane', async () => {
    const link = endsWith(4);
    link.addWire();
    link.start(transferOf([5 * BLOCK + 17, 0, 3]));
    await settled();
    await link.finish();
    await expectArrived(link);
  });

  test('[P6] a transfer without bytes is complete at once', async () => {
    const link = endsWith(4);
    link.start(transferOf([0, 0]));
    await settled();
    await link.finish();
    expect([...link.stored.values()].map(({ size }) => size)).toEqual([0]);
  });

  test('[G3] send only the blocks of the wanted files', async () => {
    const link = endsWith(4);
    const transfer = transferOf([3 * BLOCK, BLOCK, 3 * BLOCK], { wanted: [1] });
    link.addWire();
    link.start(transfer);
    await settled();
    await link.finish();
    await expectArrived(link);
    expect([...link.acked]).toEqual(['0:3']);
  });

  test.each([false, true])(
    '[A2] acks that died with their lane are said again on one that lives (beside one that opens: %s)',
    async (isOpening) => {
      const link = endsWith(2);
      if (isOpening) {
        const opening = link.addWire();
        opening.near.isOpen = false;
        opening.far.isOpen = false;
      }
      const steady = link.addWire();
      link.start(transferOf([20 * BLOCK]));
      await settled();
      const shaky = link.addWire();
      while (link.deliver(steady, steady.near));
      // The shaky lane is the last to bring something, so the acks leave over it, and die.
      shaky.far.listener?.message(encodeFrame({ type: 'nack', tag: otherTag, block: firstBlock }));
      await settled();
      // Receipts come by themselves after a moment; acks are what this is about.
      const acks = shaky.far.waiting.filter((message) => decodeFrame(message).type === 'ack');
      expect(acks).toHaveLength(2);
      shaky.die();
      await settled();
      await link.finish();
      await expectArrived(link);
    },
  );

  test('[A4] one message tells what arrived on all lanes, and not of lanes without news', async () => {
    const link = endsWith(8);
    const [one, two, idle] = [link.addWire(), link.addWire(), link.addWire()];
    link.start(transferOf([BLOCK]));
    await settled();
    const sentBytes = ({ near }: typeof one) =>
      near.waiting.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const lanes = [one, two].map((wire) => ({ lane: wire.far.id, arrivedBytes: sentBytes(wire) }));
    idle.near.waiting.length = 0;
    for (const wire of [one, two]) while (link.deliver(wire, wire.near));
    await receiptsSent();
    const frames = [one, two, idle].flatMap(({ far }) => far.waiting.map(decodeFrame));
    expect(frames.filter(({ type }) => type === 'receipt')).toEqual([{ type: 'receipt', lanes }]);
  });

  test.each([
    [20, true],
    [1, false],
  ])('at %i ms full lanes mean that the network is the limit: %s', async (roundTripMs, isLimit) => {
    const link = endsWith(8);
    link.near.iceRoundTrip(roundTripMs);
    const { near } = link.addWire({ highWaterBytes: BLOCK });
    link.start(transferOf([8 * BLOCK]));
    for (let i = 0; i < 20; i += 1) {
      await receiptsSent();
      near.listener?.drained();
    }
    expect(link.limits.includes('network')).toBe(isLimit);
  });

  test('[A4] a receipt for a lane that is gone is nobody’s fault', async () => {
    const link = endsWith(8);
    const wire = link.addWire();
    const lanes = [{ lane: laneId(999), arrivedBytes: 5 }];
    wire.near.listener?.message(encodeFrame({ type: 'receipt', lanes }));
    expect(link.broken).toEqual([]);
    link.start(transferOf([BLOCK]));
    await link.finish();
    await expectArrived(link);
  });

  test('[A3] what a lane that closes carried of unacknowledged blocks is sent again, and nothing else', async () => {
    const link = endsWith(8);
    const [one, two] = [link.addWire(), link.addWire()];
    link.start(transferOf([2 * BLOCK]));
    await settled();
    // Both lanes work on the same block, one frame each in turn: block + offset in KiB.
    const framesOn = (wire: typeof one) =>
      wire.near.waiting.map((message) => {
        const view = new DataView(message.buffer, message.byteOffset);
        return `${view.getUint32(4)}+${view.getUint32(8) / 1024}`;
      });
    const [first, second] = [framesOn(one), framesOn(two)];
    expect([...first, ...second].toSorted((a, b) => a.localeCompare(b))).toEqual([
      '0+0',
      '0+32',
      '0+64',
      '1+0',
      '1+32',
      '1+64',
    ]);
    expect(second.length).toBeGreaterThan(0);
    two.die();
    await vi.waitFor(() =>
      expect(new Set(framesOn(one).slice(first.length))).toEqual(new Set(second)),
    );
    await link.finish();
    await expectArrived(link);
  });

  test('[A3] an idle lane takes over the tail of a slow one', async () => {
    const link = endsWith(8);
    const slow = link.addWire({ highWaterBytes: 1 });
    link.start(transferOf([BLOCK]));
    await settled();
    expect(slow.near.waiting).toHaveLength(1);
    const idle = link.addWire();
    await settled();
    expect(idle.near.waiting).toHaveLength(2);
    await link.finish();
    await expectArrived(link);
  });

  test('[W1] [W2] [W3] [A1] [A2] [A3] whatever the network does, everything arrives and no window is passed', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async ({ windowBlocks, sizes, steps }) => {
        const link = new FlowEnds(windowBlocks * BLOCK);
        link.addWire();
        link.addWire({ maxMessageBytes: 262_144 });
        sizes.forEach((blocks, tag) => {
          link.start(transferOf([blocks * BLOCK - 5, 2], { tag }));
        });
        await settled();
        for (const { step, isHurried } of steps) {
          act(link, step);
          if (!isHurried) await settled();
        }
        if (link.wires.every(({ isDead }) => isDead)) link.addWire();
        await link.finish();
        await expectArrived(link);
        expect(link.mostUnderWayBytes).toBeLessThanOrEqual(windowBlocks * BLOCK);
        await link.close();
      }),
      { seed: 16, numRuns: 100 },
    );
  }, 30_000);
});

type Step =
  | {
      readonly type: 'data' | 'ack';
      readonly wire: number;
      readonly index: number;
      readonly twice: boolean;
    }
  | { readonly type: 'die' | 'burst'; readonly wire: number }
  | { readonly type: 'open'; readonly isSlow: boolean };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constantFrom('data' as const, 'ack' as const),
      wire: fc.nat(7),
      index: fc.nat(20),
      twice: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('burst' as const), wire: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('die' as const), wire: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('open' as const), isSlow: fc.boolean() }) },
);

const anyStory = fc.record({
  windowBlocks: fc.integer({ min: 1, max: 5 }),
  sizes: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 }),
  steps: fc.array(fc.record({ step: anyStep, isHurried: fc.boolean() }), { maxLength: 60 }),
});

function act(link: FlowEnds, step: Step): void {
  const alive = link.wires.filter(({ isDead }) => !isDead);
  if (step.type === 'open') {
    link.addWire(step.isSlow ? { highWaterBytes: 1 } : { maxMessageBytes: 262_144 });
  } else {
    const wire = alive[step.wire % Math.max(1, alive.length)];
    if (wire === undefined) return;
    switch (step.type) {
      case 'die':
        wire.die();
        break;
      case 'burst':
        while (link.deliver(wire, wire.near));
        break;
      default:
        link.deliver(wire, step.type === 'data' ? wire.near : wire.far, step.index, step.twice);
    }
  }
}

describe('two transfers on one link', () => {
  test('[W2] the places of one that its sender ended may be taken before the receiver hears of it', async () => {
    const link = endsWith(3);
    const wire = link.addWire();
    link.start(transferOf([3 * BLOCK], { tag: 0 }));
    await settled();
    // The first frame of each block is over there; the others are lost on the way with the cancel.
    const first = wire.near.waiting.filter((message) => message[9] === 0 && message[10] === 0);
    expect(first).toHaveLength(3);
    for (const message of first) wire.far.listener?.message(message.slice());
    wire.near.waiting.length = 0;
    link.near.stopSend(transferTag(0));
    link.transfers.delete(0);
    link.underWay.clear();
    link.start(transferOf([3 * BLOCK], { tag: 1 }));
    await settled();
    await link.finish();
    await expectArrived(link);
  });

  test('[W1] share the lanes, block by block', async () => {
    const link = endsWith(2);
    const wire = link.addWire();
    link.start(transferOf([4 * BLOCK], { tag: 0 }));
    link.start(transferOf([4 * BLOCK], { tag: 1 }));
    await settled();
    const tagsOf = () => new Set(wire.near.waiting.map((message) => message[3]));
    while (link.deliver(wire, wire.near));
    await settled();
    await receiptsSent();
    while (link.deliver(wire, wire.far));
    await settled();
    expect(tagsOf()).toEqual(new Set([0, 1]));
    await link.finish();
    await expectArrived(link);
  });
});

describe('damage on the way', () => {
  test('[D2] [A3] a spoiled frame costs its block once more', async () => {
    const link = endsWith(4);
    const wire = link.addWire();
    link.start(transferOf([3 * BLOCK]));
    await settled();
    wire.near.waiting[4]![50]! ^= 1;
    await link.finish();
    await expectArrived(link);
  });

  test('[D3] a block that is always spoiled ends its transfer, and no other', async () => {
    const link = endsWith(4);
    const wire = link.addWire();
    link.start(transferOf([BLOCK]));
    await settled();
    for (let i = 0; i < 3; i += 1) {
      wire.near.waiting[0]![50]! ^= 1;
      await link.finishOnce();
    }
    expect(link.failed).toEqual([{ code: 'hash-mismatch', block: 0 }]);
    expect(link.broken).toEqual([]);
    link.failed.length = 0;
    link.transfers.clear();
    link.underWay.clear();
    link.near.stopSend(transferTag(0));
    link.start(transferOf([BLOCK], { tag: 1 }));
    await settled();
    await link.finish();
    await expectArrived(link);
  });
});
