/** The page of everyone who means ill: tests drive it through `window`. */
import { Middle } from './middle.ts';

const brokerUrl = `ws://${location.host}/peer`;

Object.assign(window, { attacker: { middle: new Middle(brokerUrl) } });
