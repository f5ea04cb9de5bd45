import { LaterScanner } from '../parts/laterScanner.ts';
import { lazy } from '../parts/lazy.tsx';

export const Workspace = lazy(async () => (await import('./Workspace.tsx')).Workspace);
export const Join = lazy(async () => (await import('./Join.tsx')).Join);
export const Settings = lazy(async () => (await import('./Settings.tsx')).Settings);
export const Doctor = lazy(async () => (await import('./Doctor.tsx')).Doctor);
export const Earlier = lazy(async () => (await import('../parts/TransferCards.tsx')).Earlier);

/**
 * Fetches everything but the home screen, once that stands, so that none of it is waited for.
 * Rejects when a part does not come; it is asked for again when it is shown.
 */
export async function loadLaterScreens(): Promise<void> {
  const later = [Workspace, Join, Settings, Doctor, Earlier, LaterScanner];
  await Promise.all(later.map((screen) => screen.load()));
}
