import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/**
 * The chaos suite with a fixed seed: a browser killed, one reloaded, and a path gone for a while. Its resumes with Firefox as one
 * side are in resume.test.ts. `npm run chaos` has every kind of fault and as many rounds as wanted.
 */
test('a short and fixed chaos ends with identical bytes', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...['test/run.mjs', 'test/chaos/main.ts', '--seed', '20', '--rounds', '2'],
      ...['--only', 'kill-receiver,reload-sender,blackout-short,broker-amnesia'],
    ],
    { encoding: 'utf8' },
  );
  expect(stdout + stderr).toContain('2 of 2 rounds good');
  expect(status).toBe(0);
}, 180_000);
