import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes, gzipped, of the page and every script and style it names: what the home screen needs. */
export async function firstLoadBytes(dist: string): Promise<number> {
  const page = await readFile(join(dist, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)];
  const paths = ['index.html', ...new Set(named.map((match) => match[1] ?? ''))];
  const sizes = await Promise.all(
    paths.map(async (path) => gzipSync(await readFile(join(dist, path)), { level: 9 }).byteLength),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
