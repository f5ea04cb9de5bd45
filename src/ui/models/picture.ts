/** Larger pictures are not previewed: decoding them costs more than seeing them is worth. */
const MOST_BYTES = 30_000_000;
/** Bytes at the start that say what a file is. */
const HEAD_BYTES = 12;

/**
 * A received file as a picture that is safe to show in an `<img>`, or `undefined`. The type comes
 * from the bytes, never from the name or the sender; SVG is not among the types, because it is a document.
 */
export async function pictureOf(content: Blob): Promise<Blob | undefined> {
  if (content.size > MOST_BYTES) return undefined;
  const head = new Uint8Array(await content.slice(0, HEAD_BYTES).arrayBuffer());
  const type = pictureType(head);
  return type === undefined ? undefined : content.slice(0, content.size, type);
}

/** The type that the first bytes of a file claim, among those every browser decodes safely. */
export function pictureType(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'image/gif';
  if (text.startsWith('RIFF') && text.slice(8) === 'WEBP') return 'image/webp';
  if (text.slice(4) === 'ftypavif') return 'image/avif';
  return undefined;
}
