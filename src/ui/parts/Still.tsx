import type { ComponentChildren } from 'preact';

interface StillProps {
  readonly title: ComponentChildren;
  readonly hint: ComponentChildren;
}

/** Nothing is happening yet, and that is fine: a closed gate before calm water. */
export function Still({ title, hint }: StillProps) {
  return (
    <div class="still">
      <svg viewBox="0 0 160 96" aria-hidden="true" focusable="false">
        <path class="still-water" d="M8 58c12-5 24-5 36 0v30H18a10 10 0 0 1-10-10Z" />
        <path class="still-dry" d="M116 84h36M124 90h20" />
        <path class="still-frame" d="M48 92V14a6 6 0 0 1 6-6h52a6 6 0 0 1 6 6v78" />
        <path class="still-gate" d="M58 34h44v54H58ZM58 52h44M58 70h44M80 8v26" />
      </svg>
      <p class="still-title">{title}</p>
      <p class="muted">{hint}</p>
    </div>
  );
}
