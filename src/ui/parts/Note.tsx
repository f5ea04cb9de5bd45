import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './Icon.tsx';

interface NoteProps {
  readonly icon: IconName;
  readonly tone?: 'calm' | 'warn';
  readonly children: ComponentChildren;
}

/** A sentence the person should read before going on. */
export function Note({ icon, tone = 'calm', children }: NoteProps) {
  return (
    <div class={tone === 'warn' ? 'note note-warn' : 'note'}>
      <Icon name={icon} />
      <div class="note-words">
        <p>{children}</p>
      </div>
    </div>
  );
}
