import type { BlockStore } from '../ports/blockStore.ts';
import { TransferError } from '../protocol/faults.ts';
import type { TransferId } from '../protocol/ids.ts';
import { openOpfsStore } from '../storage/opfsStore.ts';
import type { DiskCall, DiskReply, StoreCall } from './diskMessages.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** There is no disk worker: its script did not load. */
class NoDiskWorker extends Error {}

/** The transfer worker's end of the disk worker: opens part-files whose calls block nobody here. */
export class RemoteDisk {
  readonly #connect: (port: MessagePort) => void;
  #port: MessagePort | undefined;
  #isMissing = false;
  readonly #waiting = new Map<DiskCall['call'], Waiting>();
  #calls = 0;
  #stores = 0;

  /** `connect` gives the port to a fresh `disk.worker.ts`; asked for with the first store. */
  constructor(connect: (port: MessagePort) => void) {
    this.#connect = connect;
  }

  /** Nobody ever listened at the other end. */
  giveUp(): void {
    this.#isMissing = true;
    for (const { reject } of this.#waiting.values()) reject(new NoDiskWorker());
    this.#waiting.clear();
  }

  /**
   * Opens the part-file of a transfer, creating it when new: in the disk worker, or right here where there is none.
   * @throws TransferError as {@link openOpfsStore}
   */
  async open(id: TransferId, sizeBytes: number): Promise<BlockStore> {
    const store = this.#stores;
    this.#stores += 1;
    try {
      await this.#ask(store, { type: 'open', id, sizeBytes });
    } catch (error) {
      if (!(error instanceof NoDiskWorker)) throw error;
      return await openOpfsStore(id, sizeBytes);
    }
    // What the store over there answers is what the port promises.
    const ask = <T>(call: StoreCall, memory: Transferable[] = []) =>
      this.#ask(store, call, memory) as Promise<T>;
    return {
      kind: 'opfs',
      write: (...args) => ask({ type: 'call', name: 'write', args }, [args[1].buffer]),
      flush: (...args) => ask({ type: 'call', name: 'flush', args }),
      read: (...args) => ask({ type: 'call', name: 'read', args }),
      finish: (...args) => ask({ type: 'call', name: 'finish', args }),
      close: (...args) => ask({ type: 'call', name: 'close', args }),
      discard: (...args) => ask({ type: 'call', name: 'discard', args }),
    };
  }

  #ask(
    store: DiskCall['store'],
    command: DiskCall['command'],
    memory: Transferable[] = [],
  ): Promise<unknown> {
    const call = this.#calls;
    this.#calls += 1;
    const message: DiskCall = { call, store, command };
    return new Promise((resolve, reject) => {
      if (this.#isMissing) {
        reject(new NoDiskWorker());
        return;
      }
      this.#waiting.set(call, { resolve, reject });
      this.#port ??= this.#open();
      this.#port.postMessage(message, memory);
    });
  }

  #open(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', ({ data }: MessageEvent<DiskReply>) => this.#hear(data));
    port1.start();
    this.#connect(port2);
    return port1;
  }

  #hear(reply: DiskReply): void {
    const waiting = this.#waiting.get(reply.call);
    this.#waiting.delete(reply.call);
    if ('fault' in reply) waiting?.reject(new TransferError(reply.fault));
    else waiting?.resolve(reply.value);
  }
}
