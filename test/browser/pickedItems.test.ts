/// <reference types="@vitest/browser-playwright" />
import { expect, test } from 'vitest';
import { cdp, server } from 'vitest/browser';
import type { FoundItem } from '../../src/ports/pickedItem.ts';
import { MAX_FILES, MAX_PATH_DEPTH } from '../../src/protocol/limits.ts';
import {
  itemsOfClipboard,
  itemsOfDataTransfer,
  itemsOfFileList,
} from '../../src/storage/pickedItems.ts';

const DROPPED = 'node_modules/.cache/sluice-dropped';
const paths = (items: readonly FoundItem[]) => items.map(({ path }) => path.join('/'));

/** Drops real files of this machine on the page, as a person does. */
async function drop(files: readonly string[]): Promise<FoundItem[]> {
  const ended = new AbortController();
  const listening = { signal: ended.signal };
  const dropped = new Promise<FoundItem[]>((resolve, reject) => {
    document.addEventListener('dragover', (event) => event.preventDefault(), listening);
    document.addEventListener(
      'drop',
      (event) => {
        event.preventDefault();
        ended.abort();
        itemsOfDataTransfer(event.dataTransfer!).then(resolve, reject);
      },
      listening,
    );
  });
  const frame = window.frameElement?.getBoundingClientRect();
  const at = { x: (frame?.x ?? 0) + 20, y: (frame?.y ?? 0) + 20 };
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await cdp().send('Input.dispatchDragEvent', { type, ...at, data });
  }
  return await dropped;
}

test('a dropped folder gives all its files, beyond the hundred a browser lists at a time', async () => {
  const { root } = server.config;
  for (let i = 0; i < 230; i += 1) {
    await server.commands.writeFile(`${root}/${DROPPED}/many/${i}.txt`, `file ${i}`);
  }
  await server.commands.writeFile(`${root}/${DROPPED}/many/deep/deeper/x.txt`, 'x');
  await server.commands.writeFile(`${root}/${DROPPED}/alone.txt`, 'alone');
  const items = await drop([`${root}/${DROPPED}/many`, `${root}/${DROPPED}/alone.txt`]);
  expect(new Set(paths(items))).toEqual(
    new Set([
      ...Array.from({ length: 230 }, (_, i) => `many/${i}.txt`),
      'many/deep/deeper/x.txt',
      'alone.txt',
    ]),
  );
  const deep = items.find(({ path }) => path.at(-1) === 'x.txt');
  expect(deep?.kind === 'file' && (await deep.content.text())).toBe('x');
});

test('files of an input keep the folders above them', async () => {
  const file = new File(['a'], 'a.txt');
  const inFolder = new File(['b'], 'b.txt');
  Object.defineProperty(inFolder, 'webkitRelativePath', { value: 'trip/day 1/b.txt' });
  expect(paths(await itemsOfFileList([file, inFolder]))).toEqual(['a.txt', 'trip/day 1/b.txt']);
});

test('no more is taken than shows that it is too much', async () => {
  const files = Array.from({ length: MAX_FILES + 50 }, () => new File([], 'x'));
  expect(await itemsOfFileList(files)).toHaveLength(MAX_FILES + 1);
});

test('pasted files are found, pasted text is not', async () => {
  const data = new DataTransfer();
  data.items.add('just text', 'text/plain');
  expect(await itemsOfClipboard(data)).toEqual([]);
  data.items.add(new File(['png'], 'image.png', { type: 'image/png' }));
  expect(paths(await itemsOfClipboard(data))).toEqual(['image.png']);
  expect(await itemsOfClipboard(null)).toEqual([]);
});

test('empty folders are listed, and a folder without end is not followed', async () => {
  expect(paths(await itemsOfDataTransfer(transferOf(folder('empty', () => []))))).toEqual([
    'empty',
  ]);
  const endless = (): object => folder('in', () => [endless()]);
  const [item, ...rest] = await itemsOfDataTransfer(transferOf(endless()));
  expect(rest).toEqual([]);
  expect(item?.kind).toBe('folder');
  expect(item?.path).toHaveLength(MAX_PATH_DEPTH + 1);
});

test('what cannot be read is named, and the rest is there', async () => {
  const broken = {
    name: 'gone.txt',
    isFile: true,
    isDirectory: false,
    file: (_found: unknown, failed: (error: Error) => void) => failed(new Error('gone')),
  };
  const locked = {
    ...folder('locked', () => []),
    createReader: () => ({
      readEntries: (_found: unknown, failed: (error: Error) => void) => failed(new Error('no')),
    }),
  };
  const trip = folder('trip', () => [broken, folder('empty', () => []), locked]);
  expect(await itemsOfDataTransfer(transferOf(trip, broken))).toEqual([
    { kind: 'unreadable', path: ['trip', 'gone.txt'] },
    { kind: 'folder', path: ['trip', 'empty'] },
    { kind: 'unreadable', path: ['trip', 'locked'] },
    { kind: 'unreadable', path: ['gone.txt'] },
  ]);
});

function folder(name: string, children: () => object[]): object {
  return {
    name,
    isFile: false,
    isDirectory: true,
    createReader: () => {
      let left = children();
      return {
        readEntries: (found: (entries: object[]) => void) => {
          found(left);
          left = [];
        },
      };
    },
  };
}

/** A transfer with entries of our making; the cast covers exactly what is read of it. */
const transferOf = (...entries: object[]): DataTransfer =>
  ({
    items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })),
  }) as unknown as DataTransfer;
