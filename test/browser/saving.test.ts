import { afterEach, expect, test, vi } from 'vitest';
import type { SavedFile, Saving } from '../../src/ports/saver.ts';
import { saveInto } from '../../src/storage/folderSaving.ts';
import { openOutboxFile, sweepOutbox } from '../../src/storage/outbox.ts';
import { createSaver } from '../../src/storage/saving.ts';
import { noise, sha256 } from '../contracts/noise.ts';

/** A saving that nobody stops; keeps what it was told. */
class Unhurried implements Saving {
  readonly signal = new AbortController().signal;
  readonly shares: number[] = [];
  progressed = (share: number) => {
    this.shares.push(share);
  };
}

/** A file that lies between others. */
const savedFile = (path: string, content: BlobPart, modifiedAt = 0): SavedFile => {
  const size = new Blob([content]).size;
  return {
    path: path.split('/'),
    content: new Blob(['before', content, 'after'], { type: 'text/html' }),
    start: 6,
    end: 6 + size,
    modifiedAt,
  };
};

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the browser would save: the click is caught, the bytes are fetched from the URL. */
function catchDownload(): Promise<{ name: string; content: Blob }> {
  return new Promise((resolve) => {
    const caught = async (event: Event) => {
      event.preventDefault();
      document.removeEventListener('click', caught, true);
      const anchor = event.target;
      if (!(anchor instanceof HTMLAnchorElement)) return;
      resolve({ name: anchor.download, content: await (await fetch(anchor.href)).blob() });
    };
    document.addEventListener('click', caught, true);
  });
}

test('a download has its name, its bytes, and a type no browser opens', async () => {
  const caught = catchDownload();
  await createSaver().download(savedFile('a/page.html', '<script>'));
  const { name, content } = await caught;
  expect(name).toBe('page.html');
  expect(content.type).toBe('application/octet-stream');
  expect(await content.text()).toBe('<script>');
});

test('a ZIP holds every file and folder, and equal names get numbers', async () => {
  const big = noise(9 * 1024 * 1024 + 1);
  const files = [
    savedFile('trip/film.mkv', big, Date.UTC(2024, 4, 6)),
    savedFile('trip/note.txt', 'hello'),
    savedFile('trip/NOTE.txt', 'again', -5),
    savedFile('empty', '', 9e15),
  ];
  const caught = catchDownload();
  await createSaver().downloadZip('trip.zip', files, [['trip', 'nothing here']], new Unhurried());
  const { name, content } = await caught;
  expect(name).toBe('trip.zip');
  const entries = await unzip(content);
  expect([...entries.keys()]).toEqual([
    'trip/nothing here/',
    'trip/film.mkv',
    'trip/note.txt',
    'trip/NOTE (2).txt',
    'empty',
  ]);
  expect(await sha256(entries.get('trip/film.mkv')!)).toBe(await sha256(big));
  expect(await entries.get('trip/NOTE (2).txt')!.text()).toBe('again');
  expect(entries.get('empty')!.size).toBe(0);
});

test('small files that lie side by side are read and written in few pieces', async () => {
  const content = new Blob([noise(3_000_000)]);
  const files = Array.from({ length: 1_000 }, (_, i): SavedFile => {
    const [start, end] = [i * 3_000, (i + 1) * 3_000];
    return { path: [`${i}`], content, start, end, modifiedAt: 0 };
  });
  const reads = vi.spyOn(Blob.prototype, 'arrayBuffer');
  const saving = new Unhurried();
  const caught = catchDownload();
  await createSaver().downloadZip('a.zip', files, [], saving);
  const zip = (await caught).content;
  expect(reads.mock.calls.length).toBe(1);
  expect(saving.shares.length).toBeLessThan(5);
  expect(saving.shares.at(-1)).toBe(1);
  const entries = await unzip(zip);
  expect(entries.size).toBe(1_000);
  expect(await sha256(new Blob([...entries.values()]))).toBe(await sha256(content));
});

test('a ZIP is made without files of ours where the page cannot write any', async () => {
  vi.spyOn(navigator.storage, 'getDirectory').mockRejectedValue(
    new DOMException('', 'SecurityError'),
  );
  const caught = catchDownload();
  await createSaver().downloadZip('a.zip', [savedFile('x', 'abc')], [], new Unhurried());
  const entries = await unzip((await caught).content);
  expect(await entries.get('x')!.text()).toBe('abc');
});

