/** Strokes on a 24 by 24 grid, drawn for this app. */
const STROKES = {
  up: 'M12 19V5M5.5 11.5 12 5l6.5 6.5',
  down: 'M12 5v14M5.5 12.5 12 19l6.5-6.5',
  file: 'M6 3.5h7.5L18 8v12.5H6ZM13.5 3.5V8H18',
  folder: 'M3.5 6.5v12h17V8.5h-8l-2-2Z',
  text: 'M5 6.5h14M5 12h14M5 17.5h8',
  check: 'M5 12.5 10 17.5 19.5 7',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  play: 'M8 5.5v13l10-6.5Z',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M8.5 8.5h11v11h-11ZM15.5 8.5v-4h-11v11h4',
  share: 'M12 15V4M7.5 8 12 3.5 16.5 8M5.5 12.5v7h13v-7',
  gear: 'M4 7.5h9M19 7.5h1M4 16.5h1M11 16.5h9M16 5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5M8 14a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5',
  back: 'M19 12H5M11 6l-6 6 6 6',
  next: 'M9.5 6l6 6-6 6',
  warning: 'M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17v.2',
  info: 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17M12 11v5.5M12 7.6v.2',
  device: 'M4.5 5.5h15v10h-15ZM2.5 19h19',
  save: 'M12 4v10.5M7.5 10.5 12 15l4.5-4.5M5 19.5h14',
  send: 'M4 12 20 4.5 15 20l-4-6.5ZM11 13.5 20 4.5',
  moon: 'M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5Z',
  scan: 'M4 4h6v6H4ZM14 4h6v6h-6ZM4 14h6v6H4ZM14 14h2.5v2.5M20 14v3.5M14 20h2.5M20 20h.1',
  plus: 'M12 5v14M5 12h14',
  minus: 'M6 12h12',
  clock: 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17M12 7.5V12l3 2',
} as const;

export type IconName = keyof typeof STROKES;

/** A picture beside words; it says nothing of its own to a screen reader. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={STROKES[name]} />
    </svg>
  );
}
