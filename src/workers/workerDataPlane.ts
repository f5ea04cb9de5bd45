import { bridgeChannel } from '../lane/portLane.ts';
import type {
  DataPlane,
  DataPlaneListener,
  PreparedJob,
  ProposedJob,
  ReceiveJob,
  SendJob,
} from '../ports/dataPlane.ts';
import type { LaneId, TransferId, TransferTag } from '../protocol/ids.ts';
import { type FlowMethod, makeCall, type WorkerCommand, type WorkerReport } from './messages.ts';

/** Each gives a fresh worker: `transfer.worker.ts` with the first command, `disk.worker.ts` where the disk is slow. */
interface StartWorker {
  transfer(): Worker;
  disk(): Worker;
}

/** The page's end of a transfer worker and its disk worker: a {@link DataPlane} that turns calls into messages. `close` ends both. */
export class WorkerDataPlane implements DataPlane {
  readonly #startWorker: StartWorker;
  readonly #windowBytes: number;
  #worker: Worker | undefined;
  #diskWorker: Worker | undefined;
  #listener: DataPlaneListener | undefined;

  constructor(startWorker: StartWorker, windowBytes: number) {
    this.#startWorker = startWorker;
    this.#windowBytes = windowBytes;
  }

  listen(listener: DataPlaneListener): void {
    this.#listener = listener;
  }

  addLane(lane: LaneId, channel: RTCDataChannel): void {
    try {
      // Transferable since Chromium 130, Firefox 144 and Safari 15, though the DOM types don't say so yet.
      this.#say({ type: 'add-lane', lane, end: channel }, [channel as unknown as Transferable]);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'DataCloneError')) throw error;
      const { port1, port2 } = new MessageChannel();
      bridgeChannel(channel, port1);
      this.#say({ type: 'add-lane', lane, end: port2 }, [port2]);
    }
  }

  openLane(lane: LaneId, maxMessageBytes: number): void {
    this.#say({ type: 'open-lane', lane, maxMessageBytes });
  }

  removeLane(lane: LaneId): void {
    this.#call('removeLane', lane);
  }

  setWindow(bytes: number): void {
    this.#call('setWindow', bytes);
  }

  setLanes(initial: number, max: number): void {
    this.#call('setLanes', initial, max);
  }

  roundTrip(ms: number): void {
    this.#call('roundTrip', ms);
  }

  iceRoundTrip(ms: number): void {
    this.#call('iceRoundTrip', ms);
  }

  prepareSend(job: ProposedJob): void {
    this.#call('prepareSend', job);
  }

  send(job: SendJob): void {
    this.#call('send', job);
  }

  pauseSend(tag: TransferTag): void {
    this.#call('pauseSend', tag);
  }

  continueSend(tag: TransferTag): void {
    this.#call('continueSend', tag);
  }

  stopSend(tag: TransferTag): void {
    this.#call('stopSend', tag);
  }

  prepareReceive(job: PreparedJob): void {
    this.#call('prepareReceive', job);
  }

  receive(job: ReceiveJob): void {
    this.#call('receive', job);
  }

  stopReceive(transfer: TransferId, isKept: boolean): void {
    this.#call('stopReceive', transfer, isKept);
  }

  close(): void {
    this.#listener = undefined;
    if (this.#worker !== undefined) this.#say({ type: 'close' });
  }

  #call<Name extends FlowMethod>(name: Name, ...args: Parameters<DataPlane[Name]>): void {
    this.#say({ type: 'call', name, args } as WorkerCommand);
  }

  #say(command: WorkerCommand, transfer: Transferable[] = []): void {
    this.#worker ??= this.#begin();
    this.#worker.postMessage(command, transfer);
  }

  #begin(): Worker {
    const worker = this.#startWorker.transfer();
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerReport>) => this.#hear(data));
    const start: WorkerCommand = { type: 'start', windowBytes: this.#windowBytes };
    worker.postMessage(start);
    return worker;
  }

  #startDisk(port: MessagePort): void {
    const worker = this.#startWorker.disk();
    this.#diskWorker = worker;
    worker.addEventListener('error', (event) => {
      // Of a bug over there an ErrorEvent tells, and goes on to the page. A script that did not load is a plain event.
      if (!(event instanceof ErrorEvent)) this.#say({ type: 'no-disk' });
    });
    worker.postMessage(port, [port]);
  }

  #hear(report: WorkerReport): void {
    if (report.type === 'closed') {
      this.#worker?.terminate();
      this.#diskWorker?.terminate();
    } else if (report.type === 'want-disk') {
      this.#startDisk(report.port);
    } else if (this.#listener) {
      makeCall<keyof DataPlaneListener>(this.#listener, report);
    }
  }
}
