import type { Fault } from '../protocol/faults.ts';
import { isRiskyName, safePaths } from '../protocol/fileName.ts';
import { type FileIndex, fileIndex, type TransferId } from '../protocol/ids.ts';
import type { PeerSession, Transfer } from './peerSession.ts';
import type { FileView, PeerView, TransferView } from './view.ts';

/** What a transfer shows that never changes. */
interface Fixed {
  readonly files: readonly FileView[];
  readonly kind: 'files' | 'text';
  readonly title: string;
}

/** Derives what the UI shows of peers and transfers. Keeps the parts that are costly and never change. */
export class TransferViews {
  readonly #fixed = new Map<TransferId, Fixed>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  peer(peer: PeerSession, isRejoining: boolean): PeerView {
    return {
      id: peer.id,
      name: peer.name,
      phase: peerPhase(peer, isRejoining),
      path: peer.path?.kind,
      lanes: peer.lanes,
      roundTripMs: peer.path?.roundTripMs,
      isHidden: peer.isHidden,
    };
  }

  view(peer: PeerSession, transfer: Transfer): TransferView {
    const { manifest, progress, state, direction } = transfer;
    const { files, kind, title } = this.#fixedOf(transfer);
    const bytesPerSec = state.phase === 'transferring' ? progress.bytesPerSec(this.#now()) : 0;
    const left = progress.totalBytes - progress.bytes;
    const received = transfer.direction === 'receive' ? transfer : undefined;
    const { text } = transfer;
    return {
      id: manifest.id,
      peerId: peer.id,
      peerName: peer.name,
      direction,
      phase: state.phase === 'stalled' ? 'paused' : state.phase,
      kind,
      title: kind === 'text' && text !== undefined ? text.slice(0, 80) : title,
      files,
      bytes: progress.bytes,
      totalBytes: progress.totalBytes,
      bytesPerSec,
      secondsLeft: bytesPerSec > 0 ? left / bytesPerSec : undefined,
      pausedBy: pausedBy(transfer),
      limitedBy: state.phase === 'transferring' ? limitOf(peer) : undefined,
      fault: faultOf(transfer),
      text: direction === 'receive' ? text : undefined,
      isUndecided: state.phase === 'waiting' && 'isAccepted' in state && !state.isAccepted,
      isSavable: received?.state.phase === 'done' && received.isStored,
      savingShare: received?.savingShare,
      fileBytes: (file) => progress.fileBytes(file),
      isWanted: (file) => progress.wanted.has(file),
      isSaved: (file) => received?.saved.has(file) === true,
    };
  }

  /** Safe segments to save a file under. */
  path(transfer: Transfer, file: FileIndex): readonly string[] {
    return this.#fixedOf(transfer).files[file]?.path ?? ['file'];
  }

  /** After the one folder everything lies in, else after the app. */
  zipName(transfer: Transfer): string {
    const { files } = this.#fixedOf(transfer);
    const first = files[0]?.path[0];
    const isOneFolder = files.every(
      ({ path, kind }) => path[0] === first && (path.length > 1 || kind === 'folder'),
    );
    return `${isOneFolder && first !== undefined ? first : 'Sluice'}.zip`;
  }

  forget(id: TransferId): void {
    this.#fixed.delete(id);
  }

  #fixedOf(transfer: Transfer): Fixed {
    const known = this.#fixed.get(transfer.manifest.id);
    if (known !== undefined) return known;
    const entries = transfer.manifest.files;
    const paths = safePaths(
      entries.map(({ path }) => path),
      (index) => entries[index]?.kind === 'folder',
    );
    const files = entries.map(({ kind, sizeBytes }, i): FileView => {
      const path = paths[i]!;
      return {
        index: fileIndex(i),
        kind,
        path,
        sizeBytes,
        isRisky: kind === 'file' && isRiskyName(path.at(-1) ?? ''),
      };
    });
    const fixed: Fixed = {
      files,
      kind: entries.length === 1 && entries[0]!.kind === 'text' ? 'text' : 'files',
      title: (files.find(({ kind }) => kind === 'file') ?? files[0])?.path.at(-1) ?? '',
    };
    this.#fixed.set(transfer.manifest.id, fixed);
    return fixed;
  }
}

function peerPhase(peer: PeerSession, isRejoining: boolean): PeerView['phase'] {
  if (peer.isConnected) return 'connected';
  if (isRejoining) return 'reconnecting';
  return peer.hasLeft ? 'left' : 'gone';
}

function pausedBy({ state }: Transfer): TransferView['pausedBy'] {
  if (state.phase === 'stalled') return 'me';
  return state.phase === 'paused' ? state.by : undefined;
}

/** Why it failed or waits; a file that has to be picked again comes first, being the person's to do. */
function faultOf(transfer: Transfer): Fault | undefined {
  const { state } = transfer;
  if (!('fault' in state)) return transfer.lostFault;
  if (
    transfer.direction === 'send' &&
    state.phase === 'waiting' &&
    transfer.missingSources.length > 0
  ) {
    return { code: 'source-needed', names: transfer.missingSources };
  }
  return state.fault;
}

/** The first of the causes that clearly holds: what a person could do something about comes first. */
function limitOf(peer: PeerSession): TransferView['limitedBy'] {
  if (peer.isHidden) return 'peer-hidden';
  if (peer.limitedBy === 'disk') return 'disk';
  if (peer.path?.kind === 'relay') return 'relay';
  return peer.limitedBy;
}
