/// <reference lib="webworker" />

/**
 * Makes the disk of this worker take its time to flush, as a phone's does, and as long keeps the worker. Its text goes
 * into built scripts too, so it needs nothing from outside.
 */
export function slowFlush(): void {
  const FLUSH_MS = 300;
  const { prototype } = FileSystemSyncAccessHandle;
  const { flush } = prototype;
  prototype.flush = function slowly() {
    const until = performance.now() + FLUSH_MS;
    while (performance.now() < until);
    flush.call(this);
  };
}
