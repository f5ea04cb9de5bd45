import { missingHere } from '../models/support.ts';
import { useUi } from '../models/ui.ts';
import { CodeCard } from '../parts/CodeCard.tsx';
import { Composer } from '../parts/Composer.tsx';
import { FaultAlert } from '../parts/FaultAlert.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Earlier } from './laterScreens.ts';

/** Two questions: what do you want to send, and do you have a code. */
export function Home() {
  const ui = useUi();
  const { words } = ui.language.value;
  const missing = missingHere();
  return (
    <div class="home">
      <header class="hero">
        <h1>{words.homeTitle}</h1>
        <p>{words.homeLead}</p>
      </header>
      {missing !== undefined && <FaultAlert fault={missing} place="notice" />}
      <div class="home-columns">
        <section class="card send" aria-label={words.sendQuestion}>
          <div class="basin">
            <div class="basin-words">
              <h2>{words.sendQuestion}</h2>
              <p class="muted pointer-only">
                {words.dropHere} {words.dropHint}
              </p>
            </div>
            <div class="actions">
              <button
                type="button"
                class="button button-main button-large"
                onClick={() => ui.pick('files')}
              >
                <Icon name="file" />
                {words.chooseFiles}
              </button>
              <button type="button" class="button button-large" onClick={() => ui.pick('folder')}>
                <Icon name="folder" />
                {words.chooseFolder}
              </button>
            </div>
          </div>
          <Composer hasPickers={false} />
        </section>
        <div class="home-side">
          <CodeCard />
          <button type="button" class="receive-here card" onClick={() => ui.actions.openShare()}>
            <Icon name="down" />
            <span>
              <b>{words.receiveHere}</b>
              <span class="muted">{words.receiveHereHint}</span>
            </span>
            <Icon name="next" />
          </button>
        </div>
      </div>
      {ui.view.value.transfers.length > 0 && <Earlier />}
    </div>
  );
}
