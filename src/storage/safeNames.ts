/** Name and ending; a double ending such as `.tar.gz` stays together. */
const NAME = /^(.+?)((?:\.tar)?\.[^.\s]{1,16})?$/s;

/** `photo.jpg`, `photo (2).jpg`, `photo (3).jpg`: the `n`th name to try when the ones before are taken. */
export function numberedName(name: string, n: number): string {
  if (n === 1) return name;
  const [, stem = name, ending = ''] = NAME.exec(name) ?? [];
  return `${stem} (${n})${ending}`;
}

/** Gives out each path once, whatever the case of its letters: ZIP readers on Windows and macOS see no case. */
export class UniquePaths {
  readonly #taken = new Set<string>();

  /** @returns `path` joined by slashes, its last segment numbered when the path was given out before */
  claim(path: readonly string[]): string {
    const folders = path.slice(0, -1);
    const name = path.at(-1) ?? '';
    for (let n = 1; ; n += 1) {
      const claimed = [...folders, numberedName(name, n)].join('/');
      const key = claimed.normalize('NFC').toLowerCase();
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return claimed;
    }
  }
}
