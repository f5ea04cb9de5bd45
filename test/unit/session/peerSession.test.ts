import { describe, expect, test, vi } from 'vitest';
import { encodeBase64url } from '../../../src/protocol/base64url.ts';
import { fileIndex, transferTag } from '../../../src/protocol/ids.ts';
import {
  BLOCK_BYTES,
  MAX_OPEN_PROPOSALS,
  MAX_PROPOSALS_PER_MINUTE,
  MAX_RUNNING_TRANSFERS,
} from '../../../src/protocol/limits.ts';
import type { ControlMessage, Message } from '../../../src/protocol/messages.ts';
import { contentOfItems, type OutgoingContent } from '../../../src/session/outgoingContent.ts';
import { journalEntry } from '../../contracts/journalEntries.ts';
import { settled } from '../../doubles/flowEnds.ts';
import { fileOf, filesOf, idOf } from '../../doubles/manifests.ts';
import { type End, PeerPair } from '../../doubles/peerPair.ts';

function content(name: string, count = 1, blob = new Blob(['abc'])): OutgoingContent {
  const items = Array.from({ length: count }, (_, i) => {
    const path = [`${name}${i}`];
    return { kind: 'file', path, content: blob, modifiedAt: 0 } as const;
  });
  const made = contentOfItems(items);
  if ('code' in made) throw new Error(made.code);
  return made;
}

async function connected(): Promise<PeerPair> {
  const pair = new PeerPair();
  pair.connect();
  await settled();
  return pair;
}

const phases = (end: End) => end.session.transfers.map(({ state }) => state.phase);
const types = (end: End) => end.sent.map(({ type }) => type);

const proposal = (letter: string, change: Partial<Message<'propose'>> = {}): ControlMessage => ({
  type: 'propose',
  transfer: idOf(letter),
  tag: transferTag(0),
  fileCount: 1,
  totalBytes: 3,
  blockBytes: BLOCK_BYTES,
  parts: 1,
  ...change,
});
const part = (letter: string, name = 'a'): ControlMessage => ({
  type: 'manifest',
  transfer: idOf(letter),
  part: 0,
  files: [fileOf(3, name)],
});
const letterOf = (i: number) => String.fromCharCode(65 + (i % 26) + (i >= 26 ? 32 : 0));

async function propose(end: End, letter: string): Promise<void> {
  end.inject(proposal(letter));
  end.inject(part(letter));
  await settled();
}

/** The far person's answer to every open proposal. */
async function answerAll(end: End, isTaken: boolean): Promise<void> {
  for (const transfer of end.session.transfers) {
    if (transfer.direction !== 'receive' || transfer.state.phase !== 'proposed') continue;
    if (isTaken) transfer.accept(filesOf(transfer.manifest.files.length, [0]));
    else transfer.dispatch({ type: 'declined' });
  }
  await settled();
}

