/** The page of everyone who means ill: tests drive it through `window.attacker`. */
import { guessOnce, guessTogether } from './guesser.ts';
import { Middle } from './middle.ts';

const attacker = {
  /** Stands in the middle from the first call on. */
  middle: () => {
    middle ??= new Middle(`ws://${location.host}/peer`);
    return middle;
  },
  guessOnce,
  guessTogether,
};

let middle: Middle | undefined;

export type Attacker = typeof attacker;

Object.assign(window, { attacker });
