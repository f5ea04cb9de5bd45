import { expect } from 'vitest';

/** Bytes that look random and are the same every time. */
export function noise(sizeBytes: number, seed = 7): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let x = (seed * 2_654_435_761) >>> 0 || 1;
  for (let i = 0; i < words.length; i += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes).slice();
}

/** `[offset, piece]` of consecutive pieces; the pieces are copies. */
export function slicesOf(
  bytes: Uint8Array<ArrayBuffer>,
  pieceBytes: number,
): (readonly [number, Uint8Array<ArrayBuffer>])[] {
  const pieces: (readonly [number, Uint8Array<ArrayBuffer>])[] = [];
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    pieces.push([at, bytes.slice(at, at + pieceBytes)]);
  }
  return pieces;
}

/** The same items, shuffled the same way every time. */
export function randomOrder<T>(items: readonly T[]): T[] {
  const keys = noise(items.length * 4, 3);
  const view = new DataView(keys.buffer);
  return items
    .map((item, i) => ({ item, key: view.getUint32(i * 4) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

export async function sha256(content: Blob | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = content instanceof Blob ? await content.arrayBuffer() : content;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Compares megabytes at once; `toEqual` takes seconds for that. */
export function expectSame(found: Uint8Array, wanted: Uint8Array): void {
  expect(found.byteLength).toBe(wanted.byteLength);
  expect(found.findIndex((byte, i) => byte !== wanted[i])).toBe(-1);
}
