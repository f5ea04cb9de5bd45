/** The mark: a sluice gate, half raised, and the water that runs out under it. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="logo-posts" d="M6 29V4M26 29V4M6 5.5H26" />
      <path class="logo-gate" d="M11 8.5H21V16.5H11Z" />
      <path
        class="logo-water"
        d="M1 22c2.5-1.7 5-1.7 7.5 0s5 1.7 7.5 0 5-1.7 7.5 0 5 1.7 7.5 0V29H1Z"
      />
    </svg>
  );
}
