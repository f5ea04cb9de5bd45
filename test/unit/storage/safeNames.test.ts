import { expect, test } from 'vitest';
import { numberedName, UniquePaths } from '../../../src/storage/safeNames.ts';

test.each([
  ['photo.jpg', 'photo (2).jpg'],
  ['backup.tar.gz', 'backup (2).tar.gz'],
  ['README', 'README (2)'],
  ['.gitignore', '.gitignore (2)'],
  ['v1.2 final draft', 'v1.2 final draft (2)'],
  ['line\nbreak.txt', 'line\nbreak (2).txt'],
])('the second %s is %s', (name, second) => {
  expect(numberedName(name, 1)).toBe(name);
  expect(numberedName(name, 2)).toBe(second);
});

test('each path is given out once, whatever its case', () => {
  const paths = new UniquePaths();
  expect(paths.claim(['a', 'x.txt'])).toBe('a/x.txt');
  expect(paths.claim(['a', 'X.TXT'])).toBe('a/X (2).TXT');
  expect(paths.claim(['a', 'x.txt'])).toBe('a/x (3).txt');
  expect(paths.claim(['b', 'x.txt'])).toBe('b/x.txt');
});
