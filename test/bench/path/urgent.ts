import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { descendants } from '../../e2e/harness/processes.ts';

/** Lowest priority of the real-time kind: above everything that isn't of that kind. */
const REAL_TIME_PRIORITY = '1';

/** Nice value of a session, -20 to 19. */
const SESSION_NICE = '-15';

/**
 * Lets a process run the moment it wants to, whatever else the machine does. Only root may, on Linux;
 * elsewhere nothing happens, and results say how many packets the emulator lost by being late.
 */
export function makeRealTime(pid: number): void {
  spawnSync('chrt', ['--all-tasks', '--fifo', '--pid', REAL_TIME_PRIORITY, String(pid)]);
}

/**
 * Puts a browser, which leads a session of its own, ahead of other people's work, and its network
 * process ahead of everything: its sockets hold 6 ms of 100 Mbit/s, and what comes late is lost.
 */
export function makeUrgent(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, SESSION_NICE);
  } catch {
    // Not root, or a kernel that does not group by session: the browser competes as all others do.
  }
  for (const child of descendants(pid))
    if (child.command.includes('network.mojom.NetworkService')) makeRealTime(child.pid);
}
