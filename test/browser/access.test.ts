import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { SCENES } from '../gallery/scenes.ts';
import { showScene } from '../gallery/showScene.ts';

/** Between them: both themes, both directions, a phone and a desktop. */
const LOOKS = [
  { theme: 'light', direction: 'ltr', width: 390, height: 844 },
  { theme: 'dark', direction: 'ltr', width: 1280, height: 800 },
  { theme: 'light', direction: 'rtl', width: 390, height: 844 },
] as const;

let root: HTMLElement;

beforeEach(() => {
  location.hash = '';
  root = document.createElement('div');
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
  document.documentElement.dir = '';
});

describe.each(LOOKS)('$theme, $direction, $width px wide', (look) => {
  beforeEach(() => page.viewport(look.width, look.height));

  test.each(Object.entries(SCENES))('nothing keeps anybody out of %s', async (_, scene) => {
    await showScene(root, scene, { language: 'en', theme: look.theme });
    document.documentElement.dir = look.direction;
    await Promise.allSettled(
      document
        .getAnimations()
        .filter(isPassing)
        .map(({ finished }) => finished),
    );
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    expect(violations.flatMap(inWords)).toEqual([]);
  });
});

/** A colour on its way to another says nothing about either; streams flow for ever. */
const isPassing = (animation: Animation) =>
  animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;

const inWords = ({ id, nodes }: axe.Result) =>
  nodes.map(({ html, any, all, none }) => {
    const [first] = [...any, ...all, ...none];
    return `${id}: ${html.slice(0, 160)}: ${first?.message ?? ''}`;
  });
