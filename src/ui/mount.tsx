import { computed, effect, signal } from '@preact/signals';
import { createRef, render } from 'preact';
import type { App } from '../session/view.ts';
import type { UiEnvironment } from './environment.ts';
import { followRoute } from './models/route.ts';
import { tabTitle } from './models/tabTitle.ts';
import { type Ui, UiContext } from './models/ui.ts';
import { Page } from './Page.tsx';
import { CrashGuard } from './parts/CrashGuard.tsx';
import { englishFor, type Language, loadLanguage, pickLanguage } from './words/language.ts';
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
  const language = followLanguage(computed(() => settings.value.language));
  const files = createRef<HTMLInputElement | null>();
  const folder = createRef<HTMLInputElement | null>();

  effect(() => {
    const { theme } = settings.value;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  });

  const title = computed(() => tabTitle(view.value, language.value));
  effect(() => {
    document.title = title.value;
  });

  const ui: Ui = {
    view,
    actions: app.actions,
    environment,
    route: followRoute(),
    language,
    settings,
    changeSettings: (change) => {
      settings.value = { ...settings.peek(), ...change };
      environment.setSettings(settings.peek());
    },
    draftText: signal(''),
    draftCode: signal(''),
    pick: (what) => (what === 'files' ? files : folder).current?.click(),
  };

  render(
    <UiContext.Provider value={ui}>
      <CrashGuard language={() => language.peek()}>
        <Page files={files} folder={folder} />
      </CrashGuard>
    </UiContext.Provider>,
    root,
  );
}

/** The language in use; English until another has been loaded. */
function followLanguage(chosen: { readonly value: 'auto' | Language['code'] }) {
  const preferred = navigator.languages;
  const language = signal(englishFor(preferred));
  effect(() => {
    const code = pickLanguage(chosen.value, preferred);
    const use = async () => {
      const loaded = await loadLanguage(code, preferred);
      if (code === pickLanguage(chosen.value, preferred)) language.value = loaded;
    };
    // Offline a catalogue may not come; the words already there go on serving.
    use().catch(() => {});
  });
  effect(() => {
    document.documentElement.lang = language.value.code;
    document.documentElement.dir = language.value.direction;
  });
  return language;
}
