import { mountApp } from '../../src/ui/mount.tsx';
import { loadLaterScreens } from '../../src/ui/screens/laterScreens.ts';
import { anEnvironment, FakeApp } from '../doubles/fakeApp.ts';
import { SCENES } from './scenes.ts';

/** `?screen=home&language=zh-Hans&theme=dark`; without a screen, the list of them. */
const wish = new URLSearchParams(location.search);
const scene = SCENES[wish.get('screen') ?? ''];
const root = document.getElementById('app');

if (root !== null && scene !== undefined) {
  const language = wish.get('language') === 'zh-Hans' ? 'zh-Hans' : 'en';
  const theme = wish.get('theme');
  await loadLaterScreens();
  const app = new FakeApp(scene);
  mountApp(
    root,
    app,
    anEnvironment({ language, theme: theme === 'dark' || theme === 'light' ? theme : 'system' }),
  );
  document.body.dataset['ready'] = 'true';
  // The lanes keep changing, as in life; `?still` holds them for a picture.
  if (!wish.has('still')) setInterval(() => app.show(livelier(app)), 100);
} else if (root !== null) {
  for (const name of Object.keys(SCENES)) {
    const link = document.createElement('a');
    link.href = `?screen=${name}`;
    link.textContent = name;
    root.append(link, document.createElement('br'));
  }
}

function livelier({ view }: FakeApp) {
  const waver = (rate: number) => Math.max(0, rate * (0.97 + Math.random() * 0.06));
  return {
    peers: view.peers.map((peer) => ({
      ...peer,
      lanes: peer.lanes.map((lane) => ({ ...lane, bytesPerSec: waver(lane.bytesPerSec) })),
    })),
  };
}
