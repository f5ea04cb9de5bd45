import type { Journal, JournalEntry } from '../../src/ports/journal.ts';
import type { TransferId } from '../../src/protocol/ids.ts';

/** A journal that lasts as long as the test. Entries are copies, as a database would make them. */
export class MemoryJournal implements Journal {
  readonly entries = new Map<TransferId, JournalEntry>();

  async load(id: TransferId): Promise<JournalEntry | undefined> {
    const found = this.entries.get(id);
    return found && structuredClone(found);
  }

  async list(): Promise<readonly JournalEntry[]> {
    return [...this.entries.values()];
  }

  async put(entry: JournalEntry): Promise<void> {
    this.entries.set(entry.manifest.id, structuredClone(entry));
  }

  async update(id: TransferId, change: (old: JournalEntry) => JournalEntry): Promise<void> {
    const old = this.entries.get(id);
    if (old !== undefined) this.entries.set(id, structuredClone(change(old)));
  }

  async forget(id: TransferId): Promise<void> {
    this.entries.delete(id);
  }
}
