import { expect } from 'vitest';

type Step<State, Event, Effect> = (
  state: State,
  event: Event,
) => readonly [State, readonly Effect[]];

/**
 * Tries every event in every state. `table` has a line for each that means something, as
 * `'state + event'` to `'next state: effect, effect'`; every other pair must change nothing at all.
 */
export function expectTable<State, Event, Effect extends { readonly type: string }>(
  step: Step<State, Event, Effect>,
  states: Readonly<Record<string, State>>,
  events: Readonly<Record<string, Event>>,
  table: Readonly<Record<string, string>>,
): void {
  const found: Record<string, string> = {};
  for (const [stateName, state] of Object.entries(states)) {
    for (const [eventName, event] of Object.entries(events)) {
      const [next, effects] = step(state, event);
      // The same object, so that nothing is drawn again.
      if (next === state && effects.length === 0) continue;
      const name =
        Object.keys(states).find((other) => isSame(states[other], next)) ?? JSON.stringify(next);
      found[`${stateName} + ${eventName}`] = [name, effects.map(nameOf).join(', ')]
        .filter((part) => part !== '')
        .join(': ');
    }
  }
  expect(found).toEqual(table);
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const nameOf = (effect: { readonly type: string }) =>
  'reason' in effect ? `${effect.type} ${effect.reason}` : effect.type;
