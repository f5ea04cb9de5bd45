import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';

declare const self: {
  /** Files of the shell with their revisions and digests; the build writes the list here. */
  readonly __WB_MANIFEST: PrecacheEntry[];
};

/** How long a slow network may hold up the configuration before the last one serves, in seconds. */
const CONFIG_PATIENCE_S = 3;

/** A last segment with a dot is a file, not a screen: `/icons/icon-512.png`. */
const FILE_PATH = /\/[^/]+\.[^/]+$/;

/**
 * Every file of the shell is fetched at install, checked against its digest, and served from the cache; every address
 * of a screen is answered with the page. A page and its chunks are always of one build.
 */
export function keepShell(): void {
  precacheAndRoute(self.__WB_MANIFEST);
  cleanupOutdatedCaches();
  registerRoute(
    new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [FILE_PATH] }),
  );
}

/** Brokers and ICE servers may change any day, so the network is asked first; offline the last answer stands in. */
export function keepConfig(): void {
  registerRoute(
    ({ url, sameOrigin }) => sameOrigin && url.pathname === '/config.json',
    new NetworkFirst({ cacheName: 'sluice-config', networkTimeoutSeconds: CONFIG_PATIENCE_S }),
  );
}
