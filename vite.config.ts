import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Short hash of the commit being built; a tree without git (a source archive) is `dev`. */
function buildId(): string {
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

export default defineConfig({
  root: here('src'),
  publicDir: here('public'),
  base: '/',
  cacheDir: here('node_modules/.vite'),
  define: { __BUILD_ID__: JSON.stringify(buildId()) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { alias: { 'webrtc-adapter': here('src/link/webrtcAdapterStub.ts') } },
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
