import type { Source } from '../../ports/source.ts';

/** A source whose first bytes are read before anybody asks for them: a slow start of a disk or a browser is over then. */
export class PreparedSource implements Source {
  readonly #source: Source;
  readonly #end: number;
  #first: Promise<Uint8Array<ArrayBuffer> | undefined> | undefined;

  /** @param end of what is read now, from the start of the stream: given to the first read, if it asks for just that */
  constructor(source: Source, end: number) {
    this.#source = source;
    this.#end = end;
    // Whoever asks reads it again, and hears what is wrong.
    this.#first = source.read(0, end).catch(() => undefined);
  }

  async read(start: number, end: number, spare?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
    const first = start === 0 && end === this.#end ? this.#first : undefined;
    // Not asked for first, it may never be: a transfer that goes on has it already.
    this.#first = undefined;
    return (await first) ?? this.#source.read(start, end, spare);
  }
}
