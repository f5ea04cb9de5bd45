/**
 * Reads `multipart/form-data` as it streams in, so that a shared film never lies in memory: `Request.formData()` would
 * put it there. Made for the bodies browsers write (HTML, "multipart/form-data encoding algorithm").
 */

/** One field or file. */
export interface Part {
  readonly name: string;
  /** Undefined for a field. */
  readonly fileName: string | undefined;
  /** Media type; empty when none is given. */
  readonly type: string;
  /** Its bytes. Read it to the end before the next part is asked for. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Longest head of one part, in bytes: a name, a file name, a type. */
const MAX_HEAD_BYTES = 16 * 1024;

const CR = 13;
const LINE_END = Uint8Array.of(CR, 10);
const HEAD_END = Uint8Array.of(CR, 10, CR, 10);

/** Name and file name in the order browsers write them, so that neither is found inside the other. */
const DISPOSITION = /^content-disposition: *form-data; *name="([^"]*)"(?:; *filename="([^"]*)")?/i;
const CONTENT_TYPE = /^content-type: *([^\r]*?) *$/i;

/** Says what is wrong with a body that is not `multipart/form-data`. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
}

/** The boundary a `content-type` names, or `undefined` when it is not `multipart/form-data`. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data;.*\bboundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/**
 * The parts of a body, in order.
 * @throws MultipartError when the body breaks its form or ends too early
 */
export async function* readMultipart(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  boundary: string,
): AsyncGenerator<Part, void> {
  // Every boundary ends a line; the first one has no line before it, so it is given one.
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  const input = new Input(body.getReader());
  input.unread(LINE_END);
  await skip(input, delimiter);
  for (;;) {
    const tail = await input.take(2);
    // Two dashes end the body; what follows them does not matter.
    if (tail[0] !== CR) return;
    const head = new TextDecoder().decode(await input.takeUntil(HEAD_END, MAX_HEAD_BYTES));
    yield { ...parseHead(head), body: bodyOf(input, delimiter) };
  }
}

async function skip(input: Input, delimiter: Uint8Array<ArrayBuffer>): Promise<void> {
  while ((await input.takeBefore(delimiter)) !== undefined) {
    // A preamble is for readers that know no multipart.
  }
}

function bodyOf(
  input: Input,
  delimiter: Uint8Array<ArrayBuffer>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      pull: async (controller) => {
        const bytes = await input.takeBefore(delimiter);
        if (bytes === undefined) controller.close();
        else controller.enqueue(bytes);
      },
    },
    // Nothing is read ahead: the input is shared with the part that comes after.
    { highWaterMark: 0 },
  );
}

function parseHead(head: string): Pick<Part, 'name' | 'fileName' | 'type'> {
  // Split here and not by `^`, `.` and `$`: to those U+2028 in a file's name ends a line too.
  const lines = head.split('\r\n');
  const [, name, fileName] = firstMatch(lines, DISPOSITION) ?? [];
  const [, type = ''] = firstMatch(lines, CONTENT_TYPE) ?? [];
  if (name === undefined) throw new MultipartError('a part has no name');
  return { name: unescapeName(name), fileName: fileName && unescapeName(fileName), type };
}

function firstMatch(lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match !== null) return match;
  }
  return undefined;
}

/** Browsers escape exactly these three. */
const unescapeName = (name: string) =>
  name.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');

/** The bytes still to come, with a look ahead. */
class Input {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #ahead: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>) {
    this.#reader = reader;
  }

  unread(bytes: Uint8Array<ArrayBuffer>): void {
    this.#ahead = joined(bytes, this.#ahead);
  }

  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#ahead.length < count) await this.#more();
    return this.#cut(count);
  }

  /** What comes before `mark`, which is swallowed. */
  async takeUntil(mark: Uint8Array, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const at = find(this.#ahead, mark);
      if (at >= 0 && at + mark.length <= this.#ahead.length) {
        const bytes = this.#cut(at);
        this.#cut(mark.length);
        return bytes;
      }
      if (this.#ahead.length > maxBytes) throw new MultipartError('the head of a part is too long');
      await this.#more();
    }
  }

  /** Some bytes before `mark`; `undefined` once `mark` itself was next, and is swallowed. */
  async takeBefore(mark: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (;;) {
      const at = find(this.#ahead, mark);
      if (at > 0) return this.#cut(at);
      if (at < 0 && this.#ahead.length > 0) return this.#cut(this.#ahead.length);
      if (at === 0 && this.#ahead.length >= mark.length) {
        this.#cut(mark.length);
        return undefined;
      }
      await this.#more();
    }
  }

  #cut(count: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#ahead.subarray(0, count);
    this.#ahead = this.#ahead.subarray(count);
    return bytes;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) throw new MultipartError('the body ends too early');
    this.#ahead = this.#ahead.length === 0 ? value : joined(this.#ahead, value);
  }
}

/** Where `mark`, or a beginning of it that the end cuts off, first stands in `bytes`; -1 when nowhere. */
function find(bytes: Uint8Array, mark: Uint8Array): number {
  const [first = 0] = mark;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (mark.every((byte, index) => (bytes[at + index] ?? byte) === byte)) return at;
  }
  return -1;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
