import { describe, expect, test } from 'vitest';
import { parseJournalEntry } from '../../../src/storage/journalEntry.ts';
import { journalEntry } from '../../contracts/journalEntries.ts';

const entry = journalEntry();
const { manifest } = entry;

describe('journal entry', () => {
  test('a sound one is read as it was written', () => {
    expect(parseJournalEntry(structuredClone(entry))).toEqual(entry);
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['text', 'entry'],
    ['an empty object', {}],
    ['another version', { ...entry, version: 2 }],
    ['another direction', { ...entry, direction: 'send' }],
    ['no manifest', { ...entry, manifest: undefined }],
    ['a bad id', { ...entry, manifest: { ...manifest, id: '../x' } }],
    ['a wrong total', { ...entry, manifest: { ...manifest, totalBytes: manifest.totalBytes + 1 } }],
    ['blocks of no bytes', { ...entry, manifest: { ...manifest, blockBytes: 0 } }],
    ['too many blocks', { ...entry, manifest: { ...manifest, blockBytes: 1 } }],
    ['a file of another kind', withFile({ kind: 'link' })],
    ['a file without a path', withFile({ path: [] })],
    ['a path of numbers', withFile({ path: [1] })],
    ['a negative size', withFile({ sizeBytes: -1 })],
    ['a fractional size', withFile({ sizeBytes: 0.5 })],
    ['a bitmap too short', { ...entry, held: entry.held.slice(1) }],
    ['a bitmap too long', { ...entry, wanted: new Uint8Array(9) }],
    ['a bitmap that is an array', { ...entry, held: [...entry.held] }],
    ['digests of another length', { ...entry, digests: new Uint8Array(31) }],
    ['a short key', { ...entry, resumeKey: new Uint8Array(16) }],
    ['an unknown store', { ...entry, store: 'floppy' }],
    ['an unknown phase', { ...entry, phase: 'sending' }],
    ['an unknown role', { ...entry, role: 'broker' }],
    ['no word on being clean', { ...entry, isClean: undefined }],
    ['a name that is no text', { ...entry, peerName: 5 }],
    ['a time that is no number', { ...entry, touchedAt: Number.NaN }],
  ])('%s is not read', (_what, value) => {
    expect(parseJournalEntry(value)).toBeUndefined();
  });
});

function withFile(change: object): object {
  const [first, ...rest] = manifest.files;
  return { ...entry, manifest: { ...manifest, files: [{ ...first, ...change }, ...rest] } };
}
