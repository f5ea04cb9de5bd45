import { readFileSync } from 'node:fs';
import type { Driver } from '../../e2e/harness/driver.ts';
import { descendants } from '../../e2e/harness/processes.ts';

/** Clock ticks a second that Linux counts CPU time in, on every architecture that matters. */
const TICKS_PER_SEC = 100;

/** Chromium's and Firefox's processes that hold pages. */
const RENDERER = /--type=renderer|-contentproc .*-isForBrowser/;

/** CPU seconds the renderers of some browsers have used so far. */
export function rendererCpuSeconds(drivers: readonly Driver[]): number {
  const renderers = drivers
    .flatMap(({ pid }) => descendants(pid))
    .filter(({ command }) => RENDERER.test(command));
  return renderers.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0);
}

function cpuSecondsOf(pid: number): number {
  try {
    // The name, in brackets, may hold spaces; user and system time are the 12th and 13th after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC;
  } catch {
    // Ended meanwhile: a spare renderer, which did nothing.
    return 0;
  }
}

/** Time all cores have spent, and spent doing nothing, since the machine started. */
export interface MachineTime {
  readonly total: number;
  readonly idle: number;
}

export function machineTime(): MachineTime {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return {
    total: times.reduce((sum, time) => sum + time, 0),
    // Idle, and waiting for a disk.
    idle: (times[3] ?? 0) + (times[4] ?? 0),
  };
}

/** Part of the machine that was busy from one moment to another, 0 to 1. */
export const busyShare = (from: MachineTime, to: MachineTime) =>
  1 - (to.idle - from.idle) / Math.max(1, to.total - from.total);
