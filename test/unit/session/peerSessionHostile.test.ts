import { describe, expect, test } from 'vitest';
import { WIRE_CODE } from '../../../src/protocol/faults.ts';
import { transferTag } from '../../../src/protocol/ids.ts';
import { BLOCK_BYTES } from '../../../src/protocol/limits.ts';
import type { ControlMessage } from '../../../src/protocol/messages.ts';
import { settled } from '../../doubles/flowEnds.ts';
import { fileOf, idOf } from '../../doubles/manifests.ts';
import { type End, PeerPair } from '../../doubles/peerPair.ts';

const letterOf = (i: number) => String.fromCharCode(65 + (i % 26) + (i >= 26 ? 6 : 0));

async function proposeAndCancel(end: End, letter: string): Promise<void> {
  const transfer = idOf(letter);
  end.inject({
    type: 'propose',
    transfer,
    tag: transferTag(0),
    fileCount: 1,
    totalBytes: 3,
    blockBytes: BLOCK_BYTES,
    parts: 1,
  });
  end.inject({ type: 'manifest', transfer, part: 0, files: [fileOf(3, 'a')] });
  end.inject({ type: 'cancel', transfer, reason: WIRE_CODE.cancelled });
  await settled();
}

describe('a session with a peer that means ill', () => {
  test.each<ControlMessage>([
    { type: 'visibility', isHidden: true },
    { type: 'decline', transfer: idOf('A') },
    {
      type: 'propose',
      transfer: idOf('A'),
      tag: transferTag(0),
      fileCount: 1,
      totalBytes: 3,
      blockBytes: BLOCK_BYTES,
      parts: 1,
    },
  ])('[C3] ends with a $type before the hello, on every link', async (message) => {
    const pair = new PeerPair();
    pair.connect();
    await settled();
    pair.drop();
    // On its way before the new link's hello is.
    pair.near.inject(message);
    pair.connect();
    await settled();
    expect(pair.far.lost.at(-1)).toEqual({ code: 'rule-broken', rule: 'C3' });
  });

  test('keeps only the last of what came to nothing', async () => {
    const pair = new PeerPair();
    pair.connect();
    await settled();
    for (let i = 0; i < 30; i += 1) await proposeAndCancel(pair.near, letterOf(i));
    expect(pair.far.lost).toEqual([]);
    const { transfers } = pair.far.session;
    expect(transfers).toHaveLength(16);
    expect(transfers.at(-1)?.manifest.id).toBe(idOf(letterOf(29)));
  });
});
