import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const CHUNK_BYTES = 1024 * 1024;

/** Pseudo-random bytes that depend on `seed` only: incompressible, and the same in every run. */
function* bytesOf(seed: string, sizeBytes: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest();
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  for (let left = sizeBytes; left > 0; left -= CHUNK_BYTES)
    yield stream.update(left < CHUNK_BYTES ? zeros.subarray(0, left) : zeros);
}

/** Writes a file whose content depends on its name and size. @returns its path */
export async function makeFile(folder: string, name: string, sizeBytes: number): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  for (const chunk of bytesOf(name, sizeBytes)) await file.write(chunk);
  await file.close();
  return path;
}

export async function sha256Of(path: string): Promise<string> {
  return sha256(createReadStream(path, { highWaterMark: CHUNK_BYTES }));
}

export async function sha256(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}

/** Names that break something somewhere: on disk, in an archive, on screen. */
const AWKWARD_NAMES = [
  'emoji 🦆🏳️‍🌈.txt',
  'שלום עולם.txt',
  'مرحبا.tar.gz',
  `${'長'.repeat(65)}.text`,
  'caf\u00e9.txt',
  'cafe\u0301.txt',
  'CON',
  'con.txt',
  'aux.h',
  '.hidden',
  '..dots',
  'trailing dot.',
  'trailing space ',
  ' leading space',
  'a:b*c?d"e<f>g|h.txt',
  'back\\slash.txt',
  'gpj.\u202Eexe',
  'zero\u200Bwidth.txt',
  'percent%2Fslash.txt',
  'no extension',
  '-dash',
  "quote ' and $(command) `.sh",
];

/** A file of {@link makeTree}. */
export interface TreeFile {
  /** With slashes, beginning with the name of the folder that is picked. */
  readonly path: string;
  readonly sha256: string;
  /** Nothing in its path needs changing on any system. */
  readonly isPlain: boolean;
}

/**
 * Fills `<folder>/tree` with `count` files in nested folders: mostly small ones with plain names, the
 * awkward ones among them, every twentieth empty. All contents but the empty ones differ.
 */
export async function makeTree(folder: string, count: number): Promise<readonly TreeFile[]> {
  const files: TreeFile[] = [];
  for (let index = 0; index < count; index += 1) {
    const awkward = AWKWARD_NAMES[index];
    const place = ['tree', `part ${index % 7}`, `deeper-${index % 3}`].slice(0, 1 + (index % 3));
    const path = [
      ...(awkward === undefined ? place : ['tree', 'odd']),
      awkward ?? `f${index}.bin`,
    ].join('/');
    const sizeBytes = index % 20 === 19 ? 0 : 1 + ((index * 2_654_435_761) % 9_000);
    const content = Buffer.concat([...bytesOf(path, sizeBytes)]);
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    const digest = createHash('sha256').update(content).digest('hex');
    files.push({ path, sha256: digest, isPlain: awkward === undefined });
  }
  return files;
}
