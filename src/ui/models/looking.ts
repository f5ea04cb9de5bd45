import { TransferError } from '../../protocol/faults.ts';
import type { PickedItem } from '../../session/view.ts';
import type { Ui } from './ui.ts';

/** How long files may be looked at before the page says so, ms: a few are there at once, ten thousand take seconds. */
const LOOKING_AFTER_MS = 300;

/** What was picked, dropped or pasted. Says so when that takes a while, and what of it cannot be read: there is nothing to send then. */
export async function itemsOnceLookedAt(
  ui: Ui,
  found: readonly PickedItem[] | Promise<readonly PickedItem[]>,
): Promise<readonly PickedItem[]> {
  const timer = setTimeout(() => {
    ui.isLooking.value = true;
  }, LOOKING_AFTER_MS);
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    ui.actions.notify(error.fault);
    return [];
  } finally {
    clearTimeout(timer);
    ui.isLooking.value = false;
  }
}
