import { computed, effect, signal } from '@preact/signals';
import { createRef, render } from 'preact';
import type { App } from '../session/view.ts';
import type { UiEnvironment, UiSettings } from './environment.ts';
import { keepInstallPrompt } from './models/installPrompt.ts';
import { followRoute } from './models/route.ts';
import { showTitle, tabTitle } from './models/tabTitle.ts';
import { type Ui, UiContext } from './models/ui.ts';
import { Page } from './Page.tsx';
import { CrashGuard } from './parts/CrashGuard.tsx';
import { loadLaterScreens } from './screens/laterScreens.ts';
import { englishFor, loadLanguage, pickLanguage } from './words/language.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/screens.css';

/**
 * Shows the app in `root` for the life of the page. The UI renders `app.view`, calls `app.actions`,
 * and reaches the rest of the world through `environment` only. A secret must be gone from the
 * address bar before this is called.
 */
export function mountApp(root: HTMLElement, app: App, environment: UiEnvironment): void {
  const view = signal(app.view);
  app.subscribe(() => {
    view.value = app.view;
  });

  const settings = signal(environment.getSettings());
  const { language, loading } = followLanguage(computed(() => settings.value.language));
  const files = createRef<HTMLInputElement | null>();
  const folder = createRef<HTMLInputElement | null>();

  effect(() => {
    const { theme } = settings.value;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  });

  showTitle(computed(() => tabTitle(view.value, language.value)));

  const ui: Ui = {
    view,
    actions: app.actions,
    environment,
    route: followRoute(),
    language,
    settings,
    installPrompt: keepInstallPrompt(),
    changeSettings: (change) => {
      settings.value = { ...settings.peek(), ...change };
      environment.setSettings(settings.peek());
    },
    draftText: signal(''),
    draftCode: signal(''),
    isLooking: signal(false),
    pick: (what) => {
      app.actions.prepare('share');
      (what === 'files' ? files : folder).current?.click();
    },
  };

  const show = () => {
    render(
      <UiContext.Provider value={ui}>
        <CrashGuard language={() => language.peek()}>
          <Page files={files} folder={folder} />
        </CrashGuard>
      </UiContext.Provider>,
      root,
    );
    whenIdle(() => {
      // Offline without a cache: a screen that is needed asks for itself again.
      loadLaterScreens().catch(() => {});
    });
  };
  // Nobody should see English flash by before their own language.
  if (loading === undefined) show();
  else loading.then(show, show);
}

/** After the first screen stands. Safari has no `requestIdleCallback`. */
function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: 2_000 });
  else setTimeout(work, 200);
}

/**
 * The language in use: the chosen one, as soon as it has been loaded. `loading` is the first of
 * them on its way, `undefined` when it is there at once; offline it may not come, and rejects.
 */
function followLanguage(chosen: { readonly value: UiSettings['language'] }) {
  const preferred = navigator.languages;
  const language = signal(englishFor(preferred));
  let loading: Promise<void> | undefined;
  effect(() => {
    const code = pickLanguage(chosen.value, preferred);
    if (code === 'en') {
      language.value = englishFor(preferred);
      return;
    }
    const use = async () => {
      const loaded = await loadLanguage(code, preferred);
      if (code === pickLanguage(chosen.value, preferred)) language.value = loaded;
    };
    loading = use();
    // The words already there go on serving.
    loading.catch(() => {});
  });
  effect(() => {
    document.documentElement.lang = language.value.code;
    document.documentElement.dir = language.value.direction;
  });
  return { language, loading };
}
