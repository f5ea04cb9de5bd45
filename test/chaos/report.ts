import type { FaultResult, RoundResult } from './round.ts';

/** One line a kind of fault: how often it struck and was survived, how fast it went on, what was sent twice. */
export function tableOf(rounds: readonly RoundResult[]): string {
  const byKind = new Map<string, FaultResult[]>();
  for (const { faults } of rounds) {
    for (const fault of faults) byKind.set(fault.kind, [...(byKind.get(fault.kind) ?? []), fault]);
  }
  const rows = [...byKind]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([kind, results]) => rowOf(kind, results));
  const head = ['fault', 'struck', 'survived', 's to new byte, median', 'worst', 'MB twice, worst'];
  return [head, ...rows].map(lineOf).join('\n');
}

function rowOf(kind: string, results: readonly FaultResult[]): readonly string[] {
  const struck = results.filter(({ outcome }) => outcome !== 'late');
  const survived = struck.filter(({ outcome }) => outcome === 'survived');
  const seconds = survived
    .flatMap(({ secondsToNewByte }) => secondsToNewByte ?? [])
    .sort((a, b) => a - b);
  const twice = Math.max(0, ...survived.map(({ bytesTwice }) => bytesTwice));
  return [
    kind,
    String(struck.length),
    String(survived.length),
    seconds[Math.floor(seconds.length / 2)]?.toFixed(1) ?? '',
    seconds.at(-1)?.toFixed(1) ?? '',
    survived.length === 0 ? '' : (twice / 1e6).toFixed(1),
  ];
}

const WIDTHS = [30, 8, 10, 23, 8, 16];

const lineOf = (cells: readonly string[]) =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!))).join('');
