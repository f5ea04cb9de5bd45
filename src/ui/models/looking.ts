import type { FoundItem } from '../../session/view.ts';
import type { Ui } from './ui.ts';

/** How long files may be looked at before the page says so, ms: a few are there at once, ten thousand take seconds. */
const LOOKING_AFTER_MS = 300;

/** What was picked, dropped or pasted. Says so when that takes a while. */
export async function itemsOnceLookedAt(
  ui: Ui,
  found: readonly FoundItem[] | Promise<readonly FoundItem[]>,
): Promise<readonly FoundItem[]> {
  const timer = setTimeout(() => {
    ui.isLooking.value = true;
  }, LOOKING_AFTER_MS);
  try {
    return await found;
  } finally {
    clearTimeout(timer);
    ui.isLooking.value = false;
  }
}
