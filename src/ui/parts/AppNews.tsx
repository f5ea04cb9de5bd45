import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Hint } from '../environment.ts';
import { type AppUpdate, followUpdates } from '../models/appUpdate.ts';
import { keepScreenOn, notify, runningCount, showBadge } from '../models/attention.ts';
import { hasSucceeded, isAtWork, tellOtherTabs } from '../models/atWork.ts';
import { followShortcuts } from '../models/shortcuts.ts';
import { type Ui, useUi } from '../models/ui.ts';
import '../styles/news.css';

/** A transfer that takes longer than this is worth a notification, seconds. */
const LONG_TRANSFER_S = 20;

interface AppNewsProps {
  /** Undefined where no service worker is: then there are no updates and no notifications. */
  readonly registration: ServiceWorkerRegistration | undefined;
}

/**
 * What an installed app does around the page: keeps the screen on, calls the person, and offers one thing at a time at
 * the edge of the page: a new version, notifications, the installation. Comes after the first load.
 */
export function AppNews({ registration }: AppNewsProps) {
  const ui = useUi();
  const isBusy = useComputed(() => isAtWork(ui.view.value) || hasDraft(ui));
  const update = useAround(ui, registration, isBusy);
  return (
    <div class="news" role="status">
      <News ui={ui} update={update} isBusy={isBusy.value} canNotify={registration !== undefined} />
    </div>
  );
}

const hasDraft = ({ draftText, draftCode }: Ui) => `${draftText.value}${draftCode.value}` !== '';

/** Starts everything once, for the life of the page. */
function useAround(
  ui: Ui,
  registration: ServiceWorkerRegistration | undefined,
  isBusy: ReadonlySignal<boolean>,
): AppUpdate | undefined {
  const running = useComputed(() => runningCount(ui.view.value));
  const update = useRef<AppUpdate | undefined>(undefined);
  const hasBegun = useRef(false);
  if (!hasBegun.current) {
    hasBegun.current = true;
    followShortcuts();
    tellOtherTabs(isBusy);
    keepScreenOn(running);
    showBadge(running);
    if (registration !== undefined) {
      notify(registration, ui.view, ui.language);
      update.current = followUpdates(registration, isBusy);
    }
  }
  return update.current;
}

interface NewsProps {
  readonly ui: Ui;
  readonly update: AppUpdate | undefined;
  readonly isBusy: boolean;
  readonly canNotify: boolean;
}

function News({ ui, update, isBusy, canNotify }: NewsProps) {
  const { words } = ui.language.value;
  const asked = useSignal(false);
  const { transfers } = ui.view.value;
  const isNew = (hint: Hint) => !ui.settings.value.dismissed.includes(hint);
  const phase = update?.phase.value ?? 'none';

  if (update !== undefined && phase !== 'none' && !isBusy) {
    return (
      <Item text={phase === 'elsewhere' ? words.updateElsewhere : words.updateReady}>
        <Act
          label={words.updateNow}
          testId="update"
          isDisabled={phase === 'starting'}
          onClick={update.start}
        />
      </Item>
    );
  }
  const isLong = transfers.some(({ secondsLeft }) => (secondsLeft ?? 0) > LONG_TRANSFER_S);
  if (canNotify && isLong && !asked.value && isNew('notify') && mayAskToNotify()) {
    const ask = () => {
      asked.value = true;
      // The answer is kept by the browser; either way the question is done with.
      Notification.requestPermission().catch(() => {});
    };
    return (
      <Item text={words.notifyAsk} dismisses="notify">
        <Act label={words.notifyYes} onClick={ask} />
      </Item>
    );
  }
  if (!hasSucceeded(ui.view.value) || !isNew('install') || isInstalled()) return null;
  const prompt = ui.installPrompt.value;
  if (prompt !== undefined) {
    return (
      <Item text={`${words.installTitle} ${words.installHint}`} dismisses="install">
        <Act label={words.install} testId="install" onClick={() => prompt.prompt()} />
      </Item>
    );
  }
  return isIos() ? (
    <Item text={`${words.installTitle} ${words.installIos}`} dismisses="install" />
  ) : null;
}

interface ItemProps {
  readonly text: string;
  /** What is not offered again once the person said no; undefined for news that stay. */
  readonly dismisses?: Hint;
  readonly children?: ComponentChildren;
}

function Item({ text, dismisses, children }: ItemProps) {
  const ui = useUi();
  const { words } = ui.language.value;
  const dismiss = () => {
    if (dismisses === undefined) return;
    const { dismissed } = ui.settings.peek();
    ui.changeSettings({ dismissed: [...dismissed, dismisses] });
  };
  return (
    <div class="news-item">
      <p>{text}</p>
      <div class="actions">
        {children}
        {dismisses !== undefined && (
          <button type="button" class="button button-quiet" onClick={dismiss}>
            {words.notNow}
          </button>
        )}
      </div>
    </div>
  );
}

interface ActProps {
  readonly label: string;
  readonly onClick: () => void;
  readonly testId?: string;
  readonly isDisabled?: boolean;
}

function Act({ label, onClick, testId, isDisabled = false }: ActProps) {
  return (
    <button
      type="button"
      class="button button-main"
      data-testid={testId}
      disabled={isDisabled}
      onClick={onClick}
    >
      {label}
    </button>
  );
}

const mayAskToNotify = () => 'Notification' in globalThis && Notification.permission === 'default';

const isInstalled = () => matchMedia('(display-mode: standalone)').matches;

/** iPads say they are Macs, but no Mac has a touch screen. */
const isIos = () =>
  /iPhone|iPad/.test(navigator.userAgent) ||
  (navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1);
