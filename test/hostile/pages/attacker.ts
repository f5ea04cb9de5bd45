/** The page of everyone who means ill: tests drive it through `window.attacker`. */
import { CORPUS } from './corpus.ts';
import { guessOnce, guessTogether, loiter } from './guesser.ts';
import { HostilePeer } from './hostilePeer.ts';
import { Middle } from './middle.ts';

/** Joins, breaks one rule, and waits for the end. @returns the wire code it is told, or that it was told nothing */
async function misbehave(name: string, link: string): Promise<number | 'silence'> {
  const misdeed = CORPUS.find((each) => each.name === name);
  if (misdeed === undefined) throw new Error(`no misdeed: ${name}`);
  const peer = await HostilePeer.join(link);
  try {
    await misdeed.commit(peer);
    return await peer.until(() => {
      const end = peer.heard.find(({ type }) => type === 'close' || type === 'cancel');
      if (end !== undefined && 'reason' in end) return end.reason;
      return peer.isOver ? 'silence' : undefined;
    });
  } finally {
    peer.leave();
  }
}

const attacker = {
  misbehave,
  /** Stands in the middle from the first call on. */
  middle: () => {
    middle ??= new Middle(`ws://${location.host}/peer`);
    return middle;
  },
  guessOnce,
  guessTogether,
  loiter,
};

let middle: Middle | undefined;

export type Attacker = typeof attacker;

Object.assign(window, { attacker });
