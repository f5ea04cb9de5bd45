/** Size of the one shared Blob of zeros that fills holes, in bytes. */
const ZERO_BYTES = 4 * 1024 * 1024;

/** `content` made exactly `sizeBytes` long: parts nobody wanted were never written and read as zeros. */
export function zeroPadded(content: Blob, sizeBytes: number): Blob {
  if (content.size === sizeBytes) return content;
  if (content.size > sizeBytes) return content.slice(0, sizeBytes);
  return new Blob([content, ...zeroParts(sizeBytes - content.size)]);
}

/**
 * The whole stream from equal segments, the last one shorter. Missing segments become zeros, which share one Blob
 * and so cost no memory.
 */
export function joinSegments(
  segments: ReadonlyMap<number, Blob>,
  segmentBytes: number,
  sizeBytes: number,
): Blob {
  const parts: Blob[] = [];
  for (let at = 0; at < sizeBytes; at += segmentBytes) {
    const length = Math.min(segmentBytes, sizeBytes - at);
    const segment = segments.get(at / segmentBytes);
    if (segment === undefined) parts.push(...zeroParts(length));
    else parts.push(zeroPadded(segment, length));
  }
  return new Blob(parts);
}

let zeros: Blob | undefined;

function zeroParts(sizeBytes: number): Blob[] {
  zeros ??= new Blob([new Uint8Array(ZERO_BYTES)]);
  const parts: Blob[] = Array(Math.floor(sizeBytes / ZERO_BYTES)).fill(zeros);
  parts.push(zeros.slice(0, sizeBytes % ZERO_BYTES));
  return parts;
}
