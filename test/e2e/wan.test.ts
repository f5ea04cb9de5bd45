import { expect, test } from 'vitest';
import { DEFAULT_CAMPAIGN, measurePaths, namedPath } from '../bench/path/campaign.ts';
import { tableOf } from '../bench/path/outcome.ts';

// The bench in small: it works, and the app works over a path. How fast is printed, and not asserted,
// because nobody knows what else this machine does.
test('a bare lane and the app over 20 Mbit/s and 40 ms', async () => {
  const [outcome] = await measurePaths({
    ...DEFAULT_CAMPAIGN,
    paths: [namedPath('40ms-20mbit')],
    subjects: [{ kind: 'raw', lanes: 1 }, { kind: 'sluice' }],
    rounds: 1,
    seconds: 6,
    dist: 'dist',
  });
  console.log(tableOf([outcome!]));

  expect(outcome!.check!.medianRttMs).toBeGreaterThanOrEqual(39.5);
  const { perLink, perBestRaw } = outcome!.summary;
  expect(perBestRaw).toBeGreaterThan(0);
  // Nothing went past the bottleneck.
  expect(perLink).toBeLessThan(1);
  for (const { report } of outcome!.runs) expect(report!.forward.delivered).toBeGreaterThan(100);
});
