import { readdirSync, readFileSync } from 'node:fs';
import { until } from './until.ts';

/** A running process as Linux shows it. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Reads /proc, so Linux only, as the tests are. Processes that end meanwhile are left out. */
function processes(): readonly Process[] {
  const found: Process[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
      found.push({ pid: Number(name), parent: Number(parent), command });
    } catch {
      // Ended between listing and reading.
    }
  }
  return found;
}

/** The browser that was started on a profile folder; its helpers name the folder too, but are its children. */
export function browserProcess(profile: string): number {
  const named = processes().filter(({ command }) => command.includes(profile));
  const pids = new Set(named.map(({ pid }) => pid));
  const root = named.find(({ parent }) => !pids.has(parent));
  if (root === undefined) throw new Error(`no browser runs on ${profile}`);
  return root.pid;
}

/** Every descendant of a process. */
export function descendants(pid: number): readonly Process[] {
  const all = processes();
  const found: Process[] = [];
  const parents = [pid];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const child of all) {
      if (child.parent !== parent) continue;
      found.push(child);
      parents.push(child.pid);
    }
  }
  return found;
}

/** How long killed processes may take to be gone, ms. */
const DEATH_TIMEOUT_MS = 10_000;

/** Sends a signal to a process and all its descendants. */
export function signalAll(pid: number, name: NodeJS.Signals): void {
  for (const each of familyOf(pid)) signal(each, name);
}

/** Kills a process and all its descendants at once; resolves when they are gone. */
export async function killAll(pid: number): Promise<void> {
  const family = familyOf(pid);
  for (const each of family) signal(each, 'SIGKILL');
  await until('the processes to be gone', DEATH_TIMEOUT_MS, () =>
    family.some(isRunning) ? undefined : true,
  );
}

const familyOf = (pid: number) => [pid, ...descendants(pid).map((child) => child.pid)];

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Ended meanwhile: nothing is left to signal.
  }
}

/** One that waits to be reaped does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // No such process any more.
    return false;
  }
}
