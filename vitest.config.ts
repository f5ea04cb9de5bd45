import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_FLAGS, findChromium } from './test/browsers.ts';
import { PEERJS_ALIASES } from './vite.config.ts';

const chromium = findChromium();

export default defineConfig({
  resolve: { alias: PEERJS_ALIASES },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    reporters: ['default', './test/report.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // A busy machine is no failure.
          testTimeout: 60_000,
          include: ['test/*.test.ts', 'test/unit/**/*.test.{ts,tsx}'],
          environment: 'node',
        },
      },
      {
        extends: true,
        // Found only once its test runs, it would be bundled then, and the page reloaded in mid-test.
        optimizeDeps: { include: ['axe-core'] },
        test: {
          name: 'browser',
          testTimeout: 60_000,
          include: ['test/browser/**/*.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                args: CHROMIUM_FLAGS,
                ...(chromium === undefined ? {} : { executablePath: chromium }),
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/hostile/**/*.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
