/** What the app was opened with: things another app shared, or files opened with this one. */
import { type SharedContent, sweepInbox, takeFromInbox } from './inbox.ts';
import { itemsOfFileList } from './pickedItems.ts';

/** Where the service worker leads the page after a share: `#/shared/<id of the inbox entry>`. */
const SHARED_FRAGMENT = /^#\/shared\/([\w-]+)$/;

/** The part of the Launch Handler API in use; the DOM library does not know it yet. */
interface LaunchQueue {
  setConsumer(consume: (launch: Launch) => void): void;
}

interface Launch {
  readonly targetURL?: string | null;
  readonly files?: readonly FileSystemHandle[];
}

export interface LaunchListener {
  /** Called once for everything that arrives. */
  arrived(content: SharedContent): void;
  /** Something was shared and could not be kept. */
  lost(): void;
}

/**
 * Watches for what the app is opened with, for the life of the page.
 * @param openedAt address the page was loaded from; a launch that led there has been seen to
 */
export function followLaunches(openedAt: string, listener: LaunchListener): void {
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue };
  let isFirst = true;
  launchQueue?.setConsumer(({ targetURL, files = [] }) => {
    if (files.length > 0) openHandles(files).then(listener.arrived, listener.lost);
    // A shortcut or link opened this window again instead of another one: it goes there without a reload.
    else if (!(isFirst && targetURL === openedAt)) goTo(targetURL ?? '');
    isFirst = false;
  });
  takeShared(listener).catch(listener.lost);
  sweepInbox().catch(listener.lost);
}

function goTo(target: string): void {
  const { hash } = new URL(target, location.href);
  if (hash !== '') location.hash = hash;
}

async function takeShared(listener: LaunchListener): Promise<void> {
  const [, id] = SHARED_FRAGMENT.exec(location.hash) ?? [];
  if (id === undefined) return;
  // A reload must not offer it twice.
  history.replaceState(null, '', location.pathname);
  const content = await takeFromInbox(id);
  if (content === undefined) listener.lost();
  else listener.arrived(content);
}

async function openHandles(handles: readonly FileSystemHandle[]): Promise<SharedContent> {
  const files = await Promise.all(handles.filter(isFile).map((handle) => handle.getFile()));
  return { items: await itemsOfFileList(files), text: '' };
}

/** The DOM says so with a word, which tells the compiler nothing. */
const isFile = (handle: FileSystemHandle): handle is FileSystemFileHandle => handle.kind === 'file';
