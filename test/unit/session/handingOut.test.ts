import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SavedFile, Saver, Saving } from '../../../src/ports/saver.ts';
import { type Fault, TransferError } from '../../../src/protocol/faults.ts';
import { fileIndex } from '../../../src/protocol/ids.ts';
import { HandingOut } from '../../../src/session/handingOut.ts';
import { ReceiveTransfer } from '../../../src/session/receiveTransfer.ts';
import { TransferViews } from '../../../src/session/transferViews.ts';
import { journalEntry } from '../../contracts/journalEntries.ts';
import { manifestOfSizes } from '../../doubles/manifests.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A received transfer of files of these sizes, and a saver that does what the test says. */
function newStage(sizes: readonly number[]) {
  const manifest = manifestOfSizes(sizes, 8);
  const content = new Blob(['x'.repeat(manifest.totalBytes)]);
  const entry = { ...journalEntry(), manifest, phase: 'done' } as const;
  const transfer = ReceiveTransfer.restored(
    { ...entry, wanted: Uint8Array.of(0xff).fill(2 ** sizes.length - 1), held: Uint8Array.of(0) },
    content,
    false,
    {} as never,
  );
  const faults: Fault[] = [];
  const shown: (number | undefined)[] = [];
  const savings: { files: readonly SavedFile[]; saving: Saving }[] = [];
  const ends: { resolve(): void; reject(error: unknown): void }[] = [];
  const saver: Saver = {
    canPickFolder: true,
    download: async () => {},
    downloadZip: (_name, files, _folders, saving) => {
      savings.push({ files, saving });
      return new Promise((resolve, reject) => {
        saving.signal.addEventListener('abort', () => reject(saving.signal.reason));
        ends.push({ resolve, reject });
      });
    },
    saveToFolder: async () => false,
  };
  const handingOut = new HandingOut({
    saver,
    views: new TransferViews(() => 0),
    changed: () => shown.push(transfer.savingShare),
    failed: (fault) => faults.push(fault),
  });
  const isSaved = () => sizes.map((_, i) => transfer.saved.has(fileIndex(i)));
  return { transfer, handingOut, faults, shown, savings, ends, isSaved };
}

test('a ZIP that takes a while shows how far it is, and one that does not shows nothing', async () => {
  const { transfer, handingOut, shown, savings, ends, isSaved } = newStage([3, 5]);
  handingOut.saveAll(transfer);
  expect(handingOut.isBusy).toBe(true);
  savings[0]?.saving.progressed(0.25);
  expect(shown).toEqual([]);
  vi.advanceTimersByTime(300);
  savings[0]?.saving.progressed(0.5);
  expect(shown).toEqual([0.25, 0.5]);
  ends[0]?.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect([shown.at(-1), handingOut.isBusy, isSaved()]).toEqual([undefined, false, [true, true]]);

  const quick = newStage([3, 5]);
  quick.handingOut.saveAll(quick.transfer);
  quick.ends[0]?.resolve();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(quick.shown).toEqual([undefined]);
});

test('files are told by their place in what was received', () => {
  const { transfer, handingOut, savings } = newStage([3, 5]);
  handingOut.saveAll(transfer);
  const [first, second] = savings[0]!.files;
  expect([first?.start, first?.end, second?.start, second?.end]).toEqual([0, 3, 3, 8]);
  expect(first?.content).toBe(second?.content);
});

test('two taps make one ZIP, and another one once it is out', async () => {
  const { transfer, handingOut, savings, ends } = newStage([3, 5]);
  handingOut.saveAll(transfer);
  handingOut.saveAll(transfer);
  expect(savings).toHaveLength(1);
  ends[0]?.resolve();
  await vi.advanceTimersByTimeAsync(0);
  handingOut.saveAll(transfer);
  expect(savings).toHaveLength(2);
});

test('saving that is cancelled is no fault, and saves nothing', async () => {
  const { transfer, handingOut, faults, isSaved } = newStage([3, 5]);
  handingOut.saveAll(transfer);
  handingOut.cancel(transfer);
  await vi.advanceTimersByTimeAsync(0);
  expect([faults, isSaved(), handingOut.isBusy]).toEqual([[], [false, false], false]);
});

test('a device that is full is told, and nothing counts as saved', async () => {
  const { transfer, handingOut, faults, ends, isSaved } = newStage([3, 5]);
  handingOut.saveAll(transfer);
  ends[0]?.reject(new TransferError({ code: 'disk-full', neededBytes: 8 }));
  await vi.advanceTimersByTimeAsync(0);
  expect([faults, isSaved()]).toEqual([[{ code: 'disk-full', neededBytes: 8 }], [false, false]]);
});

test('a folder picker that is dismissed saves nothing', async () => {
  const { transfer, handingOut, isSaved, faults } = newStage([3, 5]);
  handingOut.saveToFolder(transfer);
  await vi.advanceTimersByTimeAsync(0);
  expect([faults, isSaved()]).toEqual([[], [false, false]]);
});
