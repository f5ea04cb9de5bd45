import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openInboxEntry, type SharedContent, takeFromInbox } from '../../src/storage/inbox.ts';
import { followLaunches } from '../../src/storage/launches.ts';

type Consumer = (launch: {
  readonly targetURL?: string;
  readonly files?: readonly FileSystemHandle[];
}) => void;

/** Stands for the queue of an installed app, which no test browser has; hands on what it is given. */
let launch: Consumer = () => {};

const arrived = vi.fn<(content: SharedContent) => void>();
const lost = vi.fn<() => void>();

beforeEach(() => {
  vi.stubGlobal('launchQueue', {
    setConsumer: (consume: Consumer) => {
      launch = consume;
    },
  });
  history.replaceState(null, '', location.pathname);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

const bytesOf = (text: string) => new Blob([text]).stream();

async function aShare(text: string, ...files: readonly (readonly [string, string])[]) {
  const entry = await openInboxEntry();
  for (const [name, content] of files) await entry.addFile(name, 'text/plain', bytesOf(content));
  await entry.finish(text);
  return entry.id;
}

test('a share is taken whole, once', async () => {
  const id = await aShare('look', ['a.txt', 'first'], ['a.txt', 'second'], ['../x:y', '']);
  const content = await takeFromInbox(id);
  expect(content?.text).toBe('look');
  const files = (content?.items ?? []).map((item) => (item.kind === 'file' ? item : undefined));
  expect(files.map((item) => item?.path)).toEqual([['a.txt'], ['a.txt'], ['../x:y']]);
  expect(files.map((item) => item?.content.type)).toEqual(Array(3).fill('text/plain'));
  expect(await Promise.all(files.map((item) => item?.content.text()))).toEqual([
    'first',
    'second',
    '',
  ]);
  expect(await takeFromInbox(id)).toBeUndefined();
});

test('an unfinished, a discarded and an unknown share are none', async () => {
  const half = await openInboxEntry();
  await half.addFile('a', '', bytesOf('a'));
  expect(await takeFromInbox(half.id)).toBeUndefined();
  const gone = await openInboxEntry();
  await gone.finish('');
  await gone.discard();
  expect(await takeFromInbox(gone.id)).toBeUndefined();
  expect(await takeFromInbox('none')).toBeUndefined();
});

test('a page opened with a share offers it, and not again after a reload', async () => {
  location.hash = `#/shared/${await aShare('hello')}`;
  followLaunches(location.href, { arrived, lost });
  await vi.waitFor(() => expect(arrived).toHaveBeenCalledWith({ items: [], text: 'hello' }));
  expect(location.hash).toBe('');
  expect(lost).not.toHaveBeenCalled();
});

test('a share that did not arrive is said to be lost', async () => {
  location.hash = '#/shared/none';
  followLaunches(location.href, { arrived, lost });
  await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce());
  expect(arrived).not.toHaveBeenCalled();
});

test('files opened with the app are offered', async () => {
  followLaunches(location.href, { arrived, lost });
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle('letter.txt', { create: true });
  launch({ targetURL: location.href, files: [handle] });
  await vi.waitFor(() => expect(arrived).toHaveBeenCalledOnce());
  expect(arrived.mock.calls[0]?.[0].items).toMatchObject([{ kind: 'file', path: ['letter.txt'] }]);
});

test('the launch that opened the page is done with; later ones lead on without a reload', () => {
  const openedAt = `${location.href}#4821.secret`;
  followLaunches(openedAt, { arrived, lost });
  launch({ targetURL: openedAt });
  expect(location.hash).toBe('');
  launch({ targetURL: `${location.origin}/#/receive` });
  expect(location.hash).toBe('#/receive');
  launch({ targetURL: `${location.origin}/` });
  expect(location.hash).toBe('#/receive');
});
