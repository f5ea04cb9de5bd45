/** The disk worker of one peer: part-files that are too slow for the worker that has the lanes (movingStore.ts). */
import { TransferError } from '../protocol/faults.ts';
import { type OpfsStore, openOpfsStore } from '../storage/opfsStore.ts';
import type { DiskCall, DiskReply } from './diskMessages.ts';
import { makeCall } from './messages.ts';
import { reportBug } from './reportBug.ts';

/** The worker's own scope, as far as it is used: the DOM library has no type for it. */
interface Scope {
  /** The page sends one message, with a port to the transfer worker. */
  addEventListener(type: 'message', heard: (event: MessageEvent<MessagePort>) => void): void;
}
const scope = self as unknown as Scope;

/** Closed ones too: each may still be discarded. A few small objects for each transfer of the peer. */
const stores = new Map<DiskCall['store'], OpfsStore>();

scope.addEventListener('message', ({ data: port }) => {
  const say = (reply: DiskReply, memory: Transferable[] = []) => port.postMessage(reply, memory);
  port.addEventListener('message', ({ data }: MessageEvent<DiskCall>) => {
    const { call, store, command } = data;
    answer(store, command)
      .then(
        (value) => say({ call, value }, value instanceof Uint8Array ? [value.buffer] : []),
        (error: unknown) => {
          if (!(error instanceof TransferError)) throw error;
          say({ call, fault: error.fault });
        },
      )
      .catch(reportBug);
  });
  port.start();
});

async function answer(number: DiskCall['store'], command: DiskCall['command']): Promise<unknown> {
  if (command.type === 'open') {
    stores.set(number, await openOpfsStore(command.id, command.sizeBytes));
    return undefined;
  }
  const store = stores.get(number);
  if (store === undefined) throw new Error('a store is called before it is open');
  return await makeCall(store, command);
}
