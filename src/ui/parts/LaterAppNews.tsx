import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useUi } from '../models/ui.ts';

/** {@link AppNews}, fetched once the page stands and the service worker is registered. */
export function LaterAppNews() {
  const ui = useUi();
  const news = useSignal<JSX.Element | null>(null);
  useEffect(() => {
    const show = async () => {
      const registration = await ui.environment.serviceWorker;
      const { AppNews } = await import('./AppNews.tsx');
      news.value = <AppNews registration={registration} />;
    };
    // Offline without a cache: the app does its work without these extras.
    show().catch(() => {});
  }, []);
  return news.value;
}
