import { bridgeChannel } from '../lane/portLane.ts';
import type { DataPlane, DataPlaneListener, ReceiveJob, SendJob } from '../ports/dataPlane.ts';
import type { LaneId, TransferId, TransferTag } from '../protocol/ids.ts';
import type { WorkerCommand, WorkerReport } from './messages.ts';

/** The page's end of a transfer worker: a {@link DataPlane} that turns calls into messages. */
export class WorkerDataPlane implements DataPlane {
  readonly #startWorker: () => Worker;
  readonly #windowBytes: number;
  #worker: Worker | undefined;
  #listener: DataPlaneListener | undefined;

  /** `startWorker` gives a fresh `transfer.worker.ts`: asked for with the first command, ended by `close`. */
  constructor(startWorker: () => Worker, windowBytes: number) {
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
    this.#say({ type: 'remove-lane', lane });
  }

  setWindow(bytes: number): void {
    this.#say({ type: 'set-window', bytes });
  }

  setLanes(initial: number, max: number): void {
    this.#say({ type: 'set-lanes', initial, max });
  }

  roundTrip(ms: number): void {
    this.#say({ type: 'round-trip', ms });
  }

  iceRoundTrip(ms: number): void {
    this.#say({ type: 'ice-round-trip', ms });
  }

  send(job: SendJob): void {
    this.#say({ type: 'send', job });
  }

  pauseSend(tag: TransferTag): void {
    this.#say({ type: 'pause-send', tag });
  }

  continueSend(tag: TransferTag): void {
    this.#say({ type: 'continue-send', tag });
  }

  stopSend(tag: TransferTag): void {
    this.#say({ type: 'stop-send', tag });
  }

  receive(job: ReceiveJob): void {
    this.#say({ type: 'receive', job });
  }

  stopReceive(transfer: TransferId, isKept: boolean): void {
    this.#say({ type: 'stop-receive', transfer, isKept });
  }

  close(): void {
    this.#listener = undefined;
    if (this.#worker !== undefined) this.#say({ type: 'close' });
  }

  #say(command: WorkerCommand, transfer: Transferable[] = []): void {
    this.#worker ??= this.#begin();
    this.#worker.postMessage(command, transfer);
  }

  #begin(): Worker {
    const worker = this.#startWorker();
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerReport>) => this.#hear(data));
    const start: WorkerCommand = { type: 'start', windowBytes: this.#windowBytes };
    worker.postMessage(start);
    return worker;
  }

  #hear(report: WorkerReport): void {
    if (report.type === 'closed') this.#worker?.terminate();
    const listener = this.#listener;
    if (listener === undefined) return;
    switch (report.type) {
      case 'sent':
        listener.sent(report.tag, report.blocks);
        break;
      case 'received':
        listener.received(report.transfer, report.blocks);
        break;
      case 'receiving':
        listener.receiving(report.transfer, report.held, report.samples);
        break;
      case 'stored':
        listener.stored(report.transfer, report.content);
        break;
      case 'send-failed':
        listener.sendFailed(report.tag, report.fault);
        break;
      case 'receive-failed':
        listener.receiveFailed(report.transfer, report.fault);
        break;
      case 'want-lanes':
        listener.wantLanes(report.count);
        break;
      case 'peer-broke':
        listener.peerBroke(report.fault);
        break;
      case 'lanes':
        listener.lanes(report.counts, report.limitedBy);
        break;
      case 'closed':
        break;
    }
  }
}
