import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defineConfig, type Plugin } from 'vite';
import { injectManifest } from 'workbox-build';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** `BUILD_ID`, or the short hash of the commit being built; a tree without git (a source archive) is `dev`. */
function buildId(): string {
  const given = process.env['BUILD_ID'];
  if (given !== undefined) return given;
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // The build id is for bug reports only: no git is no reason not to build.
    return 'dev';
  }
}

/** Bundles one module of `sw/` as a script of its own, which every browser takes as a service worker. */
async function buildWorker(entry: string, outDir: string, fileName: string): Promise<void> {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir,
      emptyOutDir: false,
      target: ['es2022', 'safari16'],
      lib: { entry: here(entry), formats: ['iife'], name: 'worker', fileName: () => fileName },
    },
  });
}

/**
 * Builds the service worker and its kill switch once the page's files are there, and tells the worker what the shell
 * is: every file with its digest, so that a half-finished deployment is never installed.
 */
function serviceWorkers(): Plugin {
  let outDir = '';
  return {
    name: 'service-workers',
    apply: 'build',
    configResolved: (config) => {
      outDir = config.build.outDir;
    },
    closeBundle: async () => {
      const drafts = here('node_modules/.cache/sw');
      await buildWorker('sw/index.ts', drafts, 'sw.js');
      await buildWorker('sw/retire.ts', outDir, 'sw-retire.js');
      await injectManifest({
        swSrc: join(drafts, 'sw.js'),
        swDest: join(outDir, 'sw.js'),
        globDirectory: outDir,
        globPatterns: ['index.html', 'icon.svg', 'assets/*.{js,css}'],
        dontCacheBustURLsMatching: /^assets\//,
        manifestTransforms: [
          (entries) => ({
            manifest: entries.map((entry) => ({
              ...entry,
              url: `/${entry.url}`,
              integrity: integrityOf(join(outDir, entry.url)),
            })),
          }),
        ],
      });
    },
  };
}

const integrityOf = (file: string) =>
  `sha256-${createHash('sha256').update(readFileSync(file)).digest('base64')}`;

/** What PeerJS imports beside itself, and we do without. */
export const PEERJS_ALIASES = Object.fromEntries(
  ['webrtc-adapter', 'peerjs-js-binarypack', '@msgpack/msgpack'].map((name) => [
    name,
    here('src/link/peerjsStubs.ts'),
  ]),
);

export default defineConfig({
  root: here('src'),
  publicDir: here('public'),
  base: '/',
  cacheDir: here('node_modules/.vite'),
  define: { __BUILD_ID__: JSON.stringify(buildId()) },
  plugins: [serviceWorkers()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { alias: PEERJS_ALIASES },
  worker: { format: 'es' },
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    target: ['es2022', 'safari16'],
    sourcemap: true,
    // The content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
