import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_CONTROL_CHARS,
  MAX_FILES,
  MAX_PATH_CHARS,
  MAX_PATH_DEPTH,
  MAX_TEXT_BYTES,
  MAX_TRANSFER_BYTES,
} from '../../../src/protocol/limits.ts';
import {
  blockBytesFor,
  buildManifest,
  type Manifest,
  type ManifestFile,
} from '../../../src/protocol/manifest.ts';
import { ManifestAssembly, manifestParts } from '../../../src/protocol/manifestParts.ts';
import {
  formatControlMessage,
  type Message,
  parseControlMessage,
} from '../../../src/protocol/messages.ts';
import { fileOf, idOf } from '../../doubles/manifests.ts';

const id = idOf('T');

const textOf = (sizeBytes: number): ManifestFile => ({
  kind: 'text',
  path: ['text.txt'],
  sizeBytes,
  modifiedAt: 0,
});
const folder: ManifestFile = { kind: 'folder', path: ['empty'], sizeBytes: 0, modifiedAt: 0 };

function built(files: readonly ManifestFile[]): Manifest {
  const manifest = buildManifest(id, files);
  if ('code' in manifest) throw new Error(manifest.code);
  return manifest;
}

const proposalOf = (manifest: Manifest, parts: number): Message<'propose'> => ({
  type: 'propose',
  transfer: manifest.id,
  tag: 0 as Message<'propose'>['tag'],
  fileCount: manifest.files.length,
  totalBytes: manifest.totalBytes,
  blockBytes: manifest.blockBytes,
  parts,
});

/** What the last part yields, each part having crossed the wire as text. */
function assemble(
  manifest: Manifest,
  parts: readonly Message<'manifest'>[],
  lie: Partial<Message<'propose'>> = {},
) {
  const assembly = new ManifestAssembly({ ...proposalOf(manifest, parts.length), ...lie });
  let result: ReturnType<ManifestAssembly['add']>;
  for (const part of parts) {
    const text = formatControlMessage(part);
    expect(text.length).toBeLessThanOrEqual(MAX_CONTROL_CHARS);
    const read = parseControlMessage(text);
    if (read.type !== 'manifest') throw new Error(`${read.type}`);
    result = assembly.add(read);
    if (result !== undefined) break;
  }
  return result;
}

describe('building a manifest', () => {
  test.each([
    ['[M1] no entries', [], { code: 'too-much', what: 'files' }],
    [
      '[M1] one entry too many',
      Array.from({ length: MAX_FILES + 1 }, () => fileOf(1)),
      { code: 'too-much', what: 'files' },
    ],
    [
      '[M1] entries of too many characters',
      Array.from({ length: MAX_FILES }, () => fileOf(1, 'n'.repeat(400))),
      { code: 'too-much', what: 'files' },
    ],
    [
      '[M2] too deep a path',
      [fileOf(1, ...Array.from({ length: MAX_PATH_DEPTH + 1 }, () => 'd'))],
      { code: 'too-much', what: 'path' },
    ],
    [
      '[M2] too long a path',
      [fileOf(1, 'd'.repeat(MAX_PATH_CHARS), 'n')],
      { code: 'too-much', what: 'path' },
    ],
    [
      '[M3] more than a TiB',
      [fileOf(MAX_TRANSFER_BYTES), fileOf(1)],
      { code: 'too-much', what: 'bytes' },
    ],
    ['[M5] too long a text', [textOf(MAX_TEXT_BYTES + 1)], { code: 'too-much', what: 'text' }],
  ])('refuses %s', (_why, files, fault) => {
    expect(buildManifest(id, files)).toEqual(fault);
  });

  test('[M3] [G2] adds up, and has the block size of its total', () => {
    const manifest = built([fileOf(70 * 2 ** 30), folder, textOf(5)]);
    expect(manifest.totalBytes).toBe(70 * 2 ** 30 + 5);
    expect(manifest.blockBytes).toBe(2 * 2 ** 20);
  });
});

