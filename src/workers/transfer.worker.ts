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
import { type FlowMethod, makeCall, type WorkerCommand, type WorkerReport } from './messages.ts';
import { openMovingStore } from './movingStore.ts';
import { RemoteDisk } from './remoteDisk.ts';
import { reportBug } from './reportBug.ts';

/** The worker's own scope, as far as it is used: the DOM library has no type for it. */
interface Scope {
  postMessage(report: WorkerReport, transfer?: Transferable[]): void;
  addEventListener(type: 'message', heard: (event: MessageEvent<WorkerCommand>) => void): void;
}
const scope = self as unknown as Scope;

/** Every call goes to the page under its own name. */
const listener = new Proxy({} as DataPlaneListener, {
  get:
    (_, name: keyof DataPlaneListener) =>
    (...args: never[]) =>
      scope.postMessage({ type: 'call', name, args } as unknown as WorkerReport),
});

const loadMemory = async () => {
  const { MemoryShelf } = await import('../storage/memoryStore.ts');
  return new MemoryShelf();
};

const disk = new RemoteDisk((port) => scope.postMessage({ type: 'want-disk', port }, [port]));

const newFlow = (windowBytes: number) =>
  new LinkFlow({
    listener,
    windowBytes,
    stores: createTransferStores({
      loadMemory,
      openOpfs: (id, sizeBytes) => openMovingStore(id, sizeBytes, disk),
    }),
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
    case 'no-disk':
      disk.giveUp();
      break;
    case 'close':
      link.close().then(() => scope.postMessage({ type: 'closed' }), reportBug);
      break;
    case 'call':
      if (command.name === 'removeLane') lanes.delete(command.args[0]);
      Promise.resolve(makeCall<FlowMethod>(link, command)).catch(reportBug);
      break;
  }
}
