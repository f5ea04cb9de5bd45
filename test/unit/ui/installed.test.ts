import { expect, test } from 'vitest';
import { calls, runningCount } from '../../../src/ui/models/attention.ts';
import { hasSucceeded, isAtWork } from '../../../src/ui/models/atWork.ts';
import { englishFor } from '../../../src/ui/words/language.ts';
import { aFile, anId, aPeer, aShare, aTransfer, aView } from '../../doubles/fakeApp.ts';

const english = englishFor(['en']);

const textsOf = (before: Parameters<typeof calls>[0], after: Parameters<typeof calls>[1]) =>
  calls(before, after, english).map(({ text }) => text.replaceAll(/[\u2068\u2069]/g, ''));

test('a reload would interrupt a share, a join, a peer and an open transfer, and nothing else', () => {
  expect(isAtWork(aView())).toBe(false);
  expect(isAtWork(aView({ share: aShare() }))).toBe(true);
  expect(isAtWork(aView({ join: { phase: 'confirming', mode: 'link', fault: undefined } }))).toBe(
    true,
  );
  expect(isAtWork(aView({ peers: [aPeer()] }))).toBe(true);
  expect(isAtWork(aView({ peers: [aPeer({ phase: 'gone' })] }))).toBe(false);
  const phases = {
    proposed: true,
    transferring: true,
    paused: true,
    waiting: true,
    done: false,
    declined: false,
    failed: false,
  } as const;
  for (const [phase, isOpen] of Object.entries(phases)) {
    // Boundary: `Object.entries` forgets the type of the keys.
    const transfers = [aTransfer({ phase: phase as keyof typeof phases })];
    expect([phase, isAtWork(aView({ transfers }))]).toEqual([phase, isOpen]);
  }
});

test('a success is one with nothing left to save', () => {
  const received = {
    direction: 'receive',
    phase: 'done',
    isSavable: true,
    files: [aFile(0, 'a', 1), aFile(1, 'b', 1), aFile(2, 'empty', 0, { kind: 'folder' })],
  } as const;
  const after = (part: Parameters<typeof aTransfer>[0]) =>
    hasSucceeded(aView({ transfers: [aTransfer({ ...received, ...part })] }));
  expect(hasSucceeded(aView())).toBe(false);
  expect(after({})).toBe(false);
  expect(after({ isSaved: (file) => file !== 2 })).toBe(true);
  expect(after({ isSaved: (file) => file === 0 })).toBe(false);
  expect(after({ isSaved: (file) => file === 0, isWanted: (file) => file === 0 })).toBe(true);
  expect(after({ kind: 'text' })).toBe(true);
  expect(hasSucceeded(aView({ transfers: [aTransfer({ phase: 'done' })] }))).toBe(true);
  const another = aTransfer({ id: anId('B'), phase: 'waiting' });
  expect(hasSucceeded(aView({ transfers: [aTransfer({ phase: 'done' }), another] }))).toBe(false);
});

test('the badge counts what moves', () => {
  const transfers = [aTransfer(), aTransfer({ phase: 'paused' }), aTransfer({ phase: 'done' })];
  expect(runningCount(aView({ transfers }))).toBe(1);
});

test('a person is called for an offer, for missing files and for the end, once each', () => {
  const at = (part: Parameters<typeof aTransfer>[0]) =>
    aView({ transfers: [aTransfer({ direction: 'receive', ...part })] });
  const offered = at({ phase: 'proposed' });
  const running = at({ phase: 'transferring', bytes: 5 });
  const done = at({ phase: 'done' });

  expect(textsOf(aView(), offered)).toEqual(["Mira's phone wants to send you Holiday.mov"]);
  expect(textsOf(offered, offered)).toEqual([]);
  expect(textsOf(offered, running)).toEqual([]);
  expect(textsOf(running, done)).toEqual(['Holiday.mov: Received']);
  expect(textsOf(running, at({ phase: 'failed' }))).toEqual(['Holiday.mov: Stopped']);
  expect(textsOf(aView(), aView({ transfers: [aTransfer({ phase: 'proposed' })] }))).toEqual([]);
  const gone = { code: 'peer-gone', silentMs: 8000 } as const;
  const needed = { code: 'source-needed', names: ['Holiday.mov'] } as const;
  expect(textsOf(running, at({ phase: 'waiting', fault: gone }))).toEqual([]);
  expect(textsOf(running, at({ phase: 'waiting', fault: needed }))).toHaveLength(1);
});
