/** What `read` takes beside the view, where the DOM library of TypeScript does not know it yet. */
interface Least {
  /** The promise waits for this many bytes. Where it is unknown, one read brings less and others follow. */
  readonly min: number;
}

/**
 * One Blob read from front to back, once, into buffers of the caller's: memory that is used again costs a browser half
 * of what new memory does.
 */
export class BlobStream {
  readonly #reader: ReadableStreamBYOBReader;

  private constructor(reader: ReadableStreamBYOBReader) {
    this.#reader = reader;
  }

  /** @returns undefined where a Blob cannot be read into a buffer of ours */
  static open(blob: Blob): BlobStream | undefined {
    try {
      return new BlobStream(blob.stream().getReader({ mode: 'byob' }));
    } catch {
      // Safari has Blob streams that only bring buffers of their own.
      return undefined;
    }
  }

  /**
   * The next `byteCount` bytes, in the memory of `buffer`, which is detached.
   * @throws where the Blob cannot be read, or ends before that
   */
  async read(buffer: ArrayBuffer, byteCount: number): Promise<Uint8Array<ArrayBuffer>> {
    let bytes = new Uint8Array(buffer, 0, byteCount);
    for (let filled = 0; filled < byteCount; ) {
      const rest = new Uint8Array(bytes.buffer, filled, byteCount - filled);
      const least: Least = { min: rest.byteLength };
      const { done, value } = await this.#reader.read(rest, least);
      if (done || value === undefined) throw new Error();
      filled += value.byteLength;
      // The stream hands the same memory back as another buffer; it is a whole one, as ours was.
      bytes = new Uint8Array(value.buffer as ArrayBuffer, 0, byteCount);
    }
    return bytes;
  }

  /** Lets go of the Blob. */
  cancel(): void {
    // Nobody waits for a stream that is given up, and one that failed has said so to its reads.
    this.#reader.cancel().catch(() => {});
  }
}
