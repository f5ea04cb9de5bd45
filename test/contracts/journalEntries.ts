import type { JournalEntry } from '../../src/ports/journal.ts';
import { parseTransferId, type TransferId } from '../../src/protocol/ids.ts';
import { noise } from './noise.ts';

const SOME_ID = parseTransferId('0123456789abcdefABCDE_')!;

/** A sound entry: three things, ten blocks, the first of them held. */
export function journalEntry(id: TransferId = SOME_ID): JournalEntry {
  const blockBytes = 1024 * 1024;
  const totalBytes = 9 * blockBytes + 5;
  return {
    version: 1,
    direction: 'receive',
    manifest: {
      id,
      files: [
        { kind: 'file', path: ['trip', 'film.mkv'], sizeBytes: totalBytes - 5, modifiedAt: 1e12 },
        { kind: 'folder', path: ['trip', 'empty'], sizeBytes: 0, modifiedAt: 0 },
        { kind: 'text', path: ['note'], sizeBytes: 5, modifiedAt: 0 },
      ],
      blockBytes,
      totalBytes,
    },
    wanted: Uint8Array.of(0b111),
    held: Uint8Array.of(1, 0),
    digests: noise(32 * 10),
    store: 'opfs',
    phase: 'receiving',
    isClean: false,
    peerName: 'Ada’s phone',
    role: 'joiner',
    resumeKey: noise(32),
    startedAt: 1e12,
    touchedAt: 1e12,
  };
}
