/**
 * Where received bytes are kept. Picks the kind of store that works in this browser and window, and finds
 * stored streams again by transfer. Knows nothing of blocks, files or peers.
 */
import type { BlockStore, BlockStores, StoreKind, TransferStores } from '../ports/blockStore.ts';
import { unreachable } from '../protocol/faults.ts';
import type { TransferId } from '../protocol/ids.ts';
import {
  canUseIndexedDb,
  discardIndexedDb,
  indexedDbContent,
  listIndexedDb,
  openIndexedDbStore,
} from './indexedDbStore.ts';
import type { MemoryShelf } from './memoryStore.ts';
import { canUseOpfs, discardOpfs, listOpfs, openOpfsStore, opfsContent } from './opfsStore.ts';
import { storageError, storageFailed } from './storageError.ts';

/** Best first. */
const KINDS: readonly StoreKind[] = ['opfs', 'indexeddb', 'memory'];

interface BlockStoresOptions {
  /** Which kinds to try, in order. For tests, and for a person who wants nothing on the disk. */
  readonly kinds?: readonly StoreKind[];
  /** Opens part-files elsewhere than in this worker, which would wait for the disk. */
  readonly openOpfs?: (id: TransferId, sizeBytes: number) => Promise<BlockStore>;
  /** Where streams may be kept in memory: in a worker, which is where they are received. */
  readonly loadMemory?: () => Promise<MemoryShelf>;
}

/** Opens stores for the data plane. In the worker: OPFS gives sync handles only there. */
export const createTransferStores = (options: BlockStoresOptions = {}): TransferStores =>
  transferStores(options, new Memory(options.loadMemory));

function transferStores(
  { kinds = KINDS, openOpfs = openOpfsStore }: BlockStoresOptions,
  memory: Memory,
): TransferStores {
  let working: Promise<StoreKind> | undefined;

  const workingKind = () => {
    working ??= firstWorking(kinds);
    return working;
  };

  const openKind = (id: TransferId, sizeBytes: number, kind: StoreKind): Promise<BlockStore> => {
    switch (kind) {
      case 'opfs':
        return openOpfs(id, sizeBytes);
      case 'indexeddb':
        return openIndexedDbStore(id, sizeBytes);
      case 'memory':
        return memory.open(id, sizeBytes);
      default:
        return unreachable(kind);
    }
  };

  return {
    workingKind,

    async open(id, sizeBytes, kind) {
      return await openKind(id, sizeBytes, kind ?? (await workingKind()));
    },

    async discard(id) {
      memory.shelf?.discard(id);
      await Promise.all([discardOpfs(id), discardIndexedDb(id)]);
    },
  };
}

/**
 * All block stores of this page. `memory` streams are seen only by the instance that holds them; the other kinds by
 * every tab.
 */
export function createBlockStores(options: BlockStoresOptions = {}): BlockStores {
  const memory = new Memory(options.loadMemory);
  return {
    ...transferStores(options, memory),

    async content(id, kind, sizeBytes) {
      // Nothing is ever written for a stream of no bytes, so there is nothing to find.
      if (sizeBytes === 0) return new Blob();
      switch (kind) {
        case 'opfs':
          return await opfsContent(id, sizeBytes);
        case 'indexeddb':
          return await indexedDbContent(id, sizeBytes);
        case 'memory':
          return memory.shelf?.content(id, sizeBytes);
        default:
          return unreachable(kind);
      }
    },

    async list() {
      const stored = await Promise.all([listOpfs(), listIndexedDb()]);
      return [...new Set([...stored.flat(), ...(memory.shelf?.list() ?? [])])];
    },
  };
}

/** Streams in memory. Hardly a window needs them, so their code is loaded with the first. */
class Memory {
  readonly #load: BlockStoresOptions['loadMemory'];
  /** Undefined while nothing was ever kept here. */
  shelf: MemoryShelf | undefined;

  constructor(load: BlockStoresOptions['loadMemory']) {
    this.#load = load;
  }

  async open(id: TransferId, sizeBytes: number): Promise<BlockStore> {
    try {
      const loaded = await this.#load?.();
      // Another may have been opened meanwhile: all share its shelf, and its limit.
      this.shelf ??= loaded;
    } catch (error) {
      throw storageError(error, sizeBytes);
    }
    if (this.shelf === undefined) throw storageFailed('no memory for streams here');
    return await this.shelf.open(id, sizeBytes);
  }
}

async function firstWorking(kinds: readonly StoreKind[]): Promise<StoreKind> {
  for (const kind of kinds) {
    if (await works(kind)) return kind;
  }
  return 'memory';
}

function works(kind: StoreKind): Promise<boolean> {
  switch (kind) {
    case 'opfs':
      return canUseOpfs();
    case 'indexeddb':
      return canUseIndexedDb();
    case 'memory':
      return Promise.resolve(true);
    default:
      return unreachable(kind);
  }
}
