import { type ReadonlySignal, signal } from '@preact/signals';
import { AT_WORK_LOCK } from './atWork.ts';

/** A page that stays open asks for a new version this often, when it comes to the front, ms. */
const CHECK_INTERVAL_MS = 60 * 60 * 1000;

/** `ready`: a new version waits. `elsewhere`: it could not begin, another tab is at work. `starting`: the page reloads. */
export type UpdatePhase = 'none' | 'ready' | 'elsewhere' | 'starting';

export interface AppUpdate {
  readonly phase: ReadonlySignal<UpdatePhase>;
  /** Starts the new version in every tab, unless one of them is at work. */
  start(): void;
}

/**
 * Watches for a new version, for the life of the page. The new service worker waits until `start`: it takes the old
 * build's chunks away, so pages of the old build must not be in the middle of something.
 */
export function followUpdates(
  registration: ServiceWorkerRegistration,
  isBusy: ReadonlySignal<boolean>,
): AppUpdate {
  const phase = signal<UpdatePhase>('none');
  const look = () => {
    if (registration.waiting !== null && phase.value === 'none') phase.value = 'ready';
  };
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look);
  });
  // One that was already on its way when this page began to look.
  registration.installing?.addEventListener('statechange', look);
  look();
  checkNowAndThen(registration);
  reloadWhenReplaced(isBusy);

  const start = () => {
    takeOver(registration, () => {
      phase.value = 'starting';
    }).then((hasBegun) => {
      if (!hasBegun) phase.value = 'elsewhere';
    }, ignore);
  };
  return { phase, start };
}

/** @returns false when another tab is at work */
async function takeOver(
  registration: ServiceWorkerRegistration,
  began: () => void,
): Promise<boolean> {
  const begin = () => {
    began();
    registration.waiting?.postMessage('skip-waiting');
  };
  if (!('locks' in navigator)) {
    begin();
    return true;
  }
  return await navigator.locks.request(AT_WORK_LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) return false;
    begin();
    // Nobody begins to work until every tab has heard of the change.
    await new Promise((resolve) => {
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
    });
    return true;
  });
}

/** The first worker ever to take this page over brings nothing new; every later one does. */
function reloadWhenReplaced(isBusy: ReadonlySignal<boolean>): void {
  let isControlled = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (isControlled && !isBusy.peek()) location.reload();
    isControlled = true;
  });
}

function checkNowAndThen(registration: ServiceWorkerRegistration): void {
  let checkedAt = performance.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || performance.now() - checkedAt < CHECK_INTERVAL_MS) return;
    checkedAt = performance.now();
    registration.update().catch(ignore);
  });
}

function ignore(): void {
  // Offline, or the worker was just removed: the next start of the app sees to it.
}
