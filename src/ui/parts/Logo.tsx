/** The mark: a sluice gate, raised, and the water that runs out under it. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="logo-ground" width="32" height="32" rx="9" />
      <path class="logo-gate" d="M9 7h14v6.5H9Z" />
      <path
        class="logo-water"
        d="M5 19.5c2.2-1.8 4.2-1.8 6.4 0s4.2 1.8 6.4 0 4.2-1.8 6.4 0 2 1.5 2.8 1.5M5 25c2.2-1.8 4.2-1.8 6.4 0s4.2 1.8 6.4 0 4.2-1.8 6.4 0 2 1.5 2.8 1.5"
      />
    </svg>
  );
}