describe('a session with a peer', () => {
  test('the peer hears that it is accepted before anything is drawn', async () => {
    const pair = await connected();
    pair.near.session.offer(content('a'));
    await settled();
    const { sent, shown } = pair.far;
    const [sentBefore, shownBefore] = [sent.length, shown.length];
    await answerAll(pair.far, true);
    expect(sent.slice(sentBefore).map(({ type }) => type)).toEqual(['accept']);
    expect(shown.slice(shownBefore)).toEqual([]);
    await vi.waitFor(() => expect(shown.slice(shownBefore)).toEqual([sentBefore + 1]));
  });

  test('the first bytes leave before the sender draws that it was accepted', async () => {
    const pair = await connected();
    pair.near.session.offer(content('a'));
    await settled();
    const { plane, shown } = pair.near;
    const shownBefore = shown.length;
    await answerAll(pair.far, true);
    expect(plane.sends).toHaveLength(1);
    expect(shown).toHaveLength(shownBefore);
    await vi.waitFor(() => expect(shown.length).toBeGreaterThan(shownBefore));
  });

  test('both ends get ready while the person decides', async () => {
    const pair = await connected();
    pair.near.session.offer(content('a'));
    await settled();
    const [sent] = pair.near.session.transfers;
    expect(pair.near.plane.prepared).toMatchObject([{ manifest: { id: sent?.manifest.id } }]);
    expect(pair.far.plane.prepared).toMatchObject([
      { manifest: { id: sent?.manifest.id }, peerName: 'near' },
    ]);
  });

  test('[R2] what is declined is forgotten, with a link and without one', async () => {
    const pair = await connected();
    for (const name of ['a', 'b']) pair.near.session.offer(content(name));
    await settled();
    const [a, b] = pair.far.session.transfers;
    if (a?.direction !== 'receive' || b?.direction !== 'receive') throw new Error('two incoming');
    a.dispatch({ type: 'declined' });
    await settled();
    pair.drop();
    await settled();
    b.dispatch({ type: 'declined' });
    await settled();
    expect(pair.far.plane.discarded).toEqual([a.manifest.id, b.manifest.id]);
  });

  test('a proposal that an earlier page got is decided on once it comes again', async () => {
    const pair = await connected();
    pair.near.session.offer(content('a'));
    await settled();
    const [known] = pair.far.session.transfers.splice(0);
    const { manifest } = known!;
    pair.drop();
    await settled();
    const entry = { ...journalEntry(), manifest, phase: 'proposed' } as const;
    const restored = pair.far.session.restoreIncoming(
      { ...entry, wanted: new Uint8Array(1), held: new Uint8Array(1) },
      undefined,
      false,
    );
    expect(restored.state).toMatchObject({ phase: 'waiting', isAccepted: false });
    pair.connect();
    await settled();
    expect(pair.far.session.transfers).toEqual([restored]);
    expect(restored.state).toEqual({ phase: 'proposed' });
    await answerAll(pair.far, true);
    expect(pair.far.plane.receives).toMatchObject([{ manifest: { id: manifest.id } }]);
    expect(pair.near.plane.sends).toHaveLength(1);
  });

  test('many files are handed to the data plane only once', async () => {
    const pair = await connected();
    // Too much to be read at once when it is picked.
    pair.near.session.offer(content('a', 65, new Blob([new Uint8Array(300_000)])));
    await settled();
    expect(pair.near.plane.prepared).toEqual([]);
    await answerAll(pair.far, true);
    expect(pair.near.plane.sends).toMatchObject([{ blobs: { length: 65 } }]);
  });

  test('[C3] says hello before anything else', async () => {
    const pair = new PeerPair();
    pair.near.session.offer(content('a'));
    pair.connect();
    await settled();
    expect(pair.near.sent[0]).toEqual({ type: 'hello', device: 'near', windowBytes: 2 ** 20 });
    expect(pair.far.session.name).toBe('near');
  });

  test('takes the shortest answer for the path, whether ICE or the peer gave it', async () => {
    const { near } = await connected();
    near.answerPing(5);
    expect(near.session.path).toBeUndefined();
    near.findPath({ kind: 'direct', roundTripMs: 12 });
    near.answerPing(30);
    expect(near.session.path).toEqual({ kind: 'direct', roundTripMs: 12 });
    near.answerPing(3);
    expect(near.session.path).toEqual({ kind: 'direct', roundTripMs: 3 });
    near.findPath({ kind: 'direct', roundTripMs: 14 });
    expect(near.session.path).toEqual({ kind: 'direct', roundTripMs: 3 });
    near.findPath({ kind: 'relay', roundTripMs: 40 });
    expect(near.session.path).toEqual({ kind: 'relay', roundTripMs: 40 });
  });

  test('[P1] shows a proposal once all of its manifest is there', async () => {
    const { near, far } = await connected();
    near.inject(proposal('A'));
    await settled();
    expect(phases(far)).toEqual([]);
    near.inject(part('A'));
    await settled();
    expect(phases(far)).toEqual(['proposed']);
  });

  test('[P3] [S2] [R3] nothing is sent before the accept, which comes after the store is open', async () => {
    const { near, far } = await connected();
    near.session.offer(content('a', 2));
    await settled();
    expect([near.plane.sends, far.plane.receives]).toEqual([[], []]);
    await answerAll(far, true);
    expect(far.plane.receives).toHaveLength(1);
    expect(near.plane.sends).toHaveLength(1);
    expect([phases(near), phases(far)]).toEqual([['transferring'], ['transferring']]);
    expect(near.session.transfers[0]?.progress.totalBytes).toBe(3);
  });

  test.each([
    ['files of another number', 'AQE', ''],
    ['a file past the last', encodeBase64url(Uint8Array.of(0b10)), 'AQ'],
    ['too few blocks', 'AQ', ''],
    ['no base64url', 'A', 'AQ'],
  ])('[P3] [B1] an accept of %s ends the link', async (_why, wanted, held) => {
    const { near, far } = await connected();
    near.session.offer(content('a'));
    await settled();
    const { id } = near.session.transfers[0]!.manifest;
    far.inject({ type: 'accept', transfer: id, wanted, held, samples: [] });
    await settled();
    expect(near.lost).toEqual([{ code: 'rule-broken', rule: 'P3' }]);
  });

  test('[P2] a sender waits with what would be one proposal too many', async () => {
    const { near, far } = await connected();
    for (let i = 0; i < 11; i += 1) near.session.offer(content(`${i}`));
    await settled();
    const proposed = () => types(near).filter((type) => type === 'propose').length;
    expect(proposed()).toBe(MAX_OPEN_PROPOSALS);
    await answerAll(far, false);
    expect(proposed()).toBe(11);
    expect([...near.lost, ...far.lost]).toEqual([]);
  });

  test('[P2] one unanswered proposal too many ends the link, also when its manifest is not there', async () => {
    const { near, far } = await connected();
    for (let i = 0; i < MAX_OPEN_PROPOSALS - 1; i += 1) await propose(near, letterOf(i));
    near.inject(proposal('Y'));
    await settled();
    expect(far.lost).toEqual([]);
    near.inject(proposal('Z'));
    await settled();
    expect(far.lost).toEqual([{ code: 'rule-broken', rule: 'P2' }]);
  });

  test('[P2] one proposal too many within a minute ends the link', async () => {
    const pair = await connected();
    const { near, far } = pair;
    for (let i = 0; i < MAX_PROPOSALS_PER_MINUTE; i += 1) {
      await propose(near, letterOf(i));
      await answerAll(far, false);
    }
    expect(far.lost).toEqual([]);
    pair.now = 60_000;
    await propose(near, '-');
    expect(far.lost).toEqual([]);
    pair.now = 59_999 + 60_000;
    for (let i = 0; i < MAX_PROPOSALS_PER_MINUTE; i += 1) {
      await propose(near, i < 10 ? `${i}` : letterOf(i + 22));
      await answerAll(far, false);
    }
    expect(far.lost).toEqual([{ code: 'rule-broken', rule: 'P2' }]);
  });

  test('[P2] one open transfer too many ends the link', async () => {
    const pair = await connected();
    const { near, far } = pair;
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    expect(letters).toHaveLength(MAX_RUNNING_TRANSFERS);
    for (const letter of letters) {
      pair.now += 60_000;
      await propose(near, letter);
      await answerAll(far, true);
    }
    expect(far.lost).toEqual([]);
    const id = `${'A'.repeat(21)}B` as ReturnType<typeof idOf>;
    pair.now += 60_000;
    near.inject(proposal('A', { transfer: id }));
    await settled();
    expect(far.lost).toEqual([{ code: 'rule-broken', rule: 'P2' }]);
  });

  test('[P2] [P4] a link that comes and goes makes no flood of what is proposed again', async () => {
    const pair = await connected();
    for (let i = 0; i < 12; i += 1) pair.near.session.offer(content(`${i}`));
    await settled();
    for (let i = 0; i < 6; i += 1) {
      pair.drop();
      await settled();
      expect(new Set(phases(pair.far))).toEqual(new Set(['waiting']));
      pair.connect();
      await settled();
      expect(phases(pair.far)).toEqual(Array(MAX_OPEN_PROPOSALS).fill('proposed'));
    }
    const reasons = [...pair.near.lost, ...pair.far.lost].map(({ code }) => code);
    expect(new Set(reasons)).toEqual(new Set(['peer-gone']));
    for (let i = 0; i < 3; i += 1) await answerAll(pair.far, true);
    expect(phases(pair.near)).toEqual(Array(12).fill('transferring'));
  });

  test('[P4] on a new link both go on by themselves, under a fresh tag', async () => {
    const pair = await connected();
    pair.near.session.offer(content('a'));
    await settled();
    await answerAll(pair.far, true);
    pair.drop();
    await settled();
    expect([phases(pair.near), phases(pair.far)]).toEqual([['waiting'], ['waiting']]);
    pair.connect();
    await settled();
    expect([phases(pair.near), phases(pair.far)]).toEqual([['transferring'], ['transferring']]);
    const tags = pair.near.plane.sends.map(({ tag }) => tag);
    expect(new Set(tags).size).toBe(2);
    expect(pair.far.plane.receives.map(({ tag }) => tag)).toEqual(tags);
  });

  test('[P4] the same id with other files ends the link', async () => {
    const { near, far } = await connected();
    await propose(near, 'A');
    near.inject(proposal('A'));
    near.inject(part('A', 'b'));
    await settled();
    expect(far.lost).toEqual([{ code: 'rule-broken', rule: 'P4' }]);
  });

  test.each<[string, string, ControlMessage[]]>([
    ['[M4] entries nobody proposed', 'M4', [part('A')]],
    [
      '[M4] the second part first',
      'M4',
      [proposal('A', { parts: 2 }), { ...part('A'), part: 1 } as ControlMessage],
    ],
    ['[M3] other sizes than proposed', 'M3', [proposal('A', { totalBytes: 4 }), part('A')]],
    ['[M1] fewer entries than proposed', 'M1', [proposal('A', { fileCount: 2 }), part('A')]],
    ['[G2] another block size', 'G2', [proposal('A', { blockBytes: 2 * BLOCK_BYTES }), part('A')]],
    ['[P2] the same proposal before its manifest', 'P2', [proposal('A'), proposal('A')]],
  ])('%s end the link', async (_why, rule, messages) => {
    const { near, far } = await connected();
    for (const message of messages) near.inject(message);
    await settled();
    expect(far.lost).toEqual([{ code: 'rule-broken', rule }]);
    expect(phases(far)).toEqual([]);
  });

  test('[P5] a cancel said while the link was down is said on the next one', async () => {
    for (const who of ['near', 'far'] as const) {
      const pair = await connected();
      pair.near.session.offer(content('a'));
      await settled();
      await answerAll(pair.far, true);
      pair.drop();
      await settled();
      pair[who].session.transfers[0]!.dispatch({ type: 'cancelled' });
      await settled();
      pair.connect();
      await settled();
      expect([phases(pair.near), phases(pair.far)]).toEqual([['failed'], ['failed']]);
    }
  });

  test('[P6] [R4] [S4] the sender is done when the receiver has stored everything', async () => {
    const { near, far } = await connected();
    near.session.offer(content('a'));
    await settled();
    await answerAll(far, true);
    const { id } = far.session.transfers[0]!.manifest;
    far.plane.listener.stored(id, new Blob(['abc']));
    await settled();
    expect([phases(near), phases(far)]).toEqual([['done'], ['done']]);
  });

  test('[P7] what is said about a transfer nobody knows changes nothing', async () => {
    const { near, far } = await connected();
    const transfer = idOf('X');
    far.inject({ type: 'accept', transfer, wanted: '', held: '', samples: [] });
    for (const type of ['decline', 'pause', 'continue', 'complete'] as const)
      far.inject({ type, transfer });
    far.inject({ type: 'cancel', transfer, reason: 9 });
    far.inject({ type: 'lose-file', transfer, file: 3 });
    await settled();
    expect(near.lost).toEqual([]);
    expect(phases(near)).toEqual([]);
  });

  test('[P9] one file that cannot be read is left out, and the others go on', async () => {
    const { near, far } = await connected();
    near.session.offer(content('a', 2));
    await settled();
    const transfer = far.session.transfers[0]!;
    if (transfer.direction === 'receive') transfer.accept(filesOf(2, [0, 1]));
    await settled();
    const [job] = near.plane.sends;
    near.plane.listener.sendFailed(job!.tag, { code: 'source-changed', name: 'a0' });
    await settled();
    expect([phases(near), phases(far)]).toEqual([['transferring'], ['transferring']]);
    expect(transfer.progress.wanted.has(fileIndex(0))).toBe(false);
    expect(near.session.transfers[0]!.progress.totalBytes).toBe(3);
    near.plane.listener.sendFailed(job!.tag, { code: 'source-changed', name: 'a1' });
    await settled();
    expect([phases(near), phases(far)]).toEqual([['failed'], ['failed']]);
  });

  test('many small files are sent once they are read, however the person decided meanwhile', async () => {
    const inOne = new Blob(['abc']);
    for (const [event, sent, paused] of [
      [undefined, 1, 0],
      ['paused', 1, 1],
      ['cancelled', 0, 0],
    ] as const) {
      const { near, far } = await connected();
      let read: (bundle: Blob) => void = () => {};
      const bundle = new Promise<Blob>((resolve) => {
        read = resolve;
      });
      near.session.offer({ ...content('a'), bundle });
      await settled();
      await answerAll(far, true);
      expect(near.plane.sends).toEqual([]);
      if (event !== undefined) near.session.transfers[0]!.dispatch({ type: event });
      await settled();
      near.plane.pauses.length = 0;
      read(inOne);
      await settled();
      expect(near.plane.sends.map(({ blobs }) => blobs)).toEqual(Array(sent).fill(inOne));
      expect(near.plane.pauses).toHaveLength(paused);
    }
  });

  test('small files that could not be read ahead are read as they are sent', async () => {
    const { near, far } = await connected();
    near.session.offer({ ...content('a'), bundle: Promise.resolve(undefined) });
    await settled();
    await answerAll(far, true);
    expect(near.plane.sends[0]?.blobs).toHaveLength(1);
  });
});
