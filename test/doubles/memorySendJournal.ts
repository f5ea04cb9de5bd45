import type {
  LeftSend,
  SendJournal,
  SendRecord,
  SendSources,
} from '../../src/ports/sendJournal.ts';
import type { TransferId } from '../../src/protocol/ids.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';

/** Records of outgoing transfers that last as long as the test. */
export class MemorySendJournal implements SendJournal {
  readonly #records = new Map<TransferId, SendRecord>();
  readonly #kept = new Map<TransferId, SendSources>();

  async list(): Promise<readonly LeftSend[]> {
    return [...this.#records.values()].map((record) => ({
      sources: [],
      bundle: undefined,
      ...this.#kept.get(record.manifest.id),
      ...record,
    }));
  }

  async listKept(): Promise<readonly TransferId[]> {
    return [...this.#kept.keys()];
  }

  async put(record: SendRecord): Promise<void> {
    this.#records.set(record.manifest.id, record);
  }

  async keep({ id }: Manifest, sources: SendSources): Promise<void> {
    this.#kept.set(id, sources);
  }

  async forget(id: TransferId): Promise<void> {
    this.#records.delete(id);
    this.#kept.delete(id);
  }
}
