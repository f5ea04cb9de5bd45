/**
 * Writes a transfer's blocks to the real store, with or without the real journal beside them, at the pace of a fast
 * transfer, and says how long the worker was kept busy: what the lanes would have waited.
 */

import { blockIndex, parseTransferId } from '../../../src/protocol/ids.ts';
import { IndexSet } from '../../../src/protocol/indexSet.ts';
import { BLOCK_BYTES, DIGEST_BYTES } from '../../../src/protocol/limits.ts';
import { BlockRecord } from '../../../src/session/flow/blockRecord.ts';
import { JournalWriter } from '../../../src/session/flow/journalWriter.ts';
import { createBlockStores } from '../../../src/storage/blockStores.ts';
import { IdbJournal } from '../../../src/storage/idbJournal.ts';

export interface JournalJob {
  readonly name: string;
  readonly blockCount: number;
  readonly withJournal: boolean;
}

addEventListener('message', ({ data }: MessageEvent<JournalJob>) => {
  run(data).then(
    (ms) => postMessage({ ms }),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});

async function run({ name, blockCount, withJournal }: JournalJob): Promise<number> {
  const id = parseTransferId(name.padEnd(22, 'x'))!;
  const totalBytes = blockCount * BLOCK_BYTES;
  const stores = createBlockStores();
  const store = await stores.open(id, totalBytes);
  const record = new BlockRecord(
    new IndexSet(blockCount),
    new Uint8Array(blockCount * DIGEST_BYTES),
  );
  const writer = new JournalWriter({
    store,
    journal: new IdbJournal('bench-journal'),
    record,
    entry: {
      version: 1,
      direction: 'receive',
      manifest: {
        id,
        files: [{ kind: 'file', path: ['big.bin'], sizeBytes: totalBytes, modifiedAt: 0 }],
        blockBytes: BLOCK_BYTES,
        totalBytes,
      },
      wanted: Uint8Array.of(1),
      store: store.kind,
      peerName: 'bench',
      role: 'host',
      resumeKey: new Uint8Array(32),
      startedAt: 0,
    },
    now: () => Date.now(),
    failed: (error) => {
      throw error;
    },
  });
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const block = new Uint8Array(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += bytes.byteLength) block.set(bytes, at);

  const startedAt = performance.now();
  for (let i = 0; i < blockCount; i += 1) {
    await store.write(i * BLOCK_BYTES, block);
    record.add(blockIndex(i), new Uint8Array(await crypto.subtle.digest('SHA-256', block)));
    if (withJournal) writer.wrote(BLOCK_BYTES);
  }
  if (withJournal) await writer.save('done', true);
  else await store.flush();
  const ms = performance.now() - startedAt;
  await writer.stop();
  await store.discard();
  return ms;
}
