import { expect, test } from 'vitest';
import { MAX_TEXT_BYTES } from '../../../src/protocol/limits.ts';
import { partsOf } from '../../../src/ui/models/links.ts';

/** Far more than any machine needs for reading a text once, ms; a slow way takes seconds. */
const PATIENCE_MS = 500;

test.each([
  ['brackets without end', `https://a${')'.repeat(MAX_TEXT_BYTES)}x`],
  ['brackets to the end', `https://a${')'.repeat(MAX_TEXT_BYTES)}`],
  ['addresses', 'http://a.b, '.repeat(MAX_TEXT_BYTES / 12)],
  ['beginnings of addresses', 'https://'.repeat(MAX_TEXT_BYTES / 8)],
  ['nothing', ' '.repeat(MAX_TEXT_BYTES)],
])('the longest text of %s is read at once, and all of it is kept', (_what, text) => {
  const startedAt = performance.now();
  const parts = partsOf(text);
  expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS);
  expect(parts.map((part) => part.text).join('')).toBe(text);
});

test.each([
  'javascript:alert(1)',
  'data:text/html,<script>',
  'blob:https://a/b',
  'file:///etc',
  'intent://a#Intent;end',
])('nothing in %s is a link to anything but the web', (text) => {
  for (const { href = 'https:' } of partsOf(text)) expect(href).toMatch(/^https?:/);
});
