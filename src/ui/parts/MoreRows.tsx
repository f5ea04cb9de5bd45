import type { Signal } from '@preact/signals';
import { useUi } from '../models/ui.ts';

/** Rows shown at first, and added by one tap. */
export const ROWS_AT_ONCE = 100;

interface MoreRowsProps {
  /** How many rows are shown; a tap raises it. */
  readonly shown: Signal<number>;
  readonly total: number;
}

/** Below a long list: shows the next hundred. Thousands of rows at once would stall a phone. */
export function MoreRows({ shown, total }: MoreRowsProps) {
  const { words, format } = useUi().language.value;
  const left = total - shown.value;
  if (left <= 0) return null;
  return (
    <p class="more-rows">
      <button
        type="button"
        class="button button-quiet"
        onClick={() => {
          shown.value += ROWS_AT_ONCE;
        }}
      >
        {format.plural(Math.min(left, ROWS_AT_ONCE), words.showMore)}
      </button>
      <span class="muted">
        {format.count(shown.value)} / {format.count(total)}
      </span>
    </p>
  );
}
