/** A broken promise of ours: surfaces as the worker's `error` event. */
export function reportBug(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
