/**
 * The transfer worker of one peer: lanes, framing, hashing and disk. This file only wires the flow
 * of `session/flow` to the real lane, storage and clock, and turns messages into calls and back.
 */
import { ChannelLane } from '../lane/channelLane.ts';
import { PortLane } from '../lane/portLane.ts';
import type { DataPlaneListener } from '../ports/dataPlane.ts';
import type { OpenableLane } from '../ports/lane.ts';
import type { LaneId } from '../protocol/ids.ts';
import { LinkFlow } from '../session/flow/linkFlow.ts';
import { BlobSource } from '../storage/blobSource.ts';
import { createTransferStores } from '../storage/blockStores.ts';
import { IdbJournal } from '../storage/idbJournal.ts';
import { ReadAhead } from '../storage/readAhead.ts';
import { StreamedSource } from '../storage/streamedSource.ts';
import type { WorkerCommand, WorkerReport } from './messages.ts';

/** The worker's own scope, as far as it is used: the DOM library has no type for it. */
interface Scope {
  postMessage(report: WorkerReport): void;
  addEventListener(type: 'message', heard: (event: MessageEvent<WorkerCommand>) => void): void;
}
const scope = self as unknown as Scope;

const listener: DataPlaneListener = {
  sent: (tag, blocks) => scope.postMessage({ type: 'sent', tag, blocks }),
  received: (transfer, blocks) => scope.postMessage({ type: 'received', transfer, blocks }),
  receiving: (transfer, held, samples) =>
    scope.postMessage({ type: 'receiving', transfer, held, samples }),
  stored: (transfer, content) => scope.postMessage({ type: 'stored', transfer, content }),
  sendFailed: (tag, fault) => scope.postMessage({ type: 'send-failed', tag, fault }),
  receiveFailed: (transfer, fault) =>
    scope.postMessage({ type: 'receive-failed', transfer, fault }),
  wantLanes: (count) => scope.postMessage({ type: 'want-lanes', count }),
  peerBroke: (fault) => scope.postMessage({ type: 'peer-broke', fault }),
  lanes: (counts, limitedBy) => scope.postMessage({ type: 'lanes', counts, limitedBy }),
};

const newFlow = (windowBytes: number) =>
  new LinkFlow({
    listener,
    windowBytes,
    stores: createTransferStores(),
    journal: new IdbJournal(),
    openSource: ({ files, totalBytes }, blobs, lost) => {
      const source =
        blobs instanceof Blob
          ? BlobSource.ofBundle(blobs, totalBytes)
          : new BlobSource(files, blobs, lost);
      return new StreamedSource((at) => source.placeOf(at), new ReadAhead(source, totalBytes));
    },
    digest: async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)),
    now: () => Date.now(),
    clock: taskClock(),
    lanes: { initial: 1, max: 1 },
  });

/**
 * Ms of a monotonic clock, read once a task and then kept: asked for every frame and lane, `performance.now` was a tenth of
 * this worker's work.
 */
function taskClock(): () => number {
  let now: number | undefined;
  return () => {
    if (now === undefined) {
      now = performance.now();
      queueMicrotask(() => {
        now = undefined;
      });
    }
    return now;
  };
}

let flow: LinkFlow | undefined;

const lanes = new Map<LaneId, OpenableLane>();

scope.addEventListener('message', ({ data: command }) => {
  if (command.type === 'start') flow = newFlow(command.windowBytes);
  else if (flow !== undefined) obey(flow, command);
});

function obey(link: LinkFlow, command: Exclude<WorkerCommand, { type: 'start' }>): void {
  switch (command.type) {
    case 'add-lane': {
      const { lane: id, end } = command;
      const lane = end instanceof MessagePort ? new PortLane(id, end) : new ChannelLane(id, end);
      lanes.set(id, lane);
      link.addLane(lane);
      break;
    }
    case 'open-lane':
      lanes.get(command.lane)?.open(command.maxMessageBytes);
      break;
    case 'remove-lane':
      lanes.delete(command.lane);
      link.removeLane(command.lane);
      break;
    case 'set-window':
      link.setWindow(command.bytes);
      break;
    case 'set-lanes':
      link.setLanes(command);
      break;
    case 'round-trip':
      link.roundTrip(command.ms);
      break;
    case 'ice-round-trip':
      link.iceRoundTrip(command.ms);
      break;
    case 'send':
      link.send(command.job);
      break;
    case 'pause-send':
      link.pauseSend(command.tag);
      break;
    case 'continue-send':
      link.continueSend(command.tag);
      break;
    case 'stop-send':
      link.stopSend(command.tag);
      break;
    case 'receive':
      link.receive(command.job);
      break;
    case 'stop-receive':
      link.stopReceive(command.transfer, command.isKept).catch(reportBug);
      break;
    case 'close':
      link.close().then(() => scope.postMessage({ type: 'closed' }), reportBug);
      break;
  }
}

/** A broken promise of ours: surfaces as the worker's `error` event. */
function reportBug(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
