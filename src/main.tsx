/**
 * The composition root: builds everything and knows everyone. What the first screen does not need
 * (PeerJS, the handshake and its word list, the transfer worker) is loaded when it is.
 */
import type { Meeting } from './ports/meeting.ts';
import { TransferError } from './protocol/faults.ts';
import { BLOCK_BYTES, MAX_DEVICE_NAME_CHARS, MAX_LANES } from './protocol/limits.ts';
import { deviceNameOf } from './session/deviceName.ts';
import { adaptiveLanes } from './session/lanePolicy.ts';
import { Sluice } from './session/sluice.ts';
import { createBlockStores } from './storage/blockStores.ts';
import { IdbJournal } from './storage/idbJournal.ts';
import { IdbPauseMarks } from './storage/idbPauseMarks.ts';
import { IdbSendJournal } from './storage/idbSendJournal.ts';
import type { SharedContent } from './storage/inbox.ts';
import { sweepOutbox } from './storage/outbox.ts';
import { itemsOfClipboard, itemsOfDataTransfer, itemsOfFileList } from './storage/pickedItems.ts';
import { loadSettings, saveSettings } from './storage/settingsStore.ts';
import { estimateFreeBytes, persistStorage } from './storage/storageEstimate.ts';
import { claimForTab, claimWhenFree } from './storage/tabLocks.ts';
import { TabShare, unmarkTab } from './storage/tabShare.ts';
import type { UiSettings } from './ui/environment.ts';
import { hasFewCores } from './ui/models/fewCores.ts';
import { mountApp } from './ui/mount.tsx';
import diskWorkerUrl from './workers/disk.worker.ts?worker&url';
import transferWorkerUrl from './workers/transfer.worker.ts?worker&url';
import { WorkerDataPlane } from './workers/workerDataPlane.ts';

declare const __BUILD_ID__: string;

/** Each lane costs a phone a connection of its own to keep alive. */
const MAX_PHONE_LANES = 8;

/** Most bytes taken unacknowledged: what a fast long path has in flight, and what a phone can spare. */
const WINDOW_BYTES = 48 * BLOCK_BYTES;
const PHONE_WINDOW_BYTES = 16 * BLOCK_BYTES;

/** `https://site/#4821.<secret>`: the secret is a share's, and must not stay in the address bar. */
const LINK_FRAGMENT = /^#\d{4,6}\.[\w-]+$/;

/** Before anything is taken out of it. */
const openedAt = location.href;

/** Read from the address bar at once, before anything else can see it or keep it. */
function takeLinkFromAddressBar(): string | undefined {
  const { hash } = location;
  if (!LINK_FRAGMENT.test(hash)) return undefined;
  history.replaceState(null, '', location.pathname);
  return hash;
}

const siteUrl = new URL('.', location.href.split('#')[0]).href.replace(/\/$/, '');

let meeting: Promise<Meeting> | undefined;

/**
 * Code that is loaded late.
 * @throws TransferError `broker-unreachable` when it does not come: nothing of the network does then
 */
const later = <Code,>(code: Promise<Code>): Promise<Code> =>
  code.catch((cause: unknown) => {
    throw new TransferError({ code: 'broker-unreachable' }, { cause });
  });

/** One meeting for the page; a failed load is tried again the next time somebody asks. */
function openMeetingOnce(): Promise<Meeting> {
  meeting ??= later(import('./link/openMeeting.ts')).then(({ openMeeting }) =>
    openMeeting(siteUrl, settings.ice),
  );
  meeting.catch(() => {
    // Whoever asked is told; forgetting it here lets the next ask try again.
    meeting = undefined;
  });
  return meeting;
}

/** Trusted Types as far as they are used: the DOM library does not know them yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };

const SERVICE_WORKER_URL = '/sw.js';

/** The only script URLs this page ever makes. */
const SCRIPT_URLS: readonly string[] = [transferWorkerUrl, diskWorkerUrl, SERVICE_WORKER_URL];

