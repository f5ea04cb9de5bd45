/**
 * Takes the manifest's screenshots: the real components over made-up transfers, as the gallery shows them. Run after
 * the look has changed: `node test/run.mjs test/audit/takeScreenshots.ts`
 */
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { CHROMIUM_FLAGS, findChromium } from '../browsers.ts';

const OUT = 'public/screenshots';

const SIZES = {
  narrow: { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  wide: { width: 1280, height: 800, deviceScaleFactor: 1, isMobile: false, hasTouch: false },
} as const;

const SHOTS = [
  ['home', 'narrow'],
  ['share', 'narrow'],
  ['receiving', 'narrow'],
  ['home', 'wide'],
  ['sharing', 'wide'],
] as const;

await mkdir(OUT, { recursive: true });
const server = await createServer({ configFile: 'test/gallery/vite.config.ts', logLevel: 'error' });
await server.listen();
const address = server.resolvedUrls?.local[0] ?? 'http://localhost:4199/';
const executablePath = findChromium();
const browser = await chromium.launch({
  args: CHROMIUM_FLAGS,
  ...(executablePath === undefined ? {} : { executablePath }),
});
for (const [scene, size] of SHOTS) {
  const { width, height, ...device } = SIZES[size];
  const page = await browser.newPage({
    viewport: { width, height },
    ...device,
    reducedMotion: 'reduce',
  });
  await page.goto(`${address}?screen=${scene}&theme=light&language=en&still`);
  await page.waitForSelector('body[data-ready]');
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${OUT}/${scene}-${size}.png` });
  await page.close();
}
await browser.close();
await server.close();