describe('a manifest in parts', () => {
  test('[M4] ten thousand entries arrive as they left', () => {
    const files = Array.from({ length: MAX_FILES }, (_, i) =>
      fileOf(i, 'a folder', `Ärger "${i}"\u0007.txt`),
    );
    const manifest = built(files);
    const parts = manifestParts(manifest);
    expect(parts.length).toBeGreaterThan(10);
    expect(JSON.stringify(assemble(manifest, parts))).toBe(JSON.stringify(manifest));
  });

  test('[M4] entries of any length make parts of any number, all of them small enough', () => {
    const anyPath = fc.array(fc.string({ unit: 'binary', maxLength: 60 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyPath, fc.nat(), fc.nat(20)), { minLength: 1, maxLength: 12 }),
        (entries) => {
          const files = entries.flatMap(([path, size, copies]) =>
            Array.from({ length: copies + 1 }, (_, i) => fileOf(size, ...path, `${i}`)),
          );
          const manifest = buildManifest(id, files);
          if ('code' in manifest) return;
          const assembled = assemble(manifest, manifestParts(manifest));
          expect(JSON.stringify(assembled)).toBe(JSON.stringify(manifest));
        },
      ),
      { seed: 15, numRuns: 15 },
    );
  });

  const honest = built([fileOf(10), fileOf(20), folder]);
  const [whole] = manifestParts(honest);

  test.each([
    ['[M1] fewer entries than announced', { fileCount: 4 }, 'M1'],
    ['[M1] more entries than announced', { fileCount: 2 }, 'M1'],
    ['[M3] fewer bytes than announced', { totalBytes: 31 }, 'M3'],
    ['[M3] more bytes than announced', { totalBytes: 29 }, 'M3'],
    ['[G2] smaller blocks than the size asks for', { blockBytes: 2 ** 19 }, 'G2'],
    ['[G2] larger blocks than the size asks for', { blockBytes: 2 ** 21 }, 'G2'],
  ])('a proposal lies: %s', (_why, lie, rule) => {
    expect(assemble(honest, [whole!], lie)).toEqual({ rule });
  });

  test('[M4] a part that is not the next one breaks the rule', () => {
    for (const part of [1, 2]) {
      const assembly = new ManifestAssembly(proposalOf(honest, 3));
      expect(assembly.add({ ...whole!, part })).toEqual({ rule: 'M4' });
    }
    const assembly = new ManifestAssembly({ ...proposalOf(honest, 3), fileCount: 9 });
    expect(assembly.add(whole!)).toBeUndefined();
    expect(assembly.add(whole!)).toEqual({ rule: 'M4' });
  });

  test('[M4] nothing is told before the last part', () => {
    const files = Array.from({ length: 2000 }, (_, i) => fileOf(1, `${i}`.padStart(90, '0')));
    const manifest = built(files);
    const parts = manifestParts(manifest);
    const assembly = new ManifestAssembly(proposalOf(manifest, parts.length));
    const results = parts.map((part) => assembly.add(part));
    expect(parts.length).toBeGreaterThan(2);
    expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
    expect(results.at(-1)).toEqual(manifest);
  });

  test.each([
    ['a folder with bytes', { ...folder, sizeBytes: 1 }],
    ['a text over the limit', textOf(MAX_TEXT_BYTES + 1)],
  ])('[M5] refuses %s', (_why, file) => {
    const manifest: Manifest = {
      id,
      files: [file],
      totalBytes: file.sizeBytes,
      blockBytes: blockBytesFor(file.sizeBytes),
    };
    expect(assemble(manifest, manifestParts(manifest))).toEqual({ rule: 'M5' });
  });

  test('[M5] takes the longest text there is', () => {
    const manifest = built([textOf(MAX_TEXT_BYTES)]);
    expect(assemble(manifest, manifestParts(manifest))).toEqual(manifest);
  });

  test('[M1] characters are bounded while the parts come, not after', () => {
    const files = Array.from({ length: 100 }, (_, i) => fileOf(0, `${i}`.padStart(1000, 'n')));
    const assembly = new ManifestAssembly({
      ...proposalOf(honest, 4000),
      fileCount: MAX_FILES,
      totalBytes: 0,
    });
    let part = 0;
    let result: ReturnType<ManifestAssembly['add']>;
    while (result === undefined && part < 100) {
      result = assembly.add({ type: 'manifest', transfer: id, part, files });
      part += 1;
    }
    expect(result).toEqual({ rule: 'M1' });
    expect(part).toBeLessThan(45);
  });
});
