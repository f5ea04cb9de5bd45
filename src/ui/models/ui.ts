import type { ReadonlySignal, Signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Actions, AppView } from '../../session/view.ts';
import type { UiEnvironment, UiSettings } from '../environment.ts';
import type { Language } from '../words/language.ts';
import type { InstallPrompt } from './installPrompt.ts';
import type { Route } from './route.ts';

/** What every part of the UI can reach. */
export interface Ui {
  readonly view: ReadonlySignal<AppView>;
  readonly actions: Actions;
  readonly environment: UiEnvironment;
  readonly route: ReadonlySignal<Route>;
  readonly language: ReadonlySignal<Language>;
  readonly settings: ReadonlySignal<UiSettings>;
  /** The browser's offer to install the app, while it stands. */
  readonly installPrompt: ReadonlySignal<InstallPrompt | undefined>;
  changeSettings(change: Partial<UiSettings>): void;
  /** The text being written; it outlives the screen it was begun on. */
  readonly draftText: Signal<string>;
  /** The code being typed; a failed join shows it again. */
  readonly draftCode: Signal<string>;
  /** Whether files are being looked at, and for so long that it is worth saying. */
  readonly isLooking: Signal<boolean>;
  /** Opens the browser's picker. Must be called inside a user gesture. */
  pick(what: 'files' | 'folder'): void;
}

export const UiContext = createContext<Ui | undefined>(undefined);

export function useUi(): Ui {
  const ui = useContext(UiContext);
  if (ui === undefined) throw new Error('a part of the UI was rendered outside mountApp');
  return ui;
}

/** Words and numbers of the language in use. The component renders again when it changes. */
export const useLanguage = (): Language => useUi().language.value;
