const POLL_MS = 100;

/**
 * Resolves to the first value of `probe` that is not undefined.
 * Rejects after `timeoutMs`, saying `what` was waited for and what `describe` sees instead.
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
  describe: () => Promise<string> | string = () => '',
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > deadline) break;
    await sleep(POLL_MS);
  }
  throw new Error(`waited ${timeoutMs / 1000} s for ${what}; ${await describe()}`);
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
