import { lazy } from './lazy.tsx';

/** The scanner, fetched with the later screens: few open it, and none before the first of them stands. */
export const LaterScanner = lazy(async () => (await import('./Scanner.tsx')).Scanner);
