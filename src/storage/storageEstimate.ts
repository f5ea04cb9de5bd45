/** Free bytes for this site as the browser estimates them; `undefined` when it does not say. */
export async function estimateFreeBytes(): Promise<number | undefined> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined ? undefined : Math.max(quota - (usage ?? 0), 0);
  } catch {
    // Not every browser and window answers; not knowing is an answer callers expect.
    return undefined;
  }
}

/**
 * Asks the browser to keep our data when space runs short. Firefox asks the person, so call it after a tap that
 * explains it.
 * @returns whether the data is kept
 */
export async function persistStorage(): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    // Not offered here: the data may be evicted, as without asking.
    return false;
  }
}
