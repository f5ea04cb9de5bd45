import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { announcements } from '../models/announcements.ts';
import { useUi } from '../models/ui.ts';

/** Says changes of phase to a screen reader. Unseen. */
export function LiveRegion() {
  const ui = useUi();
  const said = useSignal('');
  const before = useRef(ui.view.peek());

  useSignalEffect(() => {
    const after = ui.view.value;
    const news = announcements(before.current, after, ui.language.peek());
    before.current = after;
    if (news.length > 0) said.value = news.join(' ');
  });

  return (
    <p class="unseen" role="status" aria-live="polite" data-testid="said">
      {said.value}
    </p>
  );
}
