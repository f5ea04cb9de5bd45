import { type Fault, TransferError } from '../protocol/faults.ts';
import { Backoff } from './backoff.ts';
import type { Broker, BrokerListener, Introduction } from './broker.ts';

export interface RegistrationParts {
  /** Opens the broker under the id to be found at. @throws TransferError */
  open(listener: BrokerListener): Promise<Broker>;
  /** It stands (again). @param renew makes it anew */
  opened(renew: () => void): void;
  /** The broker is out of reach; it is tried again by itself. */
  retrying(fault: Fault): void;
  /** Somebody dialled. */
  introduced(stranger: Introduction): void;
  /**
   * Registers anew after so long, ms, where given: a broker that has forgotten an id says so to nobody while the socket stays open, and
   * whoever dials it is told that nobody is there.
   */
  readonly renewAfterMs?: number;
  /** Waits between tries; without it the usual ones. */
  readonly backoff?: Backoff;
}

/**
 * Keeps an id registered at the broker until `signal` aborts: again after the broker went away, with growing
 * waits. Rejects when it can't be had at all.
 */
export async function stayRegistered(parts: RegistrationParts, signal: AbortSignal): Promise<void> {
  const { backoff = new Backoff() } = parts;
  while (!signal.aborted) {
    try {
      const isRenewed = await registerOnce(parts, signal, () => backoff.reset());
      if (isRenewed) continue;
    } catch (error) {
      if (!(error instanceof TransferError) || error.fault.code !== 'broker-unreachable')
        throw error;
    }
    if (signal.aborted) return;
    parts.retrying({ code: 'broker-unreachable' });
    await backoff.wait(signal);
  }
}

/** Resolves when the registration that stood is lost, or `signal` aborts. @returns whether it was only to be renewed */
async function registerOnce(
  parts: RegistrationParts,
  signal: AbortSignal,
  stood: () => void,
): Promise<boolean> {
  let isRenewed = false;
  let tellLost = () => {};
  const lost = new Promise<void>((resolve) => {
    tellLost = resolve;
  });
  const broker = await parts.open({
    introduced: (stranger) => parts.introduced(stranger),
    lost: () => tellLost(),
  });
  const leave = () => {
    broker.close();
    tellLost();
  };
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  const renew = () => {
    isRenewed = true;
    leave();
  };
  if (!signal.aborted) {
    stood();
    parts.opened(renew);
  }
  const renewal =
    parts.renewAfterMs === undefined ? undefined : setTimeout(renew, parts.renewAfterMs);
  await lost;
  clearTimeout(renewal);
  signal.removeEventListener('abort', leave);
  return isRenewed;
}
