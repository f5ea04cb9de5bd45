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
function newStage(sources = async () => SOURCES, sendJournal = new MemorySendJournal(), today = 1) {
  const claims: string[] = [];
  const records = new SendRecords({
    sendJournal,
    claim: async (id) => claims.push(id) > 0,
    today: () => today,
  });
  const follow = async (state: SenderState) => {
    records.follow(PEER, { manifest: MANIFEST, state, sources });
    await settled();
  };
  return { records, sendJournal, claims, follow };
}

test('an offer is recorded with its bytes, and that it was taken when it is', async () => {
  const { sendJournal, claims, follow } = newStage();
  await follow(PROPOSED);
  expect(new Set(claims)).toEqual(new Set([MANIFEST.id]));
  const record = { manifest: MANIFEST, peerName: 'Ben', ...SOURCES };
  expect(await sendJournal.list()).toMatchObject([{ ...record, isAccepted: false }]);
  await follow(TRANSFERRING);
  expect(await sendJournal.list()).toMatchObject([{ ...record, isAccepted: true }]);
});

test('what was taken stays so while it is offered again on a new link', async () => {
  const { sendJournal, follow } = newStage();
  await follow(TRANSFERRING);
  await follow(PROPOSED);
  expect(await sendJournal.list()).toMatchObject([{ isAccepted: true }]);
});

test('what was taken stays so in a page that goes on with it, and is touched by that', async () => {
  const { sendJournal, follow } = newStage();
  await follow(TRANSFERRING);
  const [record] = await sendJournal.list();
  const later = newStage(undefined, sendJournal, 2);
  later.records.restored(record!);
  await later.follow(PROPOSED);
  expect(await sendJournal.list()).toMatchObject([{ isAccepted: true, touchedAt: 1 }]);
  await later.follow(TRANSFERRING);
  expect(await sendJournal.list()).toMatchObject([{ isAccepted: true, touchedAt: 2 }]);
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
