import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { addressOf } from './models/route.ts';
import { type Ui, useUi } from './models/ui.ts';
import { DropVeil } from './parts/DropVeil.tsx';
import { FaultAlert } from './parts/FaultAlert.tsx';
import { Icon } from './parts/Icon.tsx';
import { LaterAppNews } from './parts/LaterAppNews.tsx';
import { LiveRegion } from './parts/LiveRegion.tsx';
import { Logo } from './parts/Logo.tsx';
import { Looking } from './parts/Looking.tsx';
import { PickInputs } from './parts/PickInputs.tsx';
import { Home } from './screens/Home.tsx';
import { Doctor, Join, Settings, Workspace } from './screens/laterScreens.ts';

interface PageProps {
  readonly files: RefObject<HTMLInputElement | null>;
  readonly folder: RefObject<HTMLInputElement | null>;
}

/** The frame around every screen. */
export function Page({ files, folder }: PageProps) {
  const ui = useUi();
  const { words } = ui.language.value;
  const { notice } = ui.view.value;
  return (
    <div class="page">
      <button type="button" class="skip" onClick={focusMain}>
        {words.skipToContent}
      </button>
      <header class="top">
        <a class="brand" href={addressOf('main')}>
          <Logo />
          {words.appName}
        </a>
        <a
          class="icon-button"
          href={addressOf('settings')}
          aria-label={words.settings}
          title={words.settings}
        >
          <Icon name="gear" />
        </a>
      </header>
      <main id="main" tabIndex={-1}>
        {notice !== undefined && (
          <FaultAlert fault={notice} place="notice" onDismiss={() => ui.actions.dismissNotice()} />
        )}
        <Screen />
        <LaterAppNews />
      </main>
      <PickInputs files={files} folder={folder} />
      <DropVeil />
      <Looking />
      <LiveRegion />
    </div>
  );
}

/** The screen follows from what the app is doing; only Settings and the doctor are places one goes to. */
function screenOf({ route, view }: Ui) {
  const { share, join, peers } = view.value;
  if (route.value === 'settings') return 'settings';
  if (route.value === 'doctor') return 'doctor';
  if (join !== undefined) return 'join';
  return share !== undefined || peers.length > 0 ? 'workspace' : 'home';
}

function Screen() {
  const ui = useUi();
  const screen = screenOf(ui);

  useEffect(() => {
    // The button that led here is gone, and the focus with it: the keyboard goes on from the screen.
    if (document.activeElement === document.body) focusMain();
  }, [screen]);

  switch (screen) {
    case 'settings':
      return <Settings />;
    case 'doctor':
      return <Doctor />;
    case 'join':
      return ui.view.value.join === undefined ? null : <Join join={ui.view.value.join} />;
    case 'workspace':
      return <Workspace />;
    case 'home':
      return <Home />;
  }
}

/** Not a link: the fragment is for routes. */
function focusMain(): void {
  document.getElementById('main')?.focus({ preventScroll: true });
}
