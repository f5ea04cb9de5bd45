/**
 * What `npm test` does: makes sure the browsers are there, builds the app, runs every Vitest project.
 * Arguments are handed to Vitest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium, findFirefox } from './browsers.ts';

const DEBIAN_PACKAGES = ['chromium', 'firefox-esr'];

const areBrowsersThere = () => findChromium() !== undefined && findFirefox() !== undefined;

/**
 * Runs a program with our output, as from a shell: Vite, which runs this module, has set NODE_ENV to
 * `development`, and a build made under that is not the one people get.
 * @returns whether it went well
 */
function run(program: string, ...args: readonly string[]): boolean {
  const { NODE_ENV: _, ...env } = process.env;
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', env });
  return error === undefined && status === 0;
}

function installBrowsers(): void {
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return;
  if (run('apt-get', 'update', '-q')) run('apt-get', 'install', '-y', '-q', ...DEBIAN_PACKAGES);
}

function main(vitestArgs: readonly string[]): boolean {
  if (!areBrowsersThere()) installBrowsers();
  if (!areBrowsersThere()) {
    console.error(
      'The tests drive Chromium and Firefox and found only one of them or none. Install both, or say\n' +
        'where they are in CHROMIUM_PATH and FIREFOX_PATH. Debian: apt-get install chromium firefox-esr',
    );
    return false;
  }
  return (
    run('node_modules/.bin/vite', 'build', '--logLevel', 'warn') &&
    run('node_modules/.bin/vitest', 'run', ...vitestArgs)
  );
}

process.exitCode = main(process.argv.slice(2)) ? 0 : 1;
