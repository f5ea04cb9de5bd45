import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What Chromium asks of an app before it offers to install it, and of what it shows while doing so. */

interface Picture {
  readonly src: string;
  readonly sizes: string;
  readonly type: string;
  readonly purpose?: string;
  readonly form_factor?: string;
  readonly label?: string;
}

interface Manifest {
  readonly id: string;
  readonly name: string;
  readonly short_name: string;
  readonly start_url: string;
  readonly scope: string;
  readonly display: string;
  readonly icons: readonly Picture[];
  readonly screenshots: readonly Picture[];
  readonly shortcuts: readonly { readonly url: string; readonly icons: readonly Picture[] }[];
  readonly file_handlers: readonly { readonly action: string }[];
}

const inPublic = (src: string) => readFileSync(join('public', src));

const manifest: Manifest = JSON.parse(inPublic('manifest.webmanifest').toString());

/** Width and height a PNG says it has: two big-endian numbers at a fixed place. */
function pngSize(src: string): string {
  const bytes = inPublic(src);
  expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
  return `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;
}

const sideOf = (picture: Picture) => picture.sizes.split('x').map(Number);

test('it can be installed', () => {
  expect(manifest.name).not.toBe('');
  // Longer ones are cut off below an icon.
  expect(manifest.short_name.length).toBeLessThanOrEqual(12);
  expect(manifest.display).toBe('standalone');
  for (const url of [manifest.id, manifest.start_url])
    expect(new URL(url, 'https://site').href.startsWith(`https://site${manifest.scope}`)).toBe(
      true,
    );
  const plain = manifest.icons.filter(({ purpose }) => purpose === undefined);
  expect(plain.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
});

test('there is an icon for every launcher: plain, maskable, monochrome', () => {
  const purposes = new Set(manifest.icons.map(({ purpose = 'any' }) => purpose));
  expect(purposes).toEqual(new Set(['any', 'maskable', 'monochrome']));
});

test('pictures are there, and as large as the manifest says', () => {
  const pictures = [
    ...manifest.icons,
    ...manifest.screenshots,
    ...manifest.shortcuts.flatMap(({ icons }) => icons),
  ].filter(({ type }) => type === 'image/png');
  expect(pictures.length).toBeGreaterThan(10);
  for (const { src, sizes } of pictures) expect([src, pngSize(src)]).toEqual([src, sizes]);
});

test('stores and install dialogs can show the screenshots', () => {
  for (const form of ['narrow', 'wide']) {
    const shown = manifest.screenshots.filter(({ form_factor }) => form_factor === form);
    expect(shown.length).toBeGreaterThanOrEqual(2);
    const ratios = shown.map((picture) => {
      const [width = 0, height = 0] = sideOf(picture);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(320);
      expect(Math.max(width, height)).toBeLessThanOrEqual(3840);
      expect(Math.max(width, height) / Math.min(width, height)).toBeLessThanOrEqual(2.3);
      return width / height;
    });
    expect(new Set(ratios).size).toBe(1);
    for (const { label } of shown) expect(label).not.toBe(undefined);
  }
});

test('shortcuts and files open a page of the app', () => {
  const urls = [...manifest.shortcuts, ...manifest.file_handlers].map((entry) =>
    'url' in entry ? entry.url : entry.action,
  );
  for (const url of urls) expect(new URL(url, 'https://site').pathname).toBe('/');
});
