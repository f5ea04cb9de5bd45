import type { BlockStore } from '../ports/blockStore.ts';
import type { TransferId } from '../protocol/ids.ts';
import { discardOpfs, openOpfsStore } from '../storage/opfsStore.ts';
import type { RemoteDisk } from './remoteDisk.ts';

/**
 * A flush that held up the lanes for so long is a disk to keep away from them, ms. Below it moving is no gain: every block has to cross to
 * the other worker, which in Firefox is a way through its parent process (a tenth of the rate where the CPU is the limit).
 */
const SLOW_FLUSH_MS = 100;

/** So many in a row: on a busy machine one of a fast disk may take as long. */
const SLOW_FLUSHES = 2;

/**
 * Opens the part-file of a transfer in this worker, creating it when new. Once its disk turns out to be slow it moves to the disk
 * worker: OPFS blocks the thread that flushes, a quarter of a second and more on a phone, and lanes must not wait for that.
 *
 * @param disk opens it at the other end
 * @throws TransferError as {@link openOpfsStore}
 */
export async function openMovingStore(
  id: TransferId,
  sizeBytes: number,
  disk: Pick<RemoteDisk, 'open'>,
  slowFlushMs = SLOW_FLUSH_MS,
): Promise<BlockStore> {
  const here = await openOpfsStore(id, sizeBytes);
  /** At the other end, or on its way there. */
  let moved: Promise<BlockStore> | undefined;
  let slowFlushes = 0;

  // What comes while it moves waits for it. At this end a call is over when it returns, so that none finds the file closed.
  const on = <T>(act: (store: BlockStore) => Promise<T>): Promise<T> =>
    moved === undefined ? act(here) : moved.then(act);

  const move = async () => {
    await here.close();
    return await disk.open(id, sizeBytes);
  };

  return {
    kind: 'opfs',
    write: (at, bytes) => on((store) => store.write(at, bytes)),
    read: (start, end) => on((store) => store.read(start, end)),
    finish: () => on((store) => store.finish()),

    async flush() {
      const startedAt = performance.now();
      await on((store) => store.flush());
      slowFlushes = performance.now() - startedAt < slowFlushMs ? 0 : slowFlushes + 1;
      if (moved !== undefined || slowFlushes < SLOW_FLUSHES) return;
      moved = move();
      await moved;
    },

    close: () =>
      on((store) => store.close()).catch(() => {
        // It did not open at the other end, and is closed at this one.
      }),

    discard: () => on((store) => store.discard()).catch(() => discardOpfs(id)),
  };
}
