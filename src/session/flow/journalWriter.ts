import type { BlockStore } from '../../ports/blockStore.ts';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import type { BlockRecord } from './blockRecord.ts';

/** Bytes written, and time passed, after which the journal catches up with the disk. Design section 8. */
const FLUSH_BYTES = 32 * 1024 * 1024;
const FLUSH_AFTER_MS = 1_000;

export interface JournalWriterParts {
  readonly store: BlockStore;
  readonly journal: Journal;
  readonly record: BlockRecord;
  /** The entry without what changes while receiving. */
  readonly entry: Omit<JournalEntry, 'held' | 'digests' | 'phase' | 'isClean' | 'touchedAt'>;
  /** Epoch ms. */
  now(): number;
  /** A flush or a journal write failed. */
  failed(error: unknown): void;
}

/**
 * Keeps the journal of one incoming transfer behind its store, never ahead: the bitmap is copied
 * first, then the data is flushed, then the copy is written. What a crash finds in the journal is
 * on the disk (SPEC J1).
 */
export class JournalWriter {
  readonly #parts: JournalWriterParts;
  #dirtyBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Tail of the queue of saves. Never rejects, so that one failure doesn't poison the next. */
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: JournalWriterParts) {
    this.#parts = parts;
  }

  /** A block of `bytes` was written to the store. */
  wrote(bytes: number): void {
    this.#dirtyBytes += bytes;
    if (this.#dirtyBytes >= FLUSH_BYTES) this.#saveSoon();
    else this.#timer ??= setTimeout(() => this.#saveSoon(), FLUSH_AFTER_MS);
  }

  /**
   * Resolves when everything written so far is flushed and in the journal. `isClean`: nothing will be
   * written after it, so the next opening need not look whether a crash left damage.
   */
  save(phase: JournalEntry['phase'], isClean: boolean): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dirtyBytes = 0;
    const turn = this.#tail.then(() => this.#save(phase, isClean));
    this.#tail = turn.catch(() => {
      // Whoever asked for this save hears of the failure; the next save starts afresh.
    });
    return turn;
  }

  /** No save starts after this; resolves when the running one is over. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#tail;
  }

  #saveSoon(): void {
    this.save('receiving', false).catch((error: unknown) => this.#parts.failed(error));
  }

  async #save(phase: JournalEntry['phase'], isClean: boolean): Promise<void> {
    const { store, journal, record, entry, now } = this.#parts;
    const snapshot = record.snapshot();
    await store.flush();
    await journal.put({ ...entry, ...snapshot, phase, isClean, touchedAt: now() });
  }
}
