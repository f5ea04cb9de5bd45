import { readFileSync } from 'node:fs';

/** Packets the kernel dropped at UDP sockets with full buffers, by local port; empty where it does not say. */
export function socketDrops(): ReadonlyMap<number, number> {
  const drops = new Map<number, number>();
  let table: string;
  try {
    table = readFileSync('/proc/net/udp', 'utf8');
  } catch {
    // Not Linux: the figure is missing from the result, nothing else.
    return drops;
  }
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    const port = Number.parseInt(columns[1]?.split(':')[1] ?? '', 16);
    if (Number.isInteger(port)) drops.set(port, (drops.get(port) ?? 0) + Number(columns.at(-1)));
  }
  return drops;
}