const scriptUrls = trustedTypes?.createPolicy('sluice#script-url', {
  createScriptURL: (url) => {
    if (!SCRIPT_URLS.includes(url)) throw new TypeError(`not our script: ${url}`);
    return url;
  },
});

/** The DOM types know only strings here; browsers that enforce Trusted Types want the object itself. */
const trusted = (url: string) => (scriptUrls?.createScriptURL(url) ?? url) as string;

const startWorker = {
  transfer: () => new Worker(trusted(transferWorkerUrl), { type: 'module', name: 'transfer' }),
  disk: () => new Worker(trusted(diskWorkerUrl), { type: 'module', name: 'disk' }),
};

/** @returns undefined where there is none: the page works without, and starts from the network only */
async function registerServiceWorker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return undefined;
  try {
    return await navigator.serviceWorker.register(trusted(SERVICE_WORKER_URL));
  } catch {
    // Private windows of Firefox and blocked storage refuse.
    return undefined;
  }
}

const isPhone = /Android|iPhone|iPad/.test(navigator.userAgent);
const windowBytes = isPhone ? PHONE_WINDOW_BYTES : WINDOW_BYTES;

function settingsNow(): UiSettings {
  const kept = loadSettings();
  const defaults: UiSettings = {
    deviceName: deviceNameOf(navigator.userAgent),
    language: 'auto',
    theme: 'system',
    dismissed: [],
    ice: { isRelayOnly: false, iceServers: [] },
  };
  return typeof kept === 'object' ? { ...defaults, ...kept } : defaults;
}

/** As often as a number can be read; less often where drawing it, 10 ms each time, is taken from the transfer. */
const COUNTER_MS = 400;
const SELDOM_COUNTER_MS = 1_000;

/** Set for the next page of this tab, which erases everything before it uses anything. */
const ERASE_MARK = 'sluice-erase';

const erased = eraseIfTold();

let settings = settingsNow();
const stores = createBlockStores();

/** Its address was opened: not reloaded, nor brought back by a browser that had put it away. Such a page begins with nothing shared. */
const isOpenedAnew = performance
  .getEntriesByType('navigation')
  .some((entry) => (entry as PerformanceNavigationTiming).type === 'navigate');
if (isOpenedAnew) unmarkTab();

const tabShare = new TabShare();

const sluice = new Sluice({
  meeting: openMeetingOnce,
  peerKit: async (parts) => {
    const code = [import('./session/peerKit.ts'), import('./storage/saving.ts')] as const;
    const [{ PeerKit }, { createSaver }] = await later(Promise.all(code));
    return new PeerKit({ ...parts, saver: createSaver() });
  },
  createDataPlane: () => new WorkerDataPlane(startWorker, windowBytes),
  stores,
  journal: new IdbJournal(),
  sendJournal: new IdbSendJournal(),
  pauses: new IdbPauseMarks(),
  shareKeep: tabShare,
  claim: (id) => claimForTab(`transfer-${id}`),
  claimWhenFree: (id) => claimWhenFree(`transfer-${id}`),
  today: () => Date.now(),
  policy: adaptiveLanes(isPhone ? MAX_PHONE_LANES : MAX_LANES),
  windowBytes,
  deviceName: () =>
    settings.deviceName.trim().slice(0, MAX_DEVICE_NAME_CHARS) || deviceNameOf(navigator.userAgent),
  random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
  now: () => performance.now(),
  longestCounterIntervalMs: hasFewCores ? SELDOM_COUNTER_MS : COUNTER_MS,
  freeBytes: estimateFreeBytes,
  // Trying a store out leaves a file for a moment, which nobody would erase.
  storeKind: () => erased.then(stores.workingKind, stores.workingKind),
  persist: persistStorage,
});

const link = takeLinkFromAddressBar();
if (link !== undefined) sluice.arriveByLink(link);
addEventListener('hashchange', () => {
  const arrived = takeLinkFromAddressBar();
  if (arrived !== undefined) sluice.arriveByLink(arrived);
});

