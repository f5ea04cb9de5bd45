import type { LanguageCode } from '../../src/ui/environment.ts';
import { LANGUAGE_NAMES } from '../../src/ui/words/language.ts';
import type { FakeApp } from '../doubles/fakeApp.ts';
import { SCENES } from './scenes.ts';
import { showScene } from './showScene.ts';

/** `?screen=home&language=zh-Hans&theme=dark&dir=rtl`; without a screen, the list of them. */
const wish = new URLSearchParams(location.search);
const scene = SCENES[wish.get('screen') ?? ''];
const root = document.getElementById('app');

if (root !== null && scene !== undefined) {
  const language = wish.get('language') ?? 'en';
  const theme = wish.get('theme');
  const app = await showScene(root, scene, {
    language: isLanguage(language) ? language : 'en',
    theme: theme === 'dark' || theme === 'light' ? theme : 'system',
  });
  // Words of a language that runs the other way would be better still; the layout shows without.
  if (wish.get('dir') === 'rtl') document.documentElement.dir = 'rtl';
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

function isLanguage(text: string): text is LanguageCode {
  return text in LANGUAGE_NAMES;
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
