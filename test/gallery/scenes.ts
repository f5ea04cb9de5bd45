import type { DoctorFinding, RunDoctor } from '../../src/ports/doctor.ts';
import { fileIndex } from '../../src/protocol/ids.ts';
import type { AppView, FileView, TransferView } from '../../src/session/view.ts';
import type { UiEnvironment, UiSettings } from '../../src/ui/environment.ts';
import type { Route } from '../../src/ui/models/route.ts';
import {
  aFile,
  anId,
  aPeer,
  aShare,
  aTransfer,
  aView,
  HEALTHY,
  lanesOf,
} from '../doubles/fakeApp.ts';

/** One state of the page: what the app shows, and what else has to be so. */
export interface Scene {
  readonly view: AppView;
  /** Where the person went; `main` without it. */
  readonly route?: Route;
  readonly settings?: Partial<UiSettings>;
  readonly environment?: Partial<UiEnvironment>;
  /** The browser offers to install the app. */
  readonly offersInstall?: boolean;
  /** What the person does once the page stands. */
  readonly act?: (root: HTMLElement) => void;
}

const scene = (view: Partial<AppView> = {}, around: Omit<Scene, 'view'> = {}): Scene => ({
  view: aView(view),
  ...around,
});

const GB = 1_000_000_000;
const MB = 1_000_000;

const HOLIDAY: readonly FileView[] = [
  aFile(0, 'Holiday/Harbour at dawn.jpg', 8.2 * MB),
  aFile(1, 'Holiday/Harbour at dusk.jpg', 7.9 * MB),
  aFile(2, 'Holiday/Videos/Ferry.mov', 1.1 * GB),
  aFile(3, 'Holiday/Videos/The whole crossing, filmed from the upper deck.mov', 2.6 * GB),
  aFile(4, 'Holiday/Empty', 0, { kind: 'folder' }),
  aFile(5, 'Holiday/Notes.txt', 2100),
  aFile(6, 'Holiday/setup.exe', 4.5 * MB, { isRisky: true }),
];

const MANY: readonly FileView[] = Array.from({ length: 2000 }, (_, index) =>
  aFile(index, `Scans/Page ${index + 1}.tif`, 2.4 * MB),
);

const RUNNING = {
  bytes: 0.61 * 1.4 * GB,
  bytesPerSec: 23.4 * MB,
  secondsLeft: 118,
} as const;

const FOUR_LANES = lanesOf(7.2, 6.4, 0.002, 5.1);

/** What the doctor finds in a strict office network. */
const STRICT_NETWORK: readonly DoctorFinding[] = [
  ...HEALTHY.slice(0, 2),
  { check: 'storage', verdict: 'poor', kind: 'memory', freeBytes: undefined },
  { check: 'lanes', verdict: 'poor' },
  { check: 'broker', verdict: 'bad' },
  { check: 'addresses', verdict: 'good' },
  { check: 'udp', verdict: 'bad' },
  { check: 'relay', verdict: 'bad', isSet: true },
];

/** A doctor that finds these at once, and is then done when `end` is. */
const finding =
  (findings: readonly DoctorFinding[], end: Promise<void>): RunDoctor =>
  (found) => {
    for (const each of findings) found(each);
    return end;
  };

const ICE = {
  isRelayOnly: true,
  iceServers: [
    { url: 'stun:stun.example.org', username: '', credential: '' },
    {
      url: 'turns:a-relay-with-a-long-name.eu-central-1.example.org:443?transport=tcp',
      username: 'ada',
      credential: 'secret',
    },
  ],
} as const;

/** A new version has been fetched and waits for the person. */
const updateWaiting = (): ServiceWorkerRegistration =>
  // Boundary: the few properties the app looks at.
  Object.assign(new EventTarget(), {
    waiting: {},
    installing: null,
  }) as unknown as ServiceWorkerRegistration;

