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
import { MEMORY_LIMIT_BYTES, MemoryShelf } from './memoryStore.ts';
import { canUseOpfs, discardOpfs, listOpfs, openOpfsStore, opfsContent } from './opfsStore.ts';

/** Best first. */
const KINDS: readonly StoreKind[] = ['opfs', 'indexeddb', 'memory'];

interface BlockStoresOptions {
  /** Which kinds to try, in order. For tests, and for a person who wants nothing on the disk. */
  readonly kinds?: readonly StoreKind[];
  readonly memoryLimitBytes?: number;
}

/** Opens stores for the data plane. In the worker: OPFS gives sync handles only there. */
export function createTransferStores(
  kinds: readonly StoreKind[] = KINDS,
  shelf = new MemoryShelf(MEMORY_LIMIT_BYTES),
): TransferStores {
  let working: Promise<StoreKind> | undefined;

  const workingKind = () => {
    working ??= firstWorking(kinds);
    return working;
  };

  const openKind = (id: TransferId, sizeBytes: number, kind: StoreKind): Promise<BlockStore> => {
    switch (kind) {
      case 'opfs':
        return openOpfsStore(id, sizeBytes);
      case 'indexeddb':
        return openIndexedDbStore(id, sizeBytes);
      case 'memory':
        return shelf.open(id, sizeBytes);
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
      shelf.discard(id);
      await Promise.all([discardOpfs(id), discardIndexedDb(id)]);
    },
  };
}

/**
 * All block stores of this page. `memory` streams are seen only by the instance that holds them; the other kinds by
 * every tab.
 */
export function createBlockStores(options: BlockStoresOptions = {}): BlockStores {
  const shelf = new MemoryShelf(options.memoryLimitBytes ?? MEMORY_LIMIT_BYTES);
  return {
    ...createTransferStores(options.kinds, shelf),

    async content(id, kind, sizeBytes) {
      // Nothing is ever written for a stream of no bytes, so there is nothing to find.
      if (sizeBytes === 0) return new Blob();
      switch (kind) {
        case 'opfs':
          return await opfsContent(id, sizeBytes);
        case 'indexeddb':
          return await indexedDbContent(id, sizeBytes);
        case 'memory':
          return shelf.content(id, sizeBytes);
        default:
          return unreachable(kind);
      }
    },

    async list() {
      const stored = await Promise.all([listOpfs(), listIndexedDb()]);
      return [...new Set([...stored.flat(), ...shelf.list()])];
    },
  };
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
