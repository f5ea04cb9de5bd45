import { expect, test } from 'vitest';
import type { SendSources } from '../../../src/ports/sendJournal.ts';
import type { SenderState } from '../../../src/protocol/sender.ts';
import { SendRecords } from '../../../src/session/sendRecords.ts';
import { manifestOfSizes } from '../../doubles/manifests.ts';
import { MemorySendJournal } from '../../doubles/memorySendJournal.ts';

const MANIFEST = manifestOfSizes([3], 3);
const PEER = { name: 'Ben', resume: { role: 'host', key: new Uint8Array(32) } } as const;
const SOURCES: SendSources = { sources: [new Blob(['abc'])], bundle: undefined };
const PROPOSED: SenderState = { phase: 'proposed', pausedByMe: false };
const TRANSFERRING: SenderState = { phase: 'transferring' };

/** Promises that are resolved, and what waits for them. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Follows one transfer through its phases. */
function newStage(sources = async () => SOURCES) {
  const sendJournal = new MemorySendJournal();
  const claims: string[] = [];
  const records = new SendRecords({
    sendJournal,
    claim: async (id) => claims.push(id) > 0,
    today: () => 1,
  });
  const follow = async (state: SenderState) => {
    records.follow(PEER, { manifest: MANIFEST, state, sources });
    await settled();
  };
  return { sendJournal, claims, follow };
}

test('while the peer decides the bytes are kept, and when it takes them the record', async () => {
  const { sendJournal, claims, follow } = newStage();
  await follow(PROPOSED);
  expect(claims).toEqual([MANIFEST.id]);
  expect(await sendJournal.listKept()).toEqual([MANIFEST.id]);
  expect(await sendJournal.list()).toEqual([]);
  await follow(TRANSFERRING);
  expect(await sendJournal.list()).toMatchObject([
    { manifest: MANIFEST, peerName: 'Ben', ...SOURCES },
  ]);
});

test('the record does not wait until the bytes are kept', async () => {
  const { sendJournal, follow } = newStage(() => new Promise(() => {}));
  await follow(PROPOSED);
  await follow(TRANSFERRING);
  expect(await sendJournal.list()).toMatchObject([{ manifest: MANIFEST, sources: [] }]);
});

test('what ended is forgotten, also when its bytes come late', async () => {
  let arrive = (_: SendSources) => {};
  const late = new Promise<SendSources>((resolve) => {
    arrive = resolve;
  });
  const { sendJournal, follow } = newStage(() => late);
  await follow(PROPOSED);
  await follow(TRANSFERRING);
  await follow({ phase: 'done' });
  arrive(SOURCES);
  await settled();
  expect(await sendJournal.list()).toEqual([]);
  expect(await sendJournal.listKept()).toEqual([]);
});
