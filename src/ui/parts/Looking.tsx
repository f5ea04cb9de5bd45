import { useUi } from '../models/ui.ts';

/** Says that what was picked is being looked at, while that takes. */
export function Looking() {
  const ui = useUi();
  const { words } = ui.language.value;
  return (
    <div role="status">{ui.isLooking.value && <p class="looking card">{words.looking}</p>}</div>
  );
}
