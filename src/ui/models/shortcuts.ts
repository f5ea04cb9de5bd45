/** What each shortcut of the manifest leads to on the home screen. */
const TARGETS: Readonly<Record<string, string>> = {
  '#/send': '.send .button-main',
  '#/receive': '.code-form input',
};

/**
 * Puts the focus where a shortcut of the installed app leads, now and whenever one is used again. A picker cannot be
 * opened for the person: that takes a tap.
 */
export function followShortcuts(): void {
  const follow = () => {
    const target = TARGETS[location.hash];
    if (target !== undefined) document.querySelector<HTMLElement>(target)?.focus();
  };
  addEventListener('hashchange', follow);
  follow();
}
