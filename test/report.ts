import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Prints `N passed, N failed` (and `, N skipped`) as the very last line of a run, for tools that
 * count. A module that could not be loaded and an error outside any test count as one failure each.
 */
export default class Report implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // A test that never came to an end, because the run was cut off, did not pass.
        count[state === 'pending' ? 'failed' : state] += 1;
      }
    }
    if (reason === 'failed' && count.failed === 0) count.failed = 1;
    const skipped = count.skipped === 0 ? '' : `, ${count.skipped} skipped`;
    // At exit, since the default reporter and Vite still have lines to print.
    process.once('exit', () => {
      writeSync(1, `${count.passed} passed, ${count.failed} failed${skipped}\n`);
    });
  }
}
