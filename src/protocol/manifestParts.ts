import { MANIFEST_PART_CHARS, MAX_MANIFEST_CHARS, MAX_TEXT_BYTES } from './limits.ts';
import { blockBytesFor, type Manifest, type ManifestFile } from './manifest.ts';
import type { Message } from './messages.ts';

/** The `manifest` messages that carry the entries, each well below the size of a control message. SPEC M4. */
export function manifestParts(manifest: Manifest): readonly Message<'manifest'>[] {
  const parts: ManifestFile[][] = [[]];
  let chars = 0;
  for (const file of manifest.files) {
    const fileChars = JSON.stringify(file).length + 1;
    if (chars + fileChars > MANIFEST_PART_CHARS && chars > 0) {
      parts.push([]);
      chars = 0;
    }
    parts.at(-1)!.push(file);
    chars += fileChars;
  }
  return parts.map((files, part) => ({ type: 'manifest', transfer: manifest.id, part, files }));
}

/**
 * Puts a proposal's manifest together from its parts. Bounded by what the proposal announced, which
 * is itself within `limits.ts`; a sender that says one thing and sends another breaks a rule.
 */
export class ManifestAssembly {
  readonly #proposal: Message<'propose'>;
  readonly #files: ManifestFile[] = [];
  #parts = 0;
  #totalBytes = 0;
  #chars = 0;

  constructor(proposal: Message<'propose'>) {
    this.#proposal = proposal;
  }

  /** @returns the manifest when this was the last part, `undefined` when more must come, or the broken SPEC rule */
  add(
    part: Message<'manifest'>,
  ): Manifest | { readonly rule: 'M3' | 'M4' | 'M5' | 'M1' | 'G2' } | undefined {
    if (part.part !== this.#parts) return { rule: 'M4' };
    this.#parts += 1;
    for (const file of part.files) {
      if (file.kind === 'folder' && file.sizeBytes !== 0) return { rule: 'M5' };
      if (file.kind === 'text' && file.sizeBytes > MAX_TEXT_BYTES) return { rule: 'M5' };
      this.#totalBytes += file.sizeBytes;
      this.#chars += JSON.stringify(file).length + 1;
      this.#files.push(file);
    }
    const { transfer, fileCount, totalBytes, blockBytes, parts } = this.#proposal;
    if (this.#files.length > fileCount || this.#chars > MAX_MANIFEST_CHARS) return { rule: 'M1' };
    if (this.#totalBytes > totalBytes) return { rule: 'M3' };
    if (this.#parts < parts) return undefined;
    if (this.#files.length !== fileCount) return { rule: 'M1' };
    if (this.#totalBytes !== totalBytes) return { rule: 'M3' };
    if (blockBytes !== blockBytesFor(totalBytes)) return { rule: 'G2' };
    return { id: transfer, files: this.#files, blockBytes, totalBytes };
  }
}
