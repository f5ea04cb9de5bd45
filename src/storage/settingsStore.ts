const KEY = 'sluice-settings';

/** What {@link saveSettings} kept, as unknown as it is; `undefined` when there is nothing, or storage is blocked. */
export function loadSettings(): unknown {
  try {
    const text = localStorage.getItem(KEY);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    // Blocked storage and spoilt text both mean that the defaults hold.
    return undefined;
  }
}

/** Keeps settings for the next visit, as far as this window may. */
export function saveSettings(settings: object): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Private windows may refuse; the settings then hold for this visit.
  }
}

/** Forgets the settings; the defaults hold from the next start on. */
export function eraseSettings(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Blocked storage kept nothing.
  }
}
