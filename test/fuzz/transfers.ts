import fc from 'fast-check';
import { WIRE_CODE } from '../../src/protocol/faults.ts';
import { transferTag } from '../../src/protocol/ids.ts';
import { BLOCK_BYTES, MAX_OPEN_PROPOSALS } from '../../src/protocol/limits.ts';
import { parseControlMessage } from '../../src/protocol/messages.ts';
import {
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../../src/protocol/receiver.ts';
import { noise } from '../contracts/noise.ts';
import { FlowEnds, settled, type Transfer } from '../doubles/flowEnds.ts';
import { fileOf, filesOf, idOf, manifestOfSizes } from '../doubles/manifests.ts';
import { PeerPair } from '../doubles/peerPair.ts';
import type { Wire } from '../doubles/wire.ts';
import { insist, mutated, mutations, type Target, target } from './target.ts';

const KIB = 1024;
/** Three frames a block on a lane that takes 64 KiB. */
const BLOCK = 96 * KIB;

type Step =
  | {
      readonly type: 'deliver';
      readonly wire: number;
      readonly from: 'near' | 'far';
      readonly index: number;
      readonly isTwice: boolean;
    }
  /** One byte of a message on its way is another when it arrives. */
  | { readonly type: 'corrupt'; readonly wire: number; readonly index: number; readonly at: number }
  | { readonly type: 'die' | 'burst'; readonly wire: number }
  | { readonly type: 'open' }
  | { readonly type: 'settle' };

const wire = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant('deliver' as const),
      wire,
      from: fc.constantFrom('near' as const, 'far' as const),
      index: fc.nat(20),
      isTwice: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('corrupt' as const),
      wire,
      index: fc.nat(20),
      at: fc.nat(33_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('burst' as const), wire }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('die' as const), wire }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('open' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
);

function transferOf(blocks: number, tag: number): Transfer {
  const sizes = [blocks * BLOCK - 5, 2];
  const manifest = manifestOfSizes(sizes, BLOCK, 'ABC'[tag]);
  const content = noise(manifest.totalBytes, tag + 1);
  return { tag, manifest, content, wanted: filesOf(2, [0, 1]) };
}

function corrupt(chosen: Wire, index: number, at: number): void {
  const { waiting } = chosen.near;
  const message = waiting[index % Math.max(1, waiting.length)];
  if (message !== undefined)
    message[at % message.length] = (message[at % message.length]! + 1) & 255;
}

function act(link: FlowEnds, deed: Step): void {
  if (deed.type === 'open') link.addWire();
  else if (deed.type !== 'settle') actOn(link, deed);
}

function actOn(link: FlowEnds, deed: Exclude<Step, { type: 'open' | 'settle' }>): void {
  const alive = link.wires.filter(({ isDead }) => !isDead);
  const chosen = alive[deed.wire % Math.max(1, alive.length)];
  if (chosen === undefined) return;
  switch (deed.type) {
    case 'die':
      chosen.die();
      break;
    case 'burst':
      while (link.deliver(chosen, chosen.near));
      break;
    case 'corrupt':
      corrupt(chosen, deed.index, deed.at);
      break;
    case 'deliver':
      link.deliver(chosen, chosen[deed.from], deed.index, deed.isTwice);
      break;
  }
}

const isCorrupt = (steps: readonly Step[]) => steps.some(({ type }) => type === 'corrupt');

/** Two data planes over lanes that repeat, reorder, die, and lie about a byte. */
const flow = target(
  'flow',
  fc.record({
    windowBlocks: fc.integer({ min: 1, max: 4 }),
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }),
    steps: fc.array(step, { maxLength: 30 }),
  }),
  async ({ windowBlocks, sizes, steps }) => {
    const link = new FlowEnds(windowBlocks * BLOCK);
    try {
      link.addWire();
      sizes.forEach((blocks, tag) => {
        link.start(transferOf(blocks, tag));
      });
      await settled();
      for (const deed of steps) {
        act(link, deed);
        if (deed.type === 'settle') await settled();
      }
      if (link.wires.every(({ isDead }) => isDead)) link.addWire();
      await link.finish();
      for (const { manifest, content } of link.transfers.values()) {
        const stored = link.stored.get(manifest.id);
        if (stored === undefined) {
          insist(isCorrupt(steps), 'a transfer that arrives', link.broken, link.failed);
          continue;
        }
        const bytes = new Uint8Array(await stored.arrayBuffer());
        insist(Buffer.compare(bytes, content) === 0, 'what was sent, and nothing else');
      }
      if (!isCorrupt(steps)) insist(link.broken.length === 0, 'no rule broken', link.broken);
    } finally {
      await link.close();
    }
  },
);

const LETTERS = ['A', 'B', 'C'] as const;
const letter = fc.constantFrom(...LETTERS);

