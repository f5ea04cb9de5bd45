import { expect, test } from 'vitest';
import { OpfsStore, type SyncHandle } from '../../../src/storage/opfsStore.ts';

const BLOCK = new Uint8Array(1000);

/** A handle whose disk does what a test says; the real ones are covered by the block store contract. */
function storeOn(write: () => number): OpfsStore {
  const handle: SyncHandle = {
    write,
    read: (into) => into.byteLength,
    flush: () => {},
    getSize: () => 4000,
    close: () => {},
  };
  return new OpfsStore({ getFile: async () => new File([], 'x') }, handle, 10_000, async () => {});
}

const throwing = (name: string, message: string) => () => {
  throw new DOMException(message, name);
};

const full = { fault: { code: 'disk-full', neededBytes: 6000 } };

test.each([
  ['a quota exception', throwing('QuotaExceededError', 'No capacity available')],
  ['no space on the device', throwing('NoSpaceError', '')],
  ['Firefox without space', throwing('UnknownError', 'NS_ERROR_FILE_NO_DEVICE_SPACE')],
  ['a short write', () => 999],
  ['nothing written at all', () => 0],
  ['the error number of an incognito Chromium', () => 4_294_967_288],
])('%s is disk-full, with what is still needed', async (_what, write) => {
  await expect(storeOn(write).write(4000, BLOCK)).rejects.toMatchObject(full);
});

test.each([
  [
    'a closed handle',
    throwing('InvalidStateError', 'The file was already closed'),
    'already closed',
  ],
  ['another error number', () => 4_294_967_295, '4294967295 of 1000'],
])('%s is storage-failed, in the words of the browser', async (_what, write, words) => {
  await expect(storeOn(write).write(0, BLOCK)).rejects.toMatchObject({
    fault: { code: 'storage-failed', detail: expect.stringContaining(words) },
  });
});

test('a write that was taken whole resolves', async () => {
  await storeOn(() => 1000).write(0, BLOCK);
});
