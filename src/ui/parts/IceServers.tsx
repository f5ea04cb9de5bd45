import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { type IceServer, isIceUrl, isTurnUrl, MAX_OWN_ICE_SERVERS } from '../../ports/iceWishes.ts';
import { useUi } from '../models/ui.ts';
import { Icon } from './Icon.tsx';

const NO_SERVER: IceServer = { url: '', username: '', credential: '' };

/** The STUN and TURN servers a person brings along, and a form for one more. */
export function IceServers() {
  const ui = useUi();
  const { words } = ui.language.value;
  const { ice } = ui.settings.value;
  const ids = useId();
  const draft = useSignal<IceServer | undefined>(undefined);
  const isWrong = useSignal(false);

  const keep = (iceServers: readonly IceServer[]) =>
    ui.changeSettings({ ice: { ...ice, iceServers } });
  const add = () => {
    const server = trimmed(draft.value ?? NO_SERVER);
    isWrong.value = !isIceUrl(server.url);
    if (isWrong.value) return;
    keep([...ice.iceServers, server]);
    draft.value = undefined;
  };

  return (
    <div class="setting ice">
      <h3>{words.iceServers}</h3>
      <p class="muted">{words.iceServersHint}</p>
      <ul class="ice-list">
        {ice.iceServers.map((server, index) => (
          <li key={`${index} ${server.url}`}>
            <bdi dir="ltr">{server.url}</bdi>
            <button
              type="button"
              class="icon-button"
              aria-label={words.iceRemove}
              title={words.iceRemove}
              onClick={() => keep(ice.iceServers.toSpliced(index, 1))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      {draft.value === undefined ? (
        ice.iceServers.length < MAX_OWN_ICE_SERVERS && (
          <div class="actions">
            <button
              type="button"
              class="button"
              onClick={() => {
                isWrong.value = false;
                draft.value = NO_SERVER;
              }}
            >
              <Icon name="plus" />
              {words.iceAdd}
            </button>
          </div>
        )
      ) : (
        <form
          class="ice-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <label for={`${ids}-url`}>{words.iceAddress}</label>
          <input
            id={`${ids}-url`}
            type="text"
            dir="ltr"
            inputMode="url"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="turn:host:3478"
            aria-invalid={isWrong.value}
            aria-describedby={isWrong.value ? `${ids}-wrong` : undefined}
            value={draft.value.url}
            onInput={({ currentTarget: { value } }) => {
              draft.value = { ...(draft.peek() ?? NO_SERVER), url: value };
            }}
          />
          {isWrong.value && (
            <p id={`${ids}-wrong`} class="wrong" role="alert">
              {words.iceWrong}
            </p>
          )}
          {isTurnUrl(draft.value.url.trim()) && (
            <>
              <label for={`${ids}-user`}>{words.iceUser}</label>
              <input
                id={`${ids}-user`}
                type="text"
                dir="ltr"
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                value={draft.value.username}
                onInput={({ currentTarget: { value } }) => {
                  draft.value = { ...(draft.peek() ?? NO_SERVER), username: value };
                }}
              />
              <label for={`${ids}-credential`}>{words.icePassword}</label>
              <input
                id={`${ids}-credential`}
                type="password"
                dir="ltr"
                autocomplete="off"
                value={draft.value.credential}
                onInput={({ currentTarget: { value } }) => {
                  draft.value = { ...(draft.peek() ?? NO_SERVER), credential: value };
                }}
              />
            </>
          )}
          <div class="actions">
            <button type="submit" class="button button-main">
              {words.iceAdd}
            </button>
            <button
              type="button"
              class="button button-quiet"
              onClick={() => {
                draft.value = undefined;
              }}
            >
              {words.cancel}
            </button>
          </div>
        </form>
      )}
    </div>
  );
}

/** STUN knows no names and passwords; what was typed before the address changed is left out. */
function trimmed({ url, username, credential }: IceServer): IceServer {
  const address = url.trim();
  if (!isTurnUrl(address)) return { ...NO_SERVER, url: address };
  return { url: address, username: username.trim(), credential: credential.trim() };
}
