import { expect, test, vi } from 'vitest';
import type { ManifestFile } from '../../src/protocol/manifest.ts';
import { BlobSource } from '../../src/storage/blobSource.ts';
import { expectSame, noise } from '../contracts/noise.ts';
import { sourceContract } from '../contracts/sourceContract.ts';

const entry = (name: string, sizeBytes: number): ManifestFile => ({
  kind: 'file',
  path: ['folder', name],
  sizeBytes,
  modifiedAt: 0,
});

function sourceOf(sizes: readonly number[], stream: Uint8Array<ArrayBuffer>): BlobSource {
  let at = 0;
  const blobs = sizes.map((size) => {
    at += size;
    return new Blob([stream.subarray(at - size, at)]);
  });
  return new BlobSource(
    sizes.map((size, i) => entry(`${i}.bin`, size)),
    blobs,
  );
}

sourceContract('picked files', async (sizes, stream) => sourceOf(sizes, stream));

test('a block over 2,000 files is read in a few dozen requests', async () => {
  const stream = noise(1024 * 1024);
  const sizes = Array.from({ length: 2000 }, () => 524);
  const source = sourceOf([...sizes, stream.byteLength - 524 * 2000], stream);
  const reads = vi.spyOn(Blob.prototype, 'arrayBuffer');
  try {
    expectSame(await source.read(0, stream.byteLength), stream);
    // Not one request a file: that is what makes small files fast.
    expect(reads).toHaveBeenCalledTimes(Math.ceil(2_000 / 32));
  } finally {
    reads.mockRestore();
  }
});

test('a file of another size than promised is named', async () => {
  const files = [entry('a', 10), entry('b', 10), entry('c', 10)];
  const blobs = [new Blob(['0123456789']), new Blob(['012']), new Blob(['0123456789'])];
  const source = new BlobSource(files, blobs);
  expect(await source.read(0, 10)).toEqual(new TextEncoder().encode('0123456789'));
  await expect(source.read(5, 15)).rejects.toMatchObject({
    fault: { code: 'source-changed', name: 'folder/b' },
  });
});

test('a file on the disk that changed after it was picked is named', async () => {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle('picked.txt', { create: true });
  const write = async (text: string) => {
    const writable = await handle.createWritable();
    await writable.write(text);
    await writable.close();
  };
  await write('0123456789');
  const picked = await handle.getFile();
  const small = new Blob(['abc']);
  const source = new BlobSource(
    [entry('a', 3), entry('b', 10), entry('c', 3)],
    [small, picked, small],
  );
  expect(await source.read(0, 16)).toEqual(new TextEncoder().encode('abc0123456789abc'));
  const changed = { fault: { code: 'source-changed', name: 'folder/b' } };

  // The browser compares the time of the last change, which some disks keep in whole seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await write('9876543210');
  await expect(source.read(0, 16)).rejects.toMatchObject(changed);
  await expect(source.read(4, 6)).rejects.toMatchObject(changed);
  expect(await source.read(0, 3)).toEqual(new TextEncoder().encode('abc'));

  await root.removeEntry('picked.txt');
  await expect(source.read(0, 16)).rejects.toMatchObject(changed);
});
