import type { BlockStore, BlockStores, StoreKind } from '../../src/ports/blockStore.ts';
import { type Fault, TransferError } from '../../src/protocol/faults.ts';
import type { TransferId } from '../../src/protocol/ids.ts';

interface Numbered {
  /** Pairs a reply with its call. */
  readonly call: number;
}

interface OfTransfer {
  readonly id: TransferId;
}

type Command =
  | ({ type: 'open'; sizeBytes: number; kind: StoreKind | undefined } & OfTransfer)
  | ({ type: 'content'; kind: StoreKind; sizeBytes: number } & OfTransfer)
  | ({ type: 'discard' } & OfTransfer)
  | { type: 'list' }
  | { type: 'workingKind' }
  | { type: 'ticksWhileFlushing' | 'measure'; sizeBytes: number }
  | OnStore;

type OnStore = { type: 'on'; store: number } & (
  | { method: 'write'; at: number; bytes: Uint8Array<ArrayBuffer> }
  | { method: 'read'; at: number; end: number }
  | { method: 'flush' | 'finish' | 'close' | 'discard' }
);

/**
 * How part-files get to a disk worker: with the second flush; so too, but its script does not load; because the disk is slow to flush; never.
 */
export type DiskKind = 'moved' | 'missing' | 'slow' | 'none';

export type StoreCall = Command & Numbered;
export type StoreReply = Numbered & {
  value?: unknown;
  fault?: Fault | undefined;
  bug?: string | undefined;
};

/**
 * Real block stores in a real dedicated worker, called over messages: only there does OPFS have sync handles.
 * Replies are cast to what the port promises; that is the boundary of this double.
 */
export class WorkerStores implements BlockStores {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void }
  >();
  #calls = 0;

  constructor(kinds: readonly StoreKind[], memoryLimitBytes = 2 ** 29, disk: DiskKind = 'none') {
    const name = JSON.stringify([kinds, memoryLimitBytes, disk]);
    this.#worker = new Worker(new URL('./storeWorker.ts', import.meta.url), {
      type: 'module',
      name,
    });
    this.#worker.onmessage = ({ data }: MessageEvent<StoreReply>) => {
      const waiting = this.#waiting.get(data.call);
      this.#waiting.delete(data.call);
      if (data.fault !== undefined) waiting?.reject(new TransferError(data.fault));
      else if (data.bug !== undefined) waiting?.reject(new Error(data.bug));
      else waiting?.resolve(data.value);
    };
  }

  async open(id: TransferId, sizeBytes: number, kind?: StoreKind): Promise<BlockStore> {
    const opened = await this.call<{ index: number; kind: StoreKind }>({
      type: 'open',
      id,
      sizeBytes,
      kind,
    });
    const on = { type: 'on', store: opened.index } as const;
    return {
      kind: opened.kind,
      // Copied by postMessage at once, so that one stream can be written piece by piece.
      write: (at, bytes) => this.call({ ...on, method: 'write', at, bytes }),
      read: (at, end) => this.call({ ...on, method: 'read', at, end }),
      flush: () => this.call({ ...on, method: 'flush' }),
      finish: () => this.call({ ...on, method: 'finish' }),
      close: () => this.call({ ...on, method: 'close' }),
      discard: () => this.call({ ...on, method: 'discard' }),
    };
  }

  content(id: TransferId, kind: StoreKind, sizeBytes: number): Promise<Blob | undefined> {
    return this.call({ type: 'content', id, kind, sizeBytes });
  }

  discard(id: TransferId): Promise<void> {
    return this.call({ type: 'discard', id });
  }

  list(): Promise<readonly TransferId[]> {
    return this.call({ type: 'list' });
  }

  workingKind(): Promise<StoreKind> {
    return this.call({ type: 'workingKind' });
  }

  ticksWhileFlushing(sizeBytes: number): Promise<number> {
    return this.call({ type: 'ticksWhileFlushing', sizeBytes });
  }

  measure(sizeBytes: number): Promise<{ writeMBs: number; readMBs: number; flushMs: number[] }> {
    return this.call({ type: 'measure', sizeBytes });
  }

  call<T>(command: Command): Promise<T> {
    const call = this.#calls;
    this.#calls += 1;
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.#worker.postMessage({ ...command, call } satisfies StoreCall);
    }) as Promise<T>;
  }

  /** As a crash of the tab: nothing is closed. */
  kill(): void {
    this.#worker.terminate();
  }
}
