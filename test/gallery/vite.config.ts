import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Shows every screen of the UI from made-up views: `npx vite -c test/gallery/vite.config.ts`. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  cacheDir: '../../node_modules/.cache/gallery',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { port: 4199, fs: { allow: ['../..'] } },
  build: { outDir: '../../test-output/galleryBuild', emptyOutDir: true },
});
