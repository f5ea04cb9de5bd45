/**
 * Draws the PNG icons of the manifest from `public/icon.svg`. Run after a change of the mark:
 * `node test/run.mjs test/audit/drawIcons.ts`
 */
import { mkdir, readFile } from 'node:fs/promises';
import { chromium } from 'playwright';
import { CHROMIUM_FLAGS, findChromium } from '../browsers.ts';

const OUT = 'public/icons';
const GROUND = '#0a6a72';

interface Icon {
  readonly name: string;
  readonly size: number;
  /** Side of the mark, as a part of the icon's. */
  readonly scale: number;
  /** Colour around the mark; undefined for the rounded tile of the mark itself. */
  readonly ground: string | undefined;
  /** Black on nothing, for systems that colour it themselves. */
  readonly isMonochrome?: boolean;
}

const ICONS: readonly Icon[] = [
  { name: 'icon-192', size: 192, scale: 1, ground: undefined },
  { name: 'icon-512', size: 512, scale: 1, ground: undefined },
  // A launcher may cut anything outside a circle of 80 %; the mark's corners are empty.
  { name: 'maskable-192', size: 192, scale: 0.8, ground: GROUND },
  { name: 'maskable-512', size: 512, scale: 0.8, ground: GROUND },
  { name: 'apple-touch-icon', size: 180, scale: 0.94, ground: GROUND },
  { name: 'monochrome-96', size: 96, scale: 1, ground: undefined, isMonochrome: true },
  { name: 'monochrome-512', size: 512, scale: 0.8, ground: undefined, isMonochrome: true },
];

function pageOf(svg: string, { size, scale, ground, isMonochrome }: Icon): string {
  const isBare = ground !== undefined || isMonochrome === true;
  const bare = isBare ? svg.replace(/<rect[^>]*>/, '') : svg;
  const drawn = isMonochrome === true ? bare.replaceAll('#fff', '#000') : bare;
  return `<style>
    body { margin: 0; background: ${ground ?? 'transparent'} }
    svg { display: block; width: ${size * scale}px; margin: ${(size * (1 - scale)) / 2}px }
  </style>${drawn}`;
}

const svg = await readFile('public/icon.svg', 'utf8');
await mkdir(OUT, { recursive: true });
const executablePath = findChromium();
const browser = await chromium.launch({
  args: CHROMIUM_FLAGS,
  ...(executablePath === undefined ? {} : { executablePath }),
});
for (const icon of ICONS) {
  const page = await browser.newPage({ viewport: { width: icon.size, height: icon.size } });
  await page.setContent(pageOf(svg, icon));
  await page.screenshot({ path: `${OUT}/${icon.name}.png`, omitBackground: true });
  await page.close();
}
await browser.close();
