import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fault, WireCode } from '../../../src/protocol/faults.ts';
import { fileIndex } from '../../../src/protocol/ids.ts';
import {
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../../../src/protocol/receiver.ts';
import {
  type SenderEffect,
  type SenderEvent,
  type SenderState,
  stepSender,
} from '../../../src/protocol/sender.ts';

const gone: Fault = { code: 'peer-gone', silentMs: 9000 };

type ToReceiver = 'propose' | 'lose-file' | 'pause' | 'continue' | WireCode;
type ToSender = 'accept' | 'decline' | 'pause' | 'continue' | 'complete' | WireCode;

/** Steps of data a transfer takes. */
const STEPS = 3;

/** Sender and receiver with a link between them that loses everything under way when it drops. */
class Duel {
  sender: SenderState = { phase: 'proposed', pausedByMe: false };
  receiver: ReceiverState | undefined;
  #isUp = true;
  /** Each end notices a lost link in its own time. */
  #noticed = { sender: false, receiver: false };
  readonly toReceiver: ToReceiver[] = ['propose'];
  readonly toSender: ToSender[] = [];
  /** What the data planes do, as the effects said. */
  #sending: 'no' | 'paused' | 'yes' = 'no';
  /** The sender's flow stopped over a file it cannot read, and waits for a new accept. */
  #isFileLost = false;
  #isTaking = false;
  #stepsLeft = STEPS;

  act(action: Action): void {
    switch (action) {
      case 'to-receiver':
        this.#hearAtReceiver();
        break;
      case 'to-sender':
        this.#hearAtSender();
        break;
      case 'data':
        this.#move();
        break;
      case 'drop':
        this.#drop();
        break;
      case 'sender-notices':
        if (this.#isUp || this.#noticed.sender) break;
        this.#noticed.sender = true;
        this.atSender({ type: 'link-lost', fault: gone });
        break;
      case 'receiver-notices':
        if (this.#isUp || this.#noticed.receiver) break;
        this.#noticed.receiver = true;
        this.atReceiver({ type: 'link-lost', fault: gone });
        break;
      case 'restore':
        this.restore();
        break;
      case 'disk-full':
        if (this.#isTaking)
          this.atReceiver({ type: 'faulted', fault: { code: 'disk-full', neededBytes: 1 } });
        break;
      case 'file-lost':
        if (this.#sending === 'no') break;
        this.#sending = 'no';
        this.#isFileLost = true;
        this.atSender({ type: 'file-lost', file: fileIndex(0) });
        break;
      default: {
        const [who, type] = action;
        if (who === 'sender') this.atSender({ type });
        else this.atReceiver({ type });
      }
    }
  }

  /** A new link, once both have let go of the old one. */
  restore(): void {
    if (this.#isUp || !this.#noticed.sender || !this.#noticed.receiver) return;
    this.#isUp = true;
    this.#noticed = { sender: false, receiver: false };
    this.atSender({ type: 'link-restored' });
  }

  /** The network heals and both persons want it to go on: everything that can happen does. */
  finish(): void {
    this.act('sender-notices');
    this.act('receiver-notices');
    this.restore();
    for (let i = 0; i < 40; i += 1) {
      while (this.toReceiver.length > 0) this.#hearAtReceiver();
      while (this.toSender.length > 0) this.#hearAtSender();
      this.#move();
      if (this.receiver?.phase === 'proposed') this.atReceiver({ type: 'accepted' });
      if (this.receiver?.phase === 'stalled') this.atReceiver({ type: 'continued' });
      if (this.sender.phase === 'paused') this.atSender({ type: 'continued' });
      if (this.receiver?.phase === 'paused') this.atReceiver({ type: 'continued' });
    }
  }

  atSender(event: SenderEvent): void {
    const [next, effects] = stepSender(this.sender, event);
    this.sender = next;
    for (const effect of effects) this.#doForSender(effect);
    // SPEC S2: blocks leave in this phase and in no other.
    const isSending = this.sender.phase === 'transferring' && !this.#isFileLost;
    expect(this.#sending === 'yes').toBe(isSending);
  }

  atReceiver(event: ReceiverEvent): void {
    if (this.receiver === undefined) return;
    const [next, effects] = stepReceiver(this.receiver, event);
    this.receiver = next;
    for (const effect of effects) this.#doForReceiver(effect);
    const { phase } = this.receiver;
    expect(this.#isTaking).toBe(phase === 'transferring' || phase === 'paused');
  }

  #drop(): void {
    this.#isUp = false;
    this.toReceiver.length = 0;
    this.toSender.length = 0;
  }

  #move(): void {
    if (!this.#isUp || this.#sending !== 'yes' || !this.#isTaking) return;
    this.#stepsLeft -= 1;
    if (this.#stepsLeft > 0) return;
    this.#isTaking = false;
    const [next, effects] = stepReceiver(this.receiver!, { type: 'stored' });
    this.receiver = next;
    for (const effect of effects) this.#doForReceiver(effect);
  }

  #hearAtReceiver(): void {
    const message = this.toReceiver.shift();
    if (message === undefined) return;
    if (message === 'propose') {
      if (this.receiver === undefined) this.receiver = { phase: 'proposed' };
      else this.atReceiver({ type: 'proposed-again' });
    } else if (message === 'lose-file') this.atReceiver({ type: 'file-lost' });
    else if (message === 'pause') this.atReceiver({ type: 'peer-paused' });
    else if (message === 'continue') this.atReceiver({ type: 'peer-continued' });
    else this.atReceiver({ type: 'peer-cancelled', reason: message });
  }

  #hearAtSender(): void {
    const message = this.toSender.shift();
    if (message === undefined) return;
    if (message === 'accept') this.atSender({ type: 'peer-accepted' });
    else if (message === 'decline') this.atSender({ type: 'peer-declined' });
    else if (message === 'pause') this.atSender({ type: 'peer-paused' });
    else if (message === 'continue') this.atSender({ type: 'peer-continued' });
    else if (message === 'complete') this.atSender({ type: 'peer-completed' });
    else this.atSender({ type: 'peer-cancelled', reason: message });
  }

  #doForSender(effect: SenderEffect): void {
    switch (effect.type) {
      case 'start-flow':
        this.#sending = 'yes';
        this.#isFileLost = false;
        break;
      case 'continue-flow':
        if (this.#sending === 'paused') this.#sending = 'yes';
        break;
      case 'pause-flow':
        if (this.#sending === 'yes') this.#sending = 'paused';
        break;
      case 'stop-flow':
        this.#sending = 'no';
        this.#isFileLost = false;
        break;
      default:
        if (this.#isUp) this.toReceiver.push(effectToReceiver(effect));
    }
  }

  #doForReceiver(effect: ReceiverEffect): void {
    switch (effect.type) {
      case 'start-flow':
        this.#isTaking = true;
        break;
      case 'stop-flow':
        this.#isTaking = false;
        break;
      case 'discard':
        this.#isTaking = false;
        this.#stepsLeft = STEPS;
        break;
      default:
        if (this.#isUp) this.toSender.push(effectToSender(effect));
    }
  }
}

type Told<Effect> = Exclude<
  Effect,
  { type: 'start-flow' | 'stop-flow' | 'pause-flow' | 'continue-flow' | 'discard' }
>;

function effectToReceiver(effect: Told<SenderEffect>): ToReceiver {
  switch (effect.type) {
    case 'propose':
      return 'propose';
    case 'tell-file-lost':
      return 'lose-file';
    case 'tell-pause':
      return 'pause';
    case 'tell-continue':
      return 'continue';
    case 'tell-cancel':
      return effect.reason;
  }
}

function effectToSender(effect: Told<ReceiverEffect>): ToSender {
  switch (effect.type) {
    case 'tell-accept':
      return 'accept';
    case 'tell-decline':
      return 'decline';
    case 'tell-pause':
      return 'pause';
    case 'tell-continue':
      return 'continue';
    case 'tell-complete':
      return 'complete';
    case 'tell-cancel':
      return effect.reason;
  }
}

type Action =
  | 'to-receiver'
  | 'to-sender'
  | 'data'
  | 'drop'
  | 'sender-notices'
  | 'receiver-notices'
  | 'restore'
  | 'disk-full'
  | 'file-lost'
  | readonly ['sender', 'paused' | 'continued' | 'cancelled']
  | readonly ['receiver', 'accepted' | 'declined' | 'paused' | 'continued' | 'cancelled'];

const common: readonly Action[] = [
  'to-receiver',
  'to-sender',
  'data',
  'data',
  ['receiver', 'accepted'],
  ['receiver', 'paused'],
  ['receiver', 'continued'],
  ['sender', 'paused'],
  ['sender', 'continued'],
];
const links: readonly Action[] = ['drop', 'sender-notices', 'receiver-notices', 'restore'];
const rare: readonly Action[] = [
  'disk-full',
  'file-lost',
  ['receiver', 'declined'],
  ['receiver', 'cancelled'],
  ['sender', 'cancelled'],
];
const anyAction = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...common) },
  { weight: 4, arbitrary: fc.constantFrom(...links) },
  { weight: 1, arbitrary: fc.constantFrom(...rare) },
);

/** From the proposal to the last block: a story begins anywhere on the way. */
const straight: readonly Action[] = [
  'to-receiver',
  ['receiver', 'accepted'],
  'to-sender',
  ...Array.from({ length: STEPS }, () => 'data' as const),
];
const anyStart = fc.nat(straight.length).map((length) => straight.slice(0, length));

/** How a transfer may end. Only a word that crosses the other's on the way leaves two that differ. */
const AGREED: ReadonlySet<string> = new Set([
  'done/done',
  'declined/declined',
  'failed/failed',
  // The sender cancelled while `complete` or `decline` was on its way.
  'failed/done',
  'failed/declined',
]);

test('[S1] [S2] [S3] [S4] [R1] [R2] [R5] [P4] [P5] [P9] whatever the link does, both ends come to the same end', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyStart, fc.array(anyAction, { maxLength: 30 }), (start, actions) => {
      const duel = new Duel();
      for (const action of [...start, ...actions]) duel.act(action);
      duel.finish();
      // A receiver that never heard of it has nothing to agree with.
      const ending = `${duel.sender.phase}/${duel.receiver?.phase ?? 'failed'}`;
      seen.add(ending);
      expect(AGREED).toContain(ending);
    }),
    { seed: 17, numRuns: 3000 },
  );
  expect(seen).toEqual(AGREED);
});

test('[P5] [R4] a cancel that crosses `complete` leaves the receiver with what it has', () => {
  const duel = new Duel();
  for (const action of straight) duel.act(action);
  duel.act(['sender', 'cancelled']);
  duel.finish();
  expect(duel.sender.phase).toBe('failed');
  expect(duel.receiver?.phase).toBe('done');
});
