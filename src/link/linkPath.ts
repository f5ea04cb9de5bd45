import type { LinkPath } from '../ports/link.ts';

/**
 * How a connection's bytes travel, from the candidate pair ICE selected. `undefined` while there is none.
 * Firefox before 153 has no `selectedCandidatePairId`; there the nominated pair that succeeded is it.
 */
export async function linkPathOf(connection: RTCPeerConnection): Promise<LinkPath | undefined> {
  const stats = new Map<string, Readonly<Record<string, unknown>>>();
  (await connection.getStats()).forEach((entry: { id: string }) => {
    stats.set(entry.id, { ...entry });
  });
  const entries = [...stats.values()];
  const selected = entries.find((entry) => entry['type'] === 'transport')?.[
    'selectedCandidatePairId'
  ];
  const pair =
    stats.get(String(selected)) ??
    entries.find(
      (entry) =>
        entry['type'] === 'candidate-pair' &&
        entry['state'] === 'succeeded' &&
        (entry['nominated'] === true || entry['selected'] === true),
    );
  if (pair === undefined) return undefined;
  const isRelay = [pair['localCandidateId'], pair['remoteCandidateId']].some(
    (id) => stats.get(String(id))?.['candidateType'] === 'relay',
  );
  const seconds = pair['currentRoundTripTime'];
  return {
    kind: isRelay ? 'relay' : 'direct',
    roundTripMs: typeof seconds === 'number' ? seconds * 1000 : undefined,
  };
}
