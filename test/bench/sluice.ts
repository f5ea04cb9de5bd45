import type { Person } from '../e2e/harness/person.ts';

/** How long the longest transfer of a bench may take, ms. */
const PATIENCE_MS = 60 * 60_000;

export interface SluiceTimes {
  /** From the tap that joins to the first verified block. */
  readonly joinToFirstBlockMs: number;
  /** From accepting to all bytes verified and stored. */
  readonly acceptToDoneMs: number;
}

/**
 * Sends what `pick` picks through the app as two people would. The clock is the receiver's page: it takes the
 * proposal `decideMs` after it is shown, so no time of ours is counted.
 */
export async function measureSluice(
  sender: Person,
  receiver: Person,
  pick: () => Promise<void>,
  decideMs = 0,
): Promise<SluiceTimes> {
  await pick();
  const code = await sender.shareCode();
  const times = await watchWhile(receiver, decideMs, () => receiver.joinByCode(code));
  await sender.waitForPhase('send', 'done');
  return times;
}

async function watchWhile(
  receiver: Person,
  decideMs: number,
  join: () => Promise<void>,
): Promise<SluiceTimes> {
  const watching = receiver.driver.evaluate(watchTransfer, { patienceMs: PATIENCE_MS, decideMs });
  await join();
  return await watching;
}

/** Runs in the page, from before the tap on `join` until the transfer is done. */
function watchTransfer({
  patienceMs,
  decideMs,
}: {
  patienceMs: number;
  decideMs: number;
}): Promise<SluiceTimes> {
  const at = { joined: 0, proposed: 0, accepted: 0, firstBlock: 0 };
  document.addEventListener(
    'click',
    ({ target }) => {
      const isJoin = target instanceof Element && target.closest('[data-testid=join]') !== null;
      if (isJoin) at.joined = performance.now();
    },
    { capture: true },
  );
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const look = () => {
      const now = performance.now();
      const transfer = document.querySelector<HTMLElement>(
        '[data-testid=transfer][data-direction=receive]',
      );
      const accept = transfer?.querySelector<HTMLElement>('[data-testid=accept]');
      if (accept && at.proposed === 0) at.proposed = now;
      if (accept && at.accepted === 0 && now >= at.proposed + decideMs) {
        at.accepted = now;
        accept.click();
      }
      if (at.firstBlock === 0 && Number(transfer?.dataset['bytes']) > 0) at.firstBlock = now;
      if (transfer?.dataset['phase'] === 'done') {
        resolve({
          joinToFirstBlockMs: at.firstBlock - at.joined,
          acceptToDoneMs: now - at.accepted,
        });
      } else if (transfer?.dataset['phase'] === 'failed' || now - startedAt > patienceMs) {
        reject(new Error(`no transfer: ${document.body.textContent.slice(0, 500)}`));
        // Often while milliseconds count, seldom while looking would cost some of what is measured.
      } else setTimeout(look, at.firstBlock === 0 ? 10 : 50);
    };
    look();
  });
}
