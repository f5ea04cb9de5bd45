import type { UiSettings } from '../../src/ui/environment.ts';
import { addressOf } from '../../src/ui/models/route.ts';
import { mountApp } from '../../src/ui/mount.tsx';
import { loadLaterScreens } from '../../src/ui/screens/laterScreens.ts';
import { anEnvironment, FakeApp } from '../doubles/fakeApp.ts';
import type { Scene } from './scenes.ts';

/** Frames a part may need to be drawn: far more than any does. */
const MOST_FRAMES = 300;

/**
 * Shows a scene in `root`, and resolves once all of it stands: also what comes after the first load,
 * and what the person did. @returns the app behind it
 */
export async function showScene(
  root: HTMLElement,
  { view, route, settings, environment, offersInstall, act }: Scene,
  wish: Pick<UiSettings, 'language' | 'theme'>,
): Promise<FakeApp> {
  await loadLaterScreens();
  if (route !== undefined) location.hash = addressOf(route);
  const app = new FakeApp(view);
  mountApp(root, app, { ...anEnvironment({ ...settings, ...wish }), ...environment });
  if (offersInstall) dispatchEvent(new Event('beforeinstallprompt'));
  // What the app says about itself comes last, and the QR code once its encoder is there.
  await drawn(() => root.querySelector('.news') !== null && root.querySelector('div.qr') === null);
  act?.(root);
  await nextFrame();
  await nextFrame();
  return app;
}

async function drawn(isDrawn: () => boolean): Promise<void> {
  for (let frame = 0; !isDrawn(); frame += 1) {
    if (frame === MOST_FRAMES) throw new Error('the scene does not come to stand');
    await nextFrame();
  }
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
