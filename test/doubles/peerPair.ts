import type {
  DataPlane,
  DataPlaneListener,
  PreparedJob,
  ProposedJob,
  ReceiveJob,
  SendJob,
} from '../../src/ports/dataPlane.ts';
import type { Link, LinkListener, LinkPath } from '../../src/ports/link.ts';
import type { Fault } from '../../src/protocol/faults.ts';
import type { TransferId, TransferTag } from '../../src/protocol/ids.ts';
import type { ControlMessage } from '../../src/protocol/messages.ts';
import { PeerSession } from '../../src/session/peerSession.ts';

/** A data plane that moves nothing: the test says what happens to the bytes. */
class StillPlane {
  readonly sends: SendJob[] = [];
  readonly receives: ReceiveJob[] = [];
  readonly prepared: (ProposedJob | PreparedJob)[] = [];
  /** Incoming transfers whose bytes and records were deleted. */
  readonly discarded: TransferId[] = [];
  readonly pauses: TransferTag[] = [];
  listener!: DataPlaneListener;

  listen(listener: DataPlaneListener): void {
    this.listener = listener;
  }

  prepareSend(job: ProposedJob): void {
    this.prepared.push(job);
  }

  prepareReceive(job: PreparedJob): void {
    this.prepared.push(job);
  }

  stopReceive(transfer: TransferId, isKept: boolean): void {
    if (!isKept) this.discarded.push(transfer);
  }

  send(job: SendJob): void {
    this.sends.push(job);
  }

  pauseSend(tag: TransferTag): void {
    this.pauses.push(tag);
  }

  /** Opens at once and holds what `held` says. */
  receive(job: ReceiveJob): void {
    this.receives.push(job);
    const blocks = Math.ceil(job.manifest.totalBytes / job.manifest.blockBytes);
    this.listener.receiving(job.manifest.id, new Uint8Array(Math.ceil(blocks / 8)), []);
  }

  /** Whatever else a session asks of its data plane changes nothing here. */
  asPlane(): DataPlane {
    return new Proxy({} as DataPlane, {
      get: (_target, name) => {
        const own: unknown = Reflect.get(this, name);
        return typeof own === 'function' ? own.bind(this) : () => {};
      },
    });
  }
}

/** One of two devices. */
export interface End {
  readonly session: PeerSession;
  readonly plane: StillPlane;
  /** Control messages this end sent, oldest first. */
  readonly sent: ControlMessage[];
  /** Why its links ended. */
  readonly lost: Fault[];
  /** Each time something shown changed: how many messages it had sent by then. */
  readonly shown: number[];
  /** Says something its session would not say. */
  inject(message: ControlMessage): void;
  /** What ICE found the path to be. */
  findPath(path: LinkPath): void;
  /** A ping was answered after so many ms. */
  answerPing(ms: number): void;
}

/** Two sessions with a control channel between them, which the test may drop and make anew. */
export class PeerPair {
  readonly near: End;
  readonly far: End;
  now = 0;
  readonly #ends: readonly [Wired, Wired];

  constructor() {
    const [near, far] = [this.#end('near'), this.#end('far')];
    this.#ends = [near, far];
    this.near = near;
    this.far = far;
    near.peer = far;
    far.peer = near;
  }

  connect(): void {
    for (const end of this.#ends) end.open();
  }

  /** Both ends lose the link. */
  drop(): void {
    for (const end of this.#ends) end.hangUp({ code: 'peer-gone', silentMs: 9000 });
  }

  #end(name: string): Wired {
    const plane = new StillPlane();
    const lost: Fault[] = [];
    const shown: number[] = [];
    let drawn = name.length;
    const session = new PeerSession(name, {
      plane: plane.asPlane(),
      policy: { lanesFor: () => ({ initial: 1, max: 1 }) },
      deviceName: name,
      windowBytes: 2 ** 20,
      random: (count) => {
        drawn += 1;
        return new Uint8Array(count).fill(drawn);
      },
      now: () => this.now,
      changed: () => shown.push(end.sent.length),
      lost: (fault) => lost.push(fault),
      silent: () => {},
      claim: async () => true,
      sendChanged: () => {},
    });
    const end = new Wired(session, plane, lost, shown);
    return end;
  }
}

class Wired implements End {
  readonly session: PeerSession;
  readonly plane: StillPlane;
  readonly sent: ControlMessage[] = [];
  readonly lost: Fault[];
  readonly shown: number[];
  peer!: Wired;
  #listener: LinkListener | undefined;

  constructor(session: PeerSession, plane: StillPlane, lost: Fault[], shown: number[]) {
    this.session = session;
    this.plane = plane;
    this.lost = lost;
    this.shown = shown;
  }

  inject(message: ControlMessage): void {
    this.sent.push(message);
    queueMicrotask(() => this.peer.#listener?.message(message));
  }

  findPath(path: LinkPath): void {
    this.#listener?.pathChanged(path);
  }

  answerPing(ms: number): void {
    this.#listener?.roundTrip(ms);
  }

  open(): void {
    const link: Link = {
      role: 'host',
      resumeKey: new Uint8Array(32),
      listen: (listener) => {
        this.#listener = listener;
      },
      send: (message) => this.inject(message),
      setLanes: () => {},
      sound: () => {},
      close: (fault) => {
        this.peer.hangUp({ code: 'peer-left' });
        this.hangUp(fault);
      },
      abandon: () => {
        this.#listener = undefined;
      },
    };
    this.session.attach(link);
  }

  hangUp(fault: Fault): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.closed(fault);
  }
}
