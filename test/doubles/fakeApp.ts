import type { DoctorFinding } from '../../src/ports/doctor.ts';
import type { PickedItem } from '../../src/ports/pickedItem.ts';
import {
  type FileIndex,
  fileIndex,
  parseTransferId,
  type TransferId,
} from '../../src/protocol/ids.ts';
import type {
  Actions,
  App,
  AppView,
  FileView,
  PeerView,
  ShareView,
  TransferView,
} from '../../src/session/view.ts';
import type { UiEnvironment, UiSettings } from '../../src/ui/environment.ts';

/** An app without anything behind it: shows the view it is given, and notes what it is told to do. */
export class FakeApp implements App {
  view: AppView;
  /** Every action so far: its name, then its arguments. */
  readonly calls: (readonly unknown[])[] = [];
  /** Bytes of received files, for previews. */
  readonly contents = new Map<FileIndex, Blob>();
  /** What was opened ahead: nothing a person would see. */
  readonly prepared = new Set<'share' | 'join'>();
  readonly actions: Actions;
  readonly #listeners = new Set<() => void>();

  constructor(view: AppView = aView()) {
    this.view = view;
    const note =
      (name: string) =>
      (...args: readonly unknown[]) => {
        this.calls.push([name, ...args]);
      };
    this.actions = {
      sendItems: note('sendItems'),
      sendText: note('sendText'),
      openShare: note('openShare'),
      stopShare: note('stopShare'),
      setOnePersonOnly: note('setOnePersonOnly'),
      prepare: (what) => this.prepared.add(what),
      join: note('join'),
      confirmJoin: note('confirmJoin'),
      cancelJoin: note('cancelJoin'),
      leave: note('leave'),
      reconnect: note('reconnect'),
      accept: note('accept'),
      decline: note('decline'),
      pause: note('pause'),
      continue: note('continue'),
      cancel: note('cancel'),
      dismiss: note('dismiss'),
      save: note('save'),
      saveAll: note('saveAll'),
      canPickFolder: () => true,
      saveToFolder: note('saveToFolder'),
      content: (_id, file) => this.contents.get(file),
      notify: note('notify'),
      dismissNotice: note('dismissNotice'),
    };
  }

  show(change: Partial<AppView>): void {
    this.view = { ...this.view, ...change };
    for (const changed of this.#listeners) changed();
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }
}

/** What the doctor finds where nothing is missing. */
export const HEALTHY: readonly DoctorFinding[] = [
  { check: 'secure-context', verdict: 'good' },
  { check: 'webrtc', verdict: 'good' },
  { check: 'storage', verdict: 'good', kind: 'opfs', freeBytes: 48_300_000_000 },
  { check: 'lanes', verdict: 'good' },
  { check: 'broker', verdict: 'good', answerMs: 84.3 },
  { check: 'addresses', verdict: 'good' },
  { check: 'udp', verdict: 'good' },
  { check: 'relay', verdict: 'good' },
];

const FEW_WORDS = ['mango', 'maple', 'march', 'marvel', 'otter', 'oxygen', 'quartz', 'quiver'];

/** Surroundings with a handful of words and settings that live as long as the object. */
export function anEnvironment(start: Partial<UiSettings> = {}): UiEnvironment {
  let settings: UiSettings = {
    deviceName: 'Desk',
    language: 'en',
    theme: 'system',
    dismissed: [],
    ice: { isRelayOnly: false, iceServers: [] },
    ...start,
  };
  return {
    itemsOfFileList: (files) => [...files].map(itemOf),
    itemsOfDataTransfer: (transfer) => [...transfer.files].map(itemOf),
    itemsOfClipboard: (clipboard) => [...clipboard.files].map(itemOf),
    completeWord: (prefix) => FEW_WORDS.filter((word) => word.startsWith(prefix)),
    getSettings: () => settings,
    setSettings: (next) => {
      settings = next;
    },
    eraseEverything: () => Promise.resolve(),
    runDoctor: (found) => {
      for (const finding of HEALTHY) found(finding);
      return Promise.resolve();
    },
    serviceWorker: Promise.resolve(undefined),
    version: '0.1.0',
  };
}

export const aView = (part: Partial<AppView> = {}): AppView => ({
  share: undefined,
  join: undefined,
  peers: [],
  transfers: [],
  notice: undefined,
  freeBytes: 48_300_000_000,
  storeKind: 'opfs',
  ...part,
});

export const aShare = (part: Partial<ShareView> = {}): ShareView => ({
  phase: 'open',
  code: '4821-maple-otter-quartz',
  link: 'https://sluice.example/#4821.Zm9vYmFyYmF6cXV4Zm9vYg',
  burnedCount: 0,
  isOnePersonOnly: false,
  items: [],
  fault: undefined,
  ...part,
});

export const aPeer = (part: Partial<PeerView> = {}): PeerView => ({
  id: 'peer-1',
  name: "Mira's phone",
  phase: 'connected',
  path: 'direct',
  lanes: [],
  roundTripMs: 12,
  isHidden: false,
  ...part,
});

/** Lanes with these rates, in MB/s. */
export const lanesOf = (...rates: readonly number[]) =>
  rates.map((rate, id) => ({ id, bytesPerSec: rate * 1_000_000 }));

/** A file of an offer; `path` is written with slashes. */
export const aFile = (
  index: number,
  path: string,
  sizeBytes: number,
  part: Partial<FileView> = {},
): FileView => ({
  index: fileIndex(index),
  kind: 'file',
  path: path.split('/'),
  sizeBytes,
  isRisky: false,
  ...part,
});

/** An id made of `letter`, as no sender would mint it. */
export function anId(letter: string): TransferId {
  const id = parseTransferId(letter.repeat(22));
  if (id === undefined) throw new Error(`not a letter of base64url: ${letter}`);
  return id;
}

/** A transfer whose bytes fill its files in order. */
export function aTransfer(part: Partial<TransferView> = {}): TransferView {
  const files = part.files ?? [aFile(0, 'Holiday.mov', 1_400_000_000)];
  const isWanted = part.isWanted ?? (() => true);
  const starts: number[] = [];
  let totalBytes = 0;
  for (const file of files) {
    starts.push(totalBytes);
    if (isWanted(file.index)) totalBytes += file.sizeBytes;
  }
  const bytes = part.bytes ?? 0;
  return {
    id: anId('A'),
    peerId: 'peer-1',
    peerName: "Mira's phone",
    direction: 'send',
    phase: 'transferring',
    kind: 'files',
    title: files[0]?.path.at(-1) ?? '',
    files,
    bytes,
    totalBytes,
    bytesPerSec: 0,
    secondsLeft: undefined,
    pausedBy: undefined,
    limitedBy: undefined,
    fault: undefined,
    text: undefined,
    isUndecided: false,
    savingShare: undefined,
    isSavable: false,
    fileBytes: (index: FileIndex) =>
      Math.max(0, Math.min(files[index]?.sizeBytes ?? 0, bytes - (starts[index] ?? 0))),
    isWanted,
    isSaved: () => false,
    ...part,
  };
}

const itemOf = (file: File): PickedItem => ({
  kind: 'file',
  path: [file.name],
  content: file,
  modifiedAt: file.lastModified,
});
