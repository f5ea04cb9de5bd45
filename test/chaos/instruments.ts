import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Marks in the user agent that tell the instruments how this browser's disk behaves. */
export const NO_OPFS = 'Disk/no-opfs';
export const LOSSY = 'Disk/lossy';

/** The user agent of a browser with these marks; the app reads a device name from it and nothing else. */
export const userAgentWith = (marks: readonly string[]) =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 ${marks.join(' ')}`;

/** What a transfer worker of an instrumented site answers to `chaosCounts()`. */
export interface WorkerCounts {
  /** Differs from worker to worker. */
  readonly worker: string;
  /** Payload bytes handed to lanes, by block. */
  readonly sent: readonly (readonly [block: number, bytes: number])[];
}

/**
 * Copies the built site and puts instruments in front of its workers, the scripts no tool
 * reaches before they run. The app itself is not touched.
 */
export async function instrumentedSite(dist: string, into: string): Promise<void> {
  await cp(dist, into, { recursive: true });
  const assets = join(into, 'assets');
  const files = await readdir(assets);
  const instrument = async (worker: string, instruments: readonly (() => void)[]) => {
    const name = files.find((file) => file.startsWith(`${worker}.worker-`) && file.endsWith('.js'));
    if (name === undefined) throw new Error(`the build has no ${worker} worker`);
    const script = await readFile(join(assets, name), 'utf8');
    const before = instruments.map((each) => `(${each.toString()})();\n`).join('');
    await writeFile(join(assets, name), before + script);
  };
  await instrument('transfer', [withoutOpfs, withLossyDisk, withPowerCut, countSent]);
  await instrument('disk', [withoutOpfs, withLossyDisk]);
}

/** Makes the origin private file system refuse, as some private windows do. For pages and workers. */
export function withoutOpfs(): void {
  if (!navigator.userAgent.includes('Disk/no-opfs')) return;
  // The empty page that a browser starts with is no secure context, and has none.
  if (!('StorageManager' in globalThis)) return;
  StorageManager.prototype.getDirectory = () =>
    Promise.reject(new DOMException('refused by the test', 'SecurityError'));
}

/**
 * A disk that loses at a crash whatever was not flushed, as after a cut of the power: what is written stays
 * in the worker's memory until `flush` or `close`. Flushing takes its time, as on a real disk.
 */
function withLossyDisk(): void {
  if (!navigator.userAgent.includes('Disk/lossy')) return;
  interface Handle {
    read(into: Uint8Array, options: { at: number }): number;
    write(from: Uint8Array, options: { at: number }): number;
    flush(): void;
    getSize(): number;
    close(): void;
  }
  const scope = globalThis as unknown as { FileSystemSyncAccessHandle: { prototype: Handle } };
  const { prototype } = scope.FileSystemSyncAccessHandle;
  const { read, write, flush, getSize, close } = prototype;
  const FLUSH_MS = 250;
  const pending = new WeakMap<Handle, { at: number; bytes: Uint8Array }[]>();
  const pendingOf = (handle: Handle) => {
    const writes = pending.get(handle) ?? [];
    pending.set(handle, writes);
    return writes;
  };
  const settle = (handle: Handle) => {
    for (const { at, bytes } of pendingOf(handle).splice(0)) write.call(handle, bytes, { at });
  };
  prototype.write = function later(from, { at }) {
    pendingOf(this).push({ at, bytes: from.slice() });
    return from.byteLength;
  };
  prototype.read = function overlaid(into, { at }) {
    let found = read.call(this, into, { at });
    for (const late of pendingOf(this)) {
      const start = Math.max(at, late.at);
      const end = Math.min(at + into.byteLength, late.at + late.bytes.byteLength);
      if (start >= end) continue;
      into.set(late.bytes.subarray(start - late.at, end - late.at), start - at);
      found = Math.max(found, end - at);
    }
    return found;
  };
  prototype.getSize = function grown() {
    const ends = pendingOf(this).map(({ at, bytes }) => at + bytes.byteLength);
    return Math.max(getSize.call(this), ...ends);
  };
  prototype.flush = function slowly() {
    const until = performance.now() + FLUSH_MS;
    while (performance.now() < until);
    settle(this);
    flush.call(this);
  };
  prototype.close = function settled() {
    settle(this);
    close.call(this);
  };
}

/**
 * After `chaosCutPower()` the worker stops for good as soon as a database transaction is durable: nothing that should
 * have been on the disk by then can come later.
 */
function withPowerCut(): void {
  if (!navigator.userAgent.includes('Disk/lossy')) return;
  let isCut = false;
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function watched(this: IDBDatabase, ...args) {
    const begun = transaction.apply(this, args);
    begun.addEventListener('complete', () => {
      while (isCut && begun.mode === 'readwrite');
    });
    return begun;
  };
  Object.assign(globalThis, {
    chaosCutPower: () => {
      isCut = true;
    },
  });
}

/** Counts what is handed to lanes; frames are as SPEC F1 draws them. */
function countSent(): void {
  const sent = new Map<number, number>();
  const HEADER_BYTES = 12;
  const DIGEST_BYTES = 32;
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function counted(this: RTCDataChannel, data: unknown) {
    if (data instanceof Uint8Array && data[0] === 1) {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      const payloadBytes = data.byteLength - HEADER_BYTES - (data[1] === 1 ? DIGEST_BYTES : 0);
      const block = view.getUint32(4);
      sent.set(block, (sent.get(block) ?? 0) + payloadBytes);
    }
    // Whatever it is, the browser checks it.
    send.call(this, data as Uint8Array<ArrayBuffer>);
  };
  const worker = crypto.randomUUID();
  Object.assign(globalThis, { chaosCounts: () => ({ worker, sent: [...sent] }) });

  const channels = new Map<RTCDataChannel, { received: number }>();
  const { addEventListener } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.addEventListener = function noted(
    this: RTCDataChannel,
    ...args: unknown[]
  ) {
    if (!channels.has(this)) {
      const counts = { received: 0 };
      channels.set(this, counts);
      addEventListener.call(this, 'message', () => {
        counts.received += 1;
      });
    }
    addEventListener.apply(this, args as Parameters<typeof addEventListener>);
  };
  Object.assign(globalThis, {
    chaosLanes: () =>
      [...channels].map(([channel, { received }]) => [
        channel.readyState,
        channel.bufferedAmount,
        received,
      ]),
  });
}