const said = fc
  .oneof(
    letter.map((name) => ({
      type: 'propose',
      transfer: idOf(name),
      tag: transferTag(name.charCodeAt(0)),
      fileCount: 1,
      totalBytes: 3,
      blockBytes: BLOCK_BYTES,
      parts: 1,
    })),
    letter.map((name) => ({
      type: 'manifest',
      transfer: idOf(name),
      part: 0,
      files: [fileOf(3, 'a')],
    })),
    fc
      .record({
        type: fc.constantFrom('pause', 'continue', 'decline', 'complete'),
        transfer: letter.map(idOf),
      })
      .map((message) => message),
    letter.map((name) => ({ type: 'cancel', transfer: idOf(name), reason: WIRE_CODE.cancelled })),
    letter.map((name) => ({
      type: 'accept',
      transfer: idOf(name),
      wanted: 'AQ',
      held: 'AA',
      samples: [],
    })),
    fc.constant({ type: 'visibility', isHidden: true }),
  )
  .chain((good) =>
    fc.oneof(
      { weight: 5, arbitrary: fc.constant<unknown>(good) },
      { weight: 1, arbitrary: mutations.map((random) => mutated(good, random)) },
    ),
  );

const sessionStep = fc.oneof(
  { weight: 8, arbitrary: said.map((message) => ({ type: 'say' as const, message })) },
  { weight: 2, arbitrary: fc.constant({ type: 'accept' as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('drop' as const, 'connect' as const).map((type) => ({ type })),
  },
);

/** A session whose peer says whatever it likes. */
const session = target('session', fc.array(sessionStep, { maxLength: 40 }), async (steps) => {
  const pair = new PeerPair();
  const { near, far } = pair;
  const taken = new Set<string>();
  pair.connect();
  await settled();
  for (const each of steps) {
    switch (each.type) {
      case 'say': {
        const message = parseControlMessage(JSON.stringify(each.message) ?? '');
        if (message.type !== 'broken') near.inject(message);
        break;
      }
      case 'accept':
        for (const transfer of far.session.transfers) {
          if (transfer.direction !== 'receive' || transfer.state.phase !== 'proposed') continue;
          taken.add(transfer.manifest.id);
          transfer.accept(filesOf(1, [0]));
        }
        break;
      case 'drop':
        pair.drop();
        break;
      case 'connect':
        pair.drop();
        pair.connect();
        break;
    }
    await settled();
    const receives = far.session.transfers.filter(({ direction }) => direction === 'receive');
    const open = receives.filter(({ state }) => state.phase === 'proposed');
    insist(open.length <= MAX_OPEN_PROPOSALS, 'few proposals at once', open.length);
    insist(receives.length <= 40, 'few transfers in memory', receives.length);
    for (const { manifest } of far.plane.receives)
      insist(taken.has(manifest.id), 'nothing stored that nobody took', manifest.id);
    insist(
      far.session.transfers.every(
        ({ direction, state }) => direction === 'send' || state.phase !== 'done',
      ),
      'done is what the flow stored, not what a peer says',
    );
  }
});

const receiverEvent: fc.Arbitrary<ReceiverEvent> = fc.constantFrom<ReceiverEvent>(
  { type: 'accepted' },
  { type: 'declined' },
  { type: 'paused' },
  { type: 'continued' },
  { type: 'cancelled' },
  { type: 'peer-paused' },
  { type: 'peer-continued' },
  { type: 'peer-cancelled', reason: WIRE_CODE.cancelled },
  { type: 'faulted', fault: { code: 'hash-mismatch', block: 1 } },
  { type: 'faulted', fault: { code: 'disk-full', neededBytes: 1 } },
  { type: 'link-lost', fault: { code: 'peer-left' } },
  { type: 'proposed-again' },
  { type: 'stored' },
);

/** The receiver alone, told things in any order. */
const receiver = target('receiver', fc.array(receiverEvent, { maxLength: 40 }), (events) => {
  let state: ReceiverState = { phase: 'proposed' };
  let isStored = false;
  let isAccepted = false;
  for (const event of events) {
    const before = state;
    const [next, effects] = stepReceiver(state, event);
    state = next;
    isAccepted ||= event.type === 'accepted' && before.phase === 'proposed';
    isStored ||= event.type === 'stored' && state.phase === 'done';
    const asked = effects.map(({ type }) => type);
    if (asked.includes('start-flow')) insist(isAccepted, 'no flow before the accept', events);
    if (asked.includes('tell-complete')) insist(isStored, 'complete after it is stored', events);
    if (state.phase === 'failed' && before.phase !== 'failed')
      insist(asked.includes('discard'), 'nothing left of what failed', events);
    if (before.phase === 'done') insist(state === before, 'done for good', events);
  }
});

export const TRANSFERS: readonly Target[] = [receiver, session, flow];
