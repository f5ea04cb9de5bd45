/** A lock is held until the page goes, and the browser releases it then. */
const forever = () => new Promise<never>(() => {});

/**
 * Claims something for this tab for as long as the page lives (Web Locks), so that two tabs never write the same
 * transfer. A held lock also keeps Chromium from freezing the page.
 * @returns false when another tab has it
 */
export function claimForTab(name: string): Promise<boolean> {
  // Missing in Lockdown Mode and old browsers: there nobody can tell, and one tab is the rule.
  if (!('locks' in navigator)) return Promise.resolve(true);
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`sluice-${name}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : forever();
      })
      .catch(reject);
  });
}

/** Claims it as {@link claimForTab} does, as soon as no other tab has it. */
export function claimWhenFree(name: string): Promise<void> {
  // Nobody can tell when that would be.
  if (!('locks' in navigator)) return forever();
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`sluice-${name}`, () => {
        resolve();
        return forever();
      })
      .catch(reject);
  });
}
