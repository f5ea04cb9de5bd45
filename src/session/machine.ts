export interface MachineParts<State, Event, Effect> {
  readonly initial: State;
  /** Pure. No clock, no I/O, no throw. */
  step(state: State, event: Event): readonly [State, readonly Effect[]];
  /** Does one effect. It may dispatch events but must not await them: that would wait on itself. */
  perform(effect: Effect): Promise<void> | void;
  /** Turns a failed effect into the event that reports it. Rethrows what is a bug, not a fault. */
  failed(error: unknown): Event;
  changed(state: State): void;
}

/**
 * Drives a pure `step` function: applies one event, performs every effect it asked for, in order, and only
 * then takes the next event. Events that arrive meanwhile wait in line. An effect that fails cancels
 * the effects behind it and becomes an event itself.
 */
export class Machine<State, Event, Effect> {
  readonly #parts: MachineParts<State, Event, Effect>;
  #state: State;
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: MachineParts<State, Event, Effect>) {
    this.#parts = parts;
    this.#state = parts.initial;
  }

  get state(): State {
    return this.#state;
  }

  /** A bug in an effect surfaces as an unhandled rejection, which is where the crash screen listens. */
  dispatch(event: Event): void {
    this.#tail = this.#tail.then(() => this.#apply(event));
  }

  async #apply(event: Event): Promise<void> {
    const [next, effects] = this.#parts.step(this.#state, event);
    if (next !== this.#state) {
      this.#state = next;
      this.#parts.changed(next);
    }
    try {
      for (const effect of effects) await this.#parts.perform(effect);
    } catch (error) {
      await this.#apply(this.#parts.failed(error));
    }
  }
}