test('a cancelled ZIP leaves nothing and says why', async () => {
  const before = await outboxNames();
  const cancel = new AbortController();
  const files = Array.from({ length: 50 }, (_, i) => savedFile(`${i}`, noise(1024 * 1024)));
  const zip = createSaver().downloadZip('a.zip', files, [], {
    signal: cancel.signal,
    progressed: () => {},
  });
  setTimeout(() => cancel.abort('enough'), 20);
  await expect(zip).rejects.toBe('enough');
  expect(await outboxNames()).toEqual(before);
});

test('a file is deleted as soon as its writer lets go of it', async () => {
  const before = await outboxNames();
  const file = await openOutboxFile();
  // Chromium's abort() is done before the lock is gone; an open writer is the same, for longer.
  setTimeout(() => file!.writable.abort(), 200);
  await file!.discard();
  expect(await outboxNames()).toEqual(before);
});

test('the sweep takes old files and leaves those of a download that may still run', async () => {
  const file = await openOutboxFile();
  await file!.writable.close();
  const before = (await outboxNames()).length;
  await sweepOutbox();
  expect(await outboxNames()).toHaveLength(before);
  const now = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(now + 2 * 60 * 60 * 1000);
  await sweepOutbox();
  expect(await outboxNames()).toEqual([]);
});

test('a folder gets every file in its place, and nothing in it is overwritten', async () => {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(
    crypto.randomUUID(),
    { create: true },
  );
  const big = noise(20 * 1024 * 1024);
  await saveInto(
    root,
    [savedFile('trip/a.txt', 'old'), savedFile('block', 'a file')],
    [],
    new Unhurried(),
  );
  const saving = new Unhurried();
  await saveInto(
    root,
    [savedFile('trip/a.txt', 'new'), savedFile('trip/deep/film', big), savedFile('block/x', 'in')],
    [['trip', 'nothing']],
    saving,
  );
  expect(saving.shares.toSorted((a, b) => a - b)).toEqual(saving.shares);
  expect(saving.shares.at(-1)).toBe(1);
  const found = await tree(root);
  expect(new Set(found.keys())).toEqual(
    new Set([
      'block',
      'block (2)/',
      'block (2)/x',
      'trip/',
      'trip/a (2).txt',
      'trip/a.txt',
      'trip/deep/',
      'trip/deep/film',
      'trip/nothing/',
    ]),
  );
  expect(await found.get('trip/a.txt')?.text()).toBe('old');
  expect(await found.get('trip/a (2).txt')?.text()).toBe('new');
  expect(await sha256(found.get('trip/deep/film')!)).toBe(await sha256(big));
});

async function outboxNames(): Promise<string[]> {
  const root = await navigator.storage.getDirectory();
  const outbox = await root.getDirectoryHandle('sluice-out', { create: true });
  const names: string[] = [];
  for await (const name of outbox.keys()) names.push(name);
  return names;
}

async function tree(
  folder: FileSystemDirectoryHandle,
  above = '',
): Promise<Map<string, File | undefined>> {
  const found = new Map<string, File | undefined>();
  for await (const [name, handle] of folder) {
    if (handle.kind === 'file') {
      found.set(above + name, await handle.getFile());
    } else {
      found.set(`${above + name}/`, undefined);
      for (const [path, file] of await tree(handle, `${above + name}/`)) found.set(path, file);
    }
  }
  return found;
}

/** Reads a stored (uncompressed) ZIP by its central directory, as an archive program does. */
async function unzip(zip: Blob): Promise<Map<string, Blob>> {
  const view = new DataView(await zip.arrayBuffer());
  const end = view.byteLength - 22;
  expect(view.getUint32(end, true)).toBe(0x06054b50);
  const count = view.getUint16(end + 10, true);
  const entries = new Map<string, Blob>();
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i += 1) {
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    const year = (view.getUint16(at + 14, true) >> 9) + 1980;
    expect(year).toBeLessThanOrEqual(2107);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    const name = await zip.slice(at + 46, at + 46 + nameLength).text();
    const data = local + 30 + nameLength + view.getUint16(local + 28, true);
    entries.set(name, zip.slice(data, data + size));
    at += 46 + nameLength + view.getUint16(at + 30, true);
  }
  return entries;
}
