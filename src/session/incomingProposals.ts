import type { TransferId, TransferTag } from '../protocol/ids.ts';
import {
  MAX_OPEN_PROPOSALS,
  MAX_PROPOSALS_PER_MINUTE,
  MAX_RUNNING_TRANSFERS,
} from '../protocol/limits.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { ManifestAssembly } from '../protocol/manifestParts.ts';
import type { Message } from '../protocol/messages.ts';

/** What there is of a peer's transfers already. */
export interface IncomingCounts {
  /** The proposed transfer is none of them. */
  readonly isNew: boolean;
  /** Nobody has decided on them. */
  readonly proposed: number;
  /** They may still come to something, proposed ones among them. */
  readonly open: number;
}

/** What a peer proposes, until its manifest is whole. Bounds how much of that there may be. */
export class IncomingProposals {
  readonly #now: () => number;
  readonly #partial = new Map<
    TransferId,
    { readonly tag: TransferTag; readonly assembly: ManifestAssembly }
  >();
  /** When new transfers were proposed in the last minute. */
  #times: number[] = [];

  /** @param now ms of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Proposing again what is known, on every new link, is how a transfer goes on. @returns the broken rule, if any */
  begin(proposal: Message<'propose'>, { isNew, proposed, open }: IncomingCounts): 'P2' | undefined {
    const now = this.#now();
    this.#times = this.#times.filter((at) => now - at < 60_000);
    if (isNew) this.#times.push(now);
    const isFlood =
      this.#times.length > MAX_PROPOSALS_PER_MINUTE ||
      this.#partial.size + proposed >= MAX_OPEN_PROPOSALS ||
      (isNew && open >= MAX_RUNNING_TRANSFERS);
    if (isFlood || this.#partial.has(proposal.transfer)) return 'P2';
    const assembly = new ManifestAssembly(proposal);
    this.#partial.set(proposal.transfer, { tag: proposal.tag, assembly });
    return undefined;
  }

  /** @returns the manifest once it is whole, or the broken rule */
  add(
    part: Message<'manifest'>,
  ):
    | { readonly manifest: Manifest; readonly tag: TransferTag }
    | { readonly rule: string }
    | undefined {
    const partial = this.#partial.get(part.transfer);
    if (partial === undefined) return { rule: 'M4' };
    const manifest = partial.assembly.add(part);
    if (manifest === undefined || 'rule' in manifest) return manifest;
    this.#partial.delete(part.transfer);
    return { manifest, tag: partial.tag };
  }

  /** The link is another one: what was half said on the last comes again from its beginning. */
  clear(): void {
    this.#partial.clear();
  }
}