document.addEventListener('visibilitychange', () => {
  sluice.setHidden(document.hidden);
  if (!document.hidden) sluice.wake();
});
// Thawed by the browser, taken out of the back-forward cache, on the network again.
document.addEventListener('resume', () => sluice.wake());
addEventListener('pageshow', ({ persisted }) => persisted && sluice.wake());
addEventListener('online', () => sluice.wake());
addEventListener('beforeunload', (event) => {
  if (sluice.isBusy && !isErasing) event.preventDefault();
});

let isErasing = false;

/** A new page has no worker that writes and no file that is open: what is erased there stays so. Never resolves. */
function eraseInNewPage(): Promise<void> {
  isErasing = true;
  sessionStorage.setItem(ERASE_MARK, '');
  history.replaceState(null, '', location.pathname);
  location.reload();
  return new Promise(() => {});
}

async function eraseIfTold(): Promise<void> {
  if (!isToldToErase()) return;
  const { eraseEverything } = await import('./storage/eraseEverything.ts');
  await eraseEverything();
}

function isToldToErase(): boolean {
  try {
    const isTold = sessionStorage.getItem(ERASE_MARK) !== null;
    sessionStorage.removeItem(ERASE_MARK);
    return isTold;
  } catch {
    // Blocked storage keeps nothing that could be erased.
    return false;
  }
}

function tell(error: unknown): void {
  if (!(error instanceof TransferError)) throw error;
  sluice.notify(error.fault);
}

erased
  .catch(tell)
  .then(() => Promise.all([sluice.restore(), sluice.restoreShare()]))
  .catch(tell);
sweepOutbox().catch(() => {
  // Leftover ZIPs cost room and nothing else; the next start tries again.
});
tabShare.sweep().catch(() => {
  // The same goes for shares of closed tabs.
});

// Once the first screen stands: filling the cache must not hold it up.
const serviceWorker = new Promise<ServiceWorkerRegistration | undefined>((resolve) => {
  addEventListener('load', () => resolve(registerServiceWorker()));
});

addEventListener('load', () => {
  const lost = () => sluice.notify({ code: 'storage-failed', detail: 'a share did not arrive' });
  const arrived = ({ items, text }: SharedContent) => {
    if (items.length > 0) sluice.actions.sendItems(items);
    if (text !== '') sluice.actions.sendText(text);
  };
  import('./storage/launches.ts').then(
    ({ followLaunches }) => followLaunches(openedAt, { arrived, lost }),
    () => {
      // Offline without a cache: nothing can have been kept for this page either.
    },
  );
});

/** The word list is big: it is fetched once the first screen stands, and completes words from then on. */
let completeWord: (prefix: string) => readonly string[] = () => [];
addEventListener('load', () => {
  import('./handshake/words.ts').then(
    (words) => {
      completeWord = words.completeWord;
    },
    () => {
      // Offline without a cache: words are typed in full.
    },
  );
});

mountApp(document.querySelector<HTMLElement>('#app')!, sluice, {
  itemsOfFileList,
  itemsOfDataTransfer,
  itemsOfClipboard,
  completeWord: (prefix) => completeWord(prefix),
  getSettings: () => settings,
  setSettings: (changed) => {
    // Connections are made by the settings of their day: the next one asks anew.
    if (changed.ice !== settings.ice) meeting = undefined;
    settings = changed;
    saveSettings(changed);
  },
  eraseEverything: eraseInNewPage,
  runDoctor: async (found, signal) => {
    const { runDoctor } = await import('./link/doctor.ts');
    const storage = async () => ({
      kind: await stores.workingKind(),
      freeBytes: await estimateFreeBytes(),
    });
    await runDoctor({ siteUrl, wishes: settings.ice, storage }, found, signal);
  },
  serviceWorker,
  version: __BUILD_ID__,
});
