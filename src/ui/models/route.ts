import { type ReadonlySignal, signal } from '@preact/signals';

/** The page a person chose. What is shown on `main` follows from the state of the app. */
export type Route = 'main' | 'settings' | 'doctor';

const PAGES: Readonly<Record<string, Route>> = { '#/settings': 'settings', '#/doctor': 'doctor' };

/** The address of a route, for a link. */
export const addressOf = (route: Route) => (route === 'main' ? '#/' : `#/${route}`);

/** The route in the address bar, kept up to date for the life of the page. */
export function followRoute(): ReadonlySignal<Route> {
  const read = (): Route => PAGES[location.hash] ?? 'main';
  const route = signal(read());
  addEventListener('hashchange', () => {
    route.value = read();
    scrollTo(0, 0);
  });
  return route;
}
