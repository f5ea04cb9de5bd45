import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { MAX_DEVICE_NAME_CHARS } from '../../protocol/limits.ts';
import type { UiSettings } from '../environment.ts';
import { addressOf } from '../models/route.ts';
import { useUi } from '../models/ui.ts';
import { IceServers } from '../parts/IceServers.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Switch } from '../parts/Switch.tsx';
import { LANGUAGE_NAMES } from '../words/language.ts';
import { fill } from '../words/phrase.ts';
import '../styles/settings.css';

/** How this device calls itself, how the page looks and speaks, and what it keeps. */
export function Settings() {
  const ui = useUi();
  const { words, format } = ui.language.value;
  const { deviceName, language, theme, ice } = ui.settings.value;
  const { freeBytes } = ui.view.value;
  const ids = useId();

  return (
    <section class="settings">
      <header class="settings-head">
        <a class="icon-button" href={addressOf('main')} aria-label={words.back}>
          <Icon name="back" />
        </a>
        <h1>{words.settingsTitle}</h1>
      </header>
      <div class="card">
        <div class="setting">
          <label for={`${ids}-name`}>{words.deviceName}</label>
          <input
            id={`${ids}-name`}
            type="text"
            dir="auto"
            maxLength={MAX_DEVICE_NAME_CHARS}
            autocomplete="off"
            aria-describedby={`${ids}-name-hint`}
            value={deviceName}
            onChange={(event) =>
              ui.changeSettings({ deviceName: event.currentTarget.value.trim() })
            }
          />
          <p id={`${ids}-name-hint`} class="muted">
            {words.deviceNameHint}
          </p>
        </div>
        <Choice<UiSettings['language']>
          label={words.language}
          value={language}
          options={{ auto: words.languageAuto, ...LANGUAGE_NAMES }}
          onChange={(chosen) => ui.changeSettings({ language: chosen })}
        />
        <Choice<UiSettings['theme']>
          label={words.theme}
          value={theme}
          options={{ system: words.themeSystem, light: words.themeLight, dark: words.themeDark }}
          onChange={(chosen) => ui.changeSettings({ theme: chosen })}
        />
      </div>
      <div class="card">
        <h2>{words.connection}</h2>
        <Switch
          isOn={ice.isRelayOnly}
          label={words.relayOnly}
          hint={words.relayOnlyHint}
          onChange={(isRelayOnly) => ui.changeSettings({ ice: { ...ice, isRelayOnly } })}
        />
        <IceServers />
        <a class="button" href={addressOf('doctor')}>
          {words.doctor}
        </a>
      </div>
      <Notifications />
      <div class="card">
        <h2>{words.storage}</h2>
        {freeBytes !== undefined && (
          <p>{fill(words.freeOnDevice, { size: format.bytes(freeBytes) })}</p>
        )}
        <p class="muted">{words.eraseHint}</p>
        <Erase />
      </div>
      <p class="muted settings-foot">{words.privacy}</p>
      <p class="muted settings-foot">{fill(words.version, { version: ui.environment.version })}</p>
    </section>
  );
}

function Notifications() {
  const { words } = useUi().language.value;
  const permission = useSignal(permissionNow());
  if (permission.value === undefined) return null;
  const said = {
    default: words.notificationsHint,
    granted: words.notificationsOn,
    denied: words.notificationsBlocked,
  };
  const ask = async () => {
    permission.value = await Notification.requestPermission();
  };
  return (
    <div class="card">
      <h2>{words.notifications}</h2>
      <p class="muted">{said[permission.value]}</p>
      {permission.value === 'default' && (
        <button type="button" class="button" onClick={ask}>
          {words.notifyYes}
        </button>
      )}
    </div>
  );
}

/** Undefined where the browser has no notifications. */
const permissionNow = () =>
  'Notification' in globalThis && isSecureContext ? Notification.permission : undefined;

interface ChoiceProps<Value extends string> {
  readonly label: ComponentChildren;
  readonly value: Value;
  /** What each value is called, in the order shown. */
  readonly options: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const id = useId();
  // Boundary: `Object.keys` forgets the type of the keys of `options`.
  const values = Object.keys(options) as Value[];
  return (
    <div class="setting">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = values[event.currentTarget.selectedIndex];
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {values.map((option) => (
          <option key={option} value={option} selected={option === value}>
            {options[option]}
          </option>
        ))}
      </select>
    </div>
  );
}

function Erase() {
  const ui = useUi();
  const { words } = ui.language.value;
  const state = useSignal<'idle' | 'asking' | 'erasing' | 'failed'>('idle');

  const erase = async () => {
    state.value = 'erasing';
    try {
      await ui.environment.eraseEverything();
      state.value = 'idle';
    } catch {
      // Whatever refused, the person needs the same words.
      state.value = 'failed';
    }
  };

  if (state.value === 'idle' || state.value === 'failed') {
    return (
      <>
        {state.value === 'failed' && <p role="alert">{words.eraseFailed}</p>}
        <button
          type="button"
          class="button button-danger"
          onClick={() => {
            state.value = 'asking';
          }}
        >
          {words.erase}
        </button>
      </>
    );
  }
  return (
    <div class="ask">
      <span>{words.eraseAsk}</span>
      <button
        type="button"
        class="button button-danger"
        disabled={state.value === 'erasing'}
        onClick={erase}
      >
        {words.eraseYes}
      </button>
      <button
        type="button"
        class="button"
        onClick={() => {
          state.value = 'idle';
        }}
      >
        {words.eraseNo}
      </button>
    </div>
  );
}
