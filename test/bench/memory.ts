import { readFileSync } from 'node:fs';
import { descendants } from '../e2e/harness/processes.ts';

/**
 * Most memory the page's renderer process has held so far, bytes (`VmHWM`, the peak of its resident
 * set). A browser keeps spare renderers; the page's is the largest.
 */
export function rendererPeakBytes(browserPid: number): number {
  const renderers = descendants(browserPid).filter(({ command }) =>
    command.includes('--type=renderer'),
  );
  const peaks = renderers.map(({ pid }) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  });
  return Math.max(0, ...peaks);
}
