/**
 * Writes pictures of every screen to test-output/gallery: phone, tablet and desktop, light and dark.
 * `node test/gallery/shoot.mjs [part of a scene's name] [zh-Hans] [phone] [dark] [rtl]`
 */
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright';
import { createServer } from 'vite';

const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  desktop: { width: 1280, height: 800 },
};
const [
  only = '',
  language = 'en',
  sizes = 'phone,tablet,desktop',
  themes = 'light,dark',
  direction = 'ltr',
] = process.argv.slice(2);

const out = 'test-output/gallery';
mkdirSync(out, { recursive: true });

const server = await createServer({ configFile: 'test/gallery/vite.config.ts', logLevel: 'error' });
await server.listen();
const address = server.resolvedUrls?.local[0] ?? 'http://localhost:4199/';
const { SCENES } = await server.ssrLoadModule('./scenes.ts');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});

for (const size of sizes.split(',')) {
  for (const theme of themes.split(',')) {
    const page = await browser.newPage({
      viewport: SIZES[size],
      reducedMotion: 'reduce',
      hasTouch: size !== 'desktop',
      isMobile: size !== 'desktop',
    });
    page.on('pageerror', (error) => {
      console.error(`${size} ${theme}: ${error.message}`);
      process.exitCode = 1;
    });
    for (const name of Object.keys(SCENES)) {
      if (!name.includes(only)) continue;
      await page.goto(
        `${address}?screen=${name}&theme=${theme}&language=${language}&dir=${direction}&still`,
      );
      await page.waitForSelector('body[data-ready]');
      await page.evaluate(() => document.fonts.ready);
      await page.waitForTimeout(60);
      const suffix =
        (language === 'en' ? '' : `-${language}`) + (direction === 'ltr' ? '' : `-${direction}`);
      await page.screenshot({
        path: `${out}/${name}-${size}-${theme}${suffix}.png`,
        // Bars that stick to the window would lie in the middle of a longer picture.
        fullPage: size === 'desktop',
      });
    }
    await page.close();
  }
}

await browser.close();
await server.close();
