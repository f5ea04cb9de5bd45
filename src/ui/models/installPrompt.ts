import { type ReadonlySignal, signal } from '@preact/signals';

/** Chromium's offer to install the app, as far as it is used; the DOM library does not know it. */
export interface InstallPrompt extends Event {
  /** Asks the person. Works once, inside a user gesture. */
  prompt(): Promise<unknown>;
}

/**
 * The browser's offer to install, kept for the moment when the person has seen what the app is good for. Listens from
 * the first moment on: the event comes early, and only once.
 */
export function keepInstallPrompt(): ReadonlySignal<InstallPrompt | undefined> {
  const kept = signal<InstallPrompt | undefined>(undefined);
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    // Boundary: this event has no type in the DOM library.
    kept.value = event as InstallPrompt;
  });
  addEventListener('appinstalled', () => {
    kept.value = undefined;
  });
  return kept;
}
