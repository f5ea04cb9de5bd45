import { expect, test } from 'vitest';
import spec from '../src/protocol/SPEC.md?raw';

const tests = import.meta.glob<string>('./unit/**/*.test.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const sources = import.meta.glob<string>('../src/**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const idsIn = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].flatMap((match) => (match[1] ?? '').split(/, | to /)))]
    .filter((id) => id !== '')
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

const rules = idsIn(spec, /^- \*\*([A-Z]+\d+)\*\*/gm);
const code = Object.values(sources).join('\n');

test('every rule of SPEC.md is proved by a test, and every rule a test names exists', () => {
  // In a test's name, not in an index or a comment: after a quote or another rule.
  const cited = idsIn(Object.values(tests).join('\n'), /(?<=['`]|\] )\[([A-Z]+\d+)\]/g);
  expect(cited).toEqual(rules);
});

test('every rule the code cites or accuses a peer of exists', () => {
  const cited = idsIn(code, /SPEC ([A-Z]\d+(?:(?:, | to )[A-Z]\d+)*)/g);
  const accused = idsIn(code, /(?:rule: |broke(?:n)?\(|return |\? )'([A-Z]\d+)'/g);
  expect(cited.length).toBeGreaterThan(40);
  expect(accused.length).toBeGreaterThan(10);
  for (const id of [...cited, ...accused]) expect(rules).toContain(id);
});

test('no rule has its number twice', () => {
  const all = [...spec.matchAll(/^- \*\*([A-Z]+\d+)\*\*/gm)].map(([, id]) => id);
  expect(all).toHaveLength(rules.length);
});
