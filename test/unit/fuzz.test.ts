import { test } from 'vitest';
import { TARGETS } from '../fuzz/targets.ts';

/** A taste of `npm run fuzz`: enough to notice that a target or a property is broken. */
const CASES = 150;

test.each(TARGETS.map((target) => [target.name, target] as const))('fuzzing %s', (_name, { run }) =>
  run(CASES, 20),
);
