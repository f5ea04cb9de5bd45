import { fileIndex } from '../../src/protocol/ids.ts';
import type { AppView, FileView } from '../../src/session/view.ts';
import { aFile, anId, aPeer, aShare, aTransfer, aView, lanesOf } from '../doubles/fakeApp.ts';

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

/** Every state worth looking at, by the name in `?screen=`. */
export const SCENES: Readonly<Record<string, AppView>> = {
  home: aView(),
  homeEarlier: aView({
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
  shareOpening: aView({
    share: aShare({ phase: 'opening', code: undefined, link: undefined }),
  }),
  share: aView({
    share: aShare({
      items: [
        { kind: 'files', title: 'Holiday.mov', fileCount: 12, totalBytes: 1.4 * GB },
        { kind: 'text', title: 'The key is under the mat', fileCount: 1, totalBytes: 24 },
      ],
    }),
  }),
  shareReceive: aView({ share: aShare() }),
  shareBurned: aView({
    share: aShare({ burnedCount: 1, fault: { code: 'not-verified' } }),
  }),
  shareRetrying: aView({
    share: aShare({ phase: 'retrying', fault: { code: 'broker-unreachable' } }),
  }),
  sharing: aView({
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
  joinConfirm: aView({ join: { phase: 'confirming', mode: 'link', fault: undefined } }),
  joinFinding: aView({
    join: { phase: 'finding', mode: 'code', fault: { code: 'peer-unavailable' } },
  }),
  joinConnecting: aView({ join: { phase: 'connecting', mode: 'code', fault: undefined } }),
  joinFailed: aView({ join: { phase: 'failed', mode: 'code', fault: { code: 'not-verified' } } }),
  connected: aView({ peers: [aPeer({ lanes: lanesOf(0, 0) })] }),
  receive: aView({
    peers: [aPeer()],
    transfers: [aTransfer({ direction: 'receive', phase: 'proposed', files: HOLIDAY })],
  }),
  receiveTight: aView({
    peers: [aPeer()],
    freeBytes: 0.9 * GB,
    storeKind: 'memory',
    transfers: [aTransfer({ direction: 'receive', phase: 'proposed' })],
  }),
  receiveMany: aView({
    peers: [aPeer()],
    transfers: [aTransfer({ direction: 'receive', phase: 'proposed', files: MANY })],
  }),
  receiving: aView({
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
  paused: aView({
    peers: [aPeer({ lanes: lanesOf(0, 0, 0, 0) })],
    transfers: [
      aTransfer({ ...RUNNING, direction: 'receive', phase: 'paused', pausedBy: 'me' }),
      aTransfer({ ...RUNNING, id: anId('B'), phase: 'paused', pausedBy: 'peer' }),
    ],
  }),
  waiting: aView({
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
  sourceNeeded: aView({
    transfers: [
      aTransfer({
        ...RUNNING,
        phase: 'waiting',
        fault: { code: 'source-needed', names: ['Holiday.mov'] },
      }),
    ],
  }),
  done: aView({
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
  troubles: aView({
    notice: { code: 'too-much', what: 'files' },
    peers: [aPeer({ isHidden: true, lanes: lanesOf(0.4) })],
    transfers: [
      aTransfer({
        direction: 'receive',
        phase: 'failed',
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
