/**
 * Feeds everything that reads what strangers say with nonsense, for as long as one likes:
 *
 *     npm run fuzz -- --cases 100000 --seed 42 --only frames
 *
 * A failure prints the case, and the seed and path that lead to it again.
 */
import { parseArgs } from 'node:util';
import { TARGETS } from './targets.ts';

const DEFAULT_CASES = 100_000;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    cases: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
});

const cases = Number(values.cases ?? DEFAULT_CASES);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const chosen = TARGETS.filter(({ name }) => values.only === undefined || name === values.only);

if (!Number.isSafeInteger(cases) || !Number.isSafeInteger(seed) || chosen.length === 0) {
  console.error(
    `--cases and --seed are whole numbers; --only is one of ${TARGETS.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 2;
} else {
  for (const { name, run } of chosen) {
    const startedAt = performance.now();
    const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
    try {
      await run(cases, seed);
      console.log(`${name}: ${cases} cases, seed ${seed}, ${seconds()} s`);
    } catch (error) {
      console.error(`${name}: failed after ${seconds()} s, seed ${seed}`);
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  }
}
