import { existsSync } from 'node:fs';

/** Flags every Chromium of ours starts with: root in a container, no calls home, plain host candidates. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

const CHROMIUM_PATHS = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const FIREFOX_PATHS = [
  process.env['FIREFOX_PATH'],
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
];

const firstThere = (paths: readonly (string | undefined)[]) =>
  paths.find((path) => path !== undefined && existsSync(path));

/** Path of an installed Chromium, or `undefined`. `CHROMIUM_PATH` overrides. */
export const findChromium = () => firstThere(CHROMIUM_PATHS);

/** Path of an installed Firefox, or `undefined`. `FIREFOX_PATH` overrides. */
export const findFirefox = () => firstThere(FIREFOX_PATHS);
