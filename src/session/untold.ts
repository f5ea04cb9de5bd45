import type { TransferId } from '../protocol/ids.ts';

/** How long a peer that is there takes to hear a message at most, and how long one that is not there is looked for, ms. */
const HEARD_MS = 5_000;
const OWED_MS = 180_000;

export interface UntoldParts {
  /** The peer hears us, as far as anybody knows. */
  isThere(): boolean;
  /** Somebody heard of what was stored for them. */
  changed(): void;
}

/**
 * Received transfers whose `complete` may not have reached the sender, which would wait for it for ever. Who is there for a while has heard it, or
 * proposes it again and hears it then (SPEC R5); who does not come within minutes has heard it before, or comes back another time.
 */
export class Untold {
  readonly #parts: UntoldParts;
  readonly #ids = new Set<TransferId>();

  constructor(parts: UntoldParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }

  add(id: TransferId): void {
    this.#ids.add(id);
    setTimeout(() => this.#told(id), OWED_MS);
    this.#lookLater();
  }

  /** There is a new link to the peer. */
  linked(): void {
    if (!this.isEmpty) this.#lookLater();
  }

  #lookLater(): void {
    setTimeout(() => {
      if (this.#parts.isThere()) for (const id of [...this.#ids]) this.#told(id);
    }, HEARD_MS);
  }

  #told(id: TransferId): void {
    if (this.#ids.delete(id)) this.#parts.changed();
  }
}
