import fc from 'fast-check';

/** One thing that is fed with nonsense, and what must hold whatever it is fed with. */
export interface Target {
  readonly name: string;
  /** Rejects with a counterexample, and the seed and path that lead to it again. */
  run(cases: number, seed: number): Promise<void>;
}

/** A target whose property is looked at in one go. */
export const target = <T>(
  name: string,
  given: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
): Target => ({
  name,
  run: (cases, seed) =>
    fc.assert(
      fc.asyncProperty(given, async (value) => {
        await holds(value);
      }),
      { numRuns: cases, seed, endOnFailure: true },
    ),
});

/** What a property says no to. */
export function insist(claim: boolean, what: string, ...facts: readonly unknown[]): void {
  if (!claim) throw new Error(`${what}: ${facts.map((fact) => JSON.stringify(fact)).join(' ')}`);
}

/** Bytes with some of them changed, some cut off and some put behind. */
export const spoiled = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc
    .record({
      bytes,
      // Heads are short and bodies long: half of the changes hit the first twelve bytes.
      changes: fc.array(fc.record({ at: fc.oneof(fc.nat(11), fc.nat()), value: fc.nat(255) }), {
        maxLength: 3,
      }),
      length: fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.nat() },
      ),
      tail: fc.oneof(
        { weight: 4, arbitrary: fc.constant(new Uint8Array()) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) },
      ),
    })
    .map(({ bytes: whole, changes, length, tail }) => {
      const kept = length === undefined ? whole : whole.subarray(0, length % (whole.length + 1));
      const out = new Uint8Array(kept.length + tail.length);
      out.set(kept);
      out.set(tail, kept.length);
      for (const { at, value } of changes) if (out.length > 0) out[at % out.length] = value;
      return out;
    });

/** Values JSON has, and the keys and texts that have hurt others. */
export const naughtyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>(
    null,
    -1,
    0.5,
    -0,
    2 ** 53,
    2 ** 41,
    1e308,
    '',
    '__proto__',
    'constructor',
    'x'.repeat(2_000),
    [],
    {},
    [[[[[[[[[[]]]]]]]]]],
    JSON.parse('{"__proto__":{"polluted":1}}'),
    { constructor: { prototype: { polluted: 1 } } },
    { toString: 'x', valueOf: 1, hasOwnProperty: 0, length: -1 },
  ),
);

/** A JSON object with some of its values, at any depth, replaced, dropped, or joined by others. */
export function mutated(value: unknown, random: readonly Mutation[]): unknown {
  let result = structuredClone(value);
  for (const mutation of random) result = mutatedOnce(result, mutation, mutation.at);
  return result;
}

export interface Mutation {
  readonly at: number;
  readonly kind: 'replace' | 'drop' | 'add';
  readonly value: unknown;
}

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    at: fc.nat(1_000),
    kind: fc.constantFrom('replace' as const, 'drop' as const, 'add' as const),
    value: naughtyJson,
  }),
  { maxLength: 3 },
);

function mutatedOnce(value: unknown, mutation: Mutation, at: number): unknown {
  if (typeof value !== 'object' || value === null) return mutation.value;
  const keys = Object.keys(value);
  if (keys.length === 0) return mutation.value;
  const key = keys[at % keys.length]!;
  const rest = Math.floor(at / keys.length);
  // A clone of plain JSON, whose keys are strings.
  const record = value as Record<string, unknown>;
  const child = record[key];
  if (rest % 3 !== 0 && typeof child === 'object' && child !== null)
    return { ...record, [key]: mutatedOnce(child, mutation, Math.floor(rest / 3)) };
  switch (mutation.kind) {
    case 'replace':
      return { ...record, [key]: mutation.value };
    case 'drop':
      return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
    case 'add':
      return { ...record, [`${key}2`]: mutation.value };
  }
}