const find = (root: HTMLElement, selector: string): HTMLElement => {
  const element = root.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`not in the scene: ${selector}`);
  return element;
};

const click = (selector: string) => (root: HTMLElement) => find(root, selector).click();

/** Types into a field as a keyboard does, in one go. */
const typeInto = (selector: string, text: string) => (root: HTMLElement) => {
  const field = find(root, selector);
  field.focus();
  if ('value' in field) field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
};

/** A transfer that goes on without a file nobody can read any more. */
const WITHOUT_ONE = {
  files: HOLIDAY,
  fault: { code: 'source-changed', name: 'Ferry.mov' },
  isWanted: (file) => file !== 2,
} as const satisfies Partial<TransferView>;

/** Every state worth looking at, by the name in `?screen=`. */
export const SCENES: Readonly<Record<string, Scene>> = {
  home: scene(),
  homeEarlier: scene({
    transfers: [
      aTransfer({
        direction: 'receive',
        phase: 'waiting',
        ...RUNNING,
        fault: { code: 'peer-gone', silentMs: 15_000 },
      }),
      aTransfer({
        id: anId('B'),
        direction: 'receive',
        phase: 'done',
        files: HOLIDAY,
        bytes: 4 * GB,
        isSavable: true,
      }),
    ],
  }),
  codeTyping: scene({}, { act: typeInto('[data-testid="join-code"]', '4821-mar') }),
  shareOpening: scene({
    share: aShare({ phase: 'opening', code: undefined, link: undefined }),
  }),
  share: scene({
    share: aShare({
      items: [
        { kind: 'files', title: 'Holiday.mov', fileCount: 12, totalBytes: 1.4 * GB },
        { kind: 'text', title: 'The key is under the mat', fileCount: 1, totalBytes: 24 },
      ],
    }),
  }),
  shareReceive: scene({ share: aShare() }),
  shareBurned: scene({
    share: aShare({ burnedCount: 1, fault: { code: 'not-verified' } }),
  }),
  shareRetrying: scene({
    share: aShare({ phase: 'retrying', fault: { code: 'broker-unreachable' } }),
  }),
  sharing: scene({
    share: aShare({
      items: [{ kind: 'files', title: 'Holiday.mov', fileCount: 1, totalBytes: 1.4 * GB }],
    }),
    peers: [
      aPeer({ lanes: FOUR_LANES }),
      aPeer({
        id: 'peer-2',
        name: 'Büro',
        path: 'relay',
        lanes: lanesOf(1.2, 1.1),
        roundTripMs: 84,
      }),
    ],
    transfers: [
      aTransfer({ ...RUNNING }),
      aTransfer({
        id: anId('B'),
        peerId: 'peer-2',
        peerName: 'Büro',
        bytes: 0.08 * 1.4 * GB,
        bytesPerSec: 2.3 * MB,
        secondsLeft: 560,
        limitedBy: 'relay',
      }),
      aTransfer({ id: anId('C'), phase: 'done', files: HOLIDAY, bytes: 3.8 * GB }),
    ],
  }),
  joinConfirm: scene({ join: { phase: 'confirming', mode: 'link', fault: undefined } }),
  joinFinding: scene({
    join: { phase: 'finding', mode: 'code', fault: { code: 'peer-unavailable' } },
  }),
  joinConnecting: scene({ join: { phase: 'connecting', mode: 'code', fault: undefined } }),
  joinFailed: scene({ join: { phase: 'failed', mode: 'code', fault: { code: 'not-verified' } } }),
  connected: scene({ peers: [aPeer({ lanes: lanesOf(0, 0) })] }),
  receive: scene({
    peers: [aPeer()],
    transfers: [aTransfer({ direction: 'receive', phase: 'proposed', files: HOLIDAY })],
  }),
  receiveTight: scene({
    peers: [aPeer()],
    freeBytes: 0.9 * GB,
    storeKind: 'memory',
    transfers: [aTransfer({ direction: 'receive', phase: 'proposed' })],
  }),
  receiveMany: scene({
    peers: [aPeer()],
    transfers: [aTransfer({ direction: 'receive', phase: 'proposed', files: MANY })],
  }),
  longPath: scene({
    peers: [
      aPeer({
        lanes: lanesOf(
          ...Array.from({ length: 24 }, (_, i) => 0.05 + (0.45 * ((i * 7) % 24)) / 24),
        ),
        roundTripMs: 112,
      }),
    ],
    transfers: [
      aTransfer({
        direction: 'send',
        files: HOLIDAY,
        bytes: 0.4 * GB,
        bytesPerSec: 6.9 * MB,
        secondsLeft: 478,
        limitedBy: 'network',
      }),
    ],
  }),
  receiving: scene({
    peers: [aPeer({ lanes: lanesOf(3, 4.2, 2.8, 3.3, 1.1, 3.9, 0.001, 4.4) })],
    transfers: [
      aTransfer({
        direction: 'receive',
        files: HOLIDAY,
        bytes: 1.9 * GB,
        bytesPerSec: 22.7 * MB,
        secondsLeft: 84,
        limitedBy: 'disk',
      }),
    ],
  }),
  paused: scene({
    peers: [aPeer({ lanes: lanesOf(0, 0, 0, 0) })],
    transfers: [
      aTransfer({ ...RUNNING, direction: 'receive', phase: 'paused', pausedBy: 'me' }),
      aTransfer({ ...RUNNING, id: anId('B'), phase: 'paused', pausedBy: 'peer' }),
    ],
  }),
  waiting: scene({
    peers: [aPeer({ phase: 'reconnecting', path: undefined })],
    transfers: [
      aTransfer({
        ...RUNNING,
        direction: 'receive',
        phase: 'waiting',
        fault: { code: 'peer-gone', silentMs: 16_000 },
      }),
    ],
  }),
  waitingLeft: scene({
    peers: [aPeer({ phase: 'left', path: undefined })],
    transfers: [
      aTransfer({
        ...RUNNING,
        direction: 'receive',
        phase: 'waiting',
        fault: { code: 'peer-left' },
      }),
    ],
  }),
  waitingUndecided: scene({
    peers: [aPeer({ phase: 'reconnecting', path: undefined })],
    transfers: [
      aTransfer({
        direction: 'receive',
        phase: 'waiting',
        isUndecided: true,
        fault: { code: 'peer-gone', silentMs: 16_000 },
      }),
    ],
  }),
  sourceNeeded: scene({
    transfers: [
      aTransfer({
        ...RUNNING,
        phase: 'waiting',
        fault: { code: 'source-needed', names: ['Holiday.mov'] },
      }),
    ],
  }),
  sourcesNeeded: scene({
    peers: [aPeer()],
    transfers: [
      aTransfer({
        files: HOLIDAY,
        bytes: 1.9 * GB,
        phase: 'waiting',
        fault: {
          code: 'source-needed',
          names: ['The whole crossing, filmed from the upper deck.mov', 'Ferry.mov', 'Notes.txt'],
        },
      }),
    ],
  }),
  lostFile: scene({
    peers: [aPeer({ lanes: FOUR_LANES })],
    transfers: [
      aTransfer({ ...WITHOUT_ONE, bytes: 1.2 * GB, bytesPerSec: 18.2 * MB, secondsLeft: 78 }),
      aTransfer({
        ...WITHOUT_ONE,
        id: anId('B'),
        direction: 'receive',
        phase: 'done',
        bytes: 3.8 * GB,
        isSavable: true,
      }),
      aTransfer({
        id: anId('C'),
        phase: 'failed',
        fault: { code: 'source-changed', name: 'Holiday.mov' },
      }),
    ],
  }),
  saving: scene({
    peers: [aPeer()],
    transfers: [
      aTransfer({
        direction: 'receive',
        files: HOLIDAY,
        bytes: 3.8 * GB,
        phase: 'done',
        isSavable: true,
        savingShare: 0.37,
      }),
    ],
  }),
  filesShown: scene(
    {
      peers: [aPeer({ lanes: FOUR_LANES })],
      transfers: [
        aTransfer({ direction: 'receive', files: HOLIDAY, bytes: 1.9 * GB, bytesPerSec: 22 * MB }),
      ],
    },
    { act: click('.files-turn') },
  ),
  removalAsked: scene(
    {
      transfers: [
        aTransfer({ direction: 'receive', phase: 'done', bytes: 1.4 * GB, isSavable: true }),
      ],
    },
    { act: click('[data-testid="dismiss"]') },
  ),
  updateOffer: scene({}, { environment: { serviceWorker: Promise.resolve(updateWaiting()) } }),
  installOffer: scene(
    {
      peers: [aPeer({ lanes: lanesOf(0, 0) })],
      transfers: [
        aTransfer({
          direction: 'receive',
          phase: 'done',
          bytes: 1.4 * GB,
          isSavable: true,
          isSaved: () => true,
        }),
      ],
    },
    { offersInstall: true },
  ),
  settings: scene({}, { route: 'settings' }),
  settingsServers: scene({}, { route: 'settings', settings: { ice: ICE } }),
  settingsServerForm: scene(
    {},
    {
      route: 'settings',
      settings: { ice: { ...ICE, isRelayOnly: false } },
      act: click('.ice .actions .button'),
    },
  ),
  settingsErase: scene({}, { route: 'settings', act: click('.button-danger') }),
  doctor: scene({}, { route: 'doctor' }),
  doctorRunning: scene(
    {},
    {
      route: 'doctor',
      environment: { runDoctor: finding(HEALTHY.slice(0, 4), new Promise(() => {})) },
    },
  ),
  doctorTroubles: scene(
    {},
    {
      route: 'doctor',
      settings: { ice: ICE },
      environment: { runDoctor: finding(STRICT_NETWORK, Promise.resolve()) },
    },
  ),
  done: scene({
    peers: [aPeer({ lanes: lanesOf(0, 0) })],
    transfers: [
      aTransfer({
        direction: 'receive',
        phase: 'done',
        files: HOLIDAY,
        bytes: 3.8 * GB,
        isSavable: true,
        isWanted: (file) => file !== 6,
        isSaved: (file) => file === fileIndex(1),
      }),
      aTransfer({
        id: anId('B'),
        direction: 'receive',
        phase: 'done',
        bytes: 1.4 * GB,
        isSavable: true,
      }),
      aTransfer({
        id: anId('C'),
        direction: 'receive',
        phase: 'done',
        kind: 'text',
        title: 'Meet at the quay',
        files: [aFile(0, 'text.txt', 84, { kind: 'text' })],
        bytes: 84,
        text: 'Meet at the quay at six.\nThe timetable: https://example.org/ferries?day=sat.',
        isSavable: true,
      }),
    ],
  }),
  troubles: scene({
    notice: { code: 'too-much', what: 'files' },
    peers: [aPeer({ isHidden: true, lanes: lanesOf(0.4) })],
    transfers: [
      aTransfer({
        direction: 'receive',
        phase: 'paused',
        pausedBy: 'me',
        bytes: 0.3 * GB,
        fault: { code: 'disk-full', neededBytes: 1.1 * GB },
      }),
      aTransfer({ id: anId('B'), phase: 'declined', fault: { code: 'declined' } }),
      aTransfer({ id: anId('C'), phase: 'proposed', files: HOLIDAY }),
      aTransfer({
        id: anId('D'),
        phase: 'failed',
        peerName: '\u05d4\u05d8\u05dc\u05e4\u05d5\u05df \u05e9\u05dc \u05e0\u05d5\u05e2\u05d4',
        fault: { code: 'cancelled', by: 'peer' },
      }),
    ],
  }),
};
