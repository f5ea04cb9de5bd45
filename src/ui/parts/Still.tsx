import type { ComponentChildren } from 'preact';

interface StillProps {
  readonly title: ComponentChildren;
  readonly hint: ComponentChildren;
}

/** Nothing is happening yet, and that is fine: a closed gate before calm water. */
export function Still({ title, hint }: StillProps) {
  return (
    <div class="still">
      <svg viewBox="0 0 216 100" aria-hidden="true" focusable="false">
        <path
          class="still-water"
          d="M6 52c8-4 16-4 24 0s16 4 24 0 16-4 24 0h14v40H18a12 12 0 0 1-12-12Z"
        />
        <path
          class="still-shallow"
          d="M124 84c8-3 16-3 24 0s16 3 24 0 16-3 24 0h14a12 12 0 0 1-10 8h-76Z"
        />
        <path class="still-gate" d="M94 40h28v52H94Z" />
        <path
          class="still-frame"
          d="M86 92V14a6 6 0 0 1 6-6h32a6 6 0 0 1 6 6v78M108 8v32M100 57h16M100 74h16"
        />
      </svg>
      <p class="still-title">{title}</p>
      <p class="muted">{hint}</p>
    </div>
  );
}
