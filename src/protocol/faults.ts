/**
 * Faults are the failures we expect: a peer lies, a disk fills, a user leaves. They are values.
 * Bugs are the failures we do not: they throw from {@link unreachable} and reach the crash screen.
 */
export type Fault =
  /** The peer sent something that breaks a rule of SPEC.md. */
  | { readonly code: 'rule-broken'; readonly rule: string }
  /** The peer speaks another version of the protocol. */
  | { readonly code: 'version-mismatch'; readonly theirs: number }
  /** A block failed its digest too often. */
  | { readonly code: 'hash-mismatch'; readonly block: number }
  /** A file that is sent, or was to be, changed, vanished or cannot be read; and so did so many more. */
  | { readonly code: 'source-changed'; readonly name: string; readonly moreCount?: number }
  /** After a reload the browser can't open these files again: the person has to pick them. */
  | { readonly code: 'source-needed'; readonly names: readonly string[] }
  /** This device has no room for the bytes. */
  | { readonly code: 'disk-full'; readonly neededBytes: number }
  /** This device's storage refused to work, for a reason other than room. */
  | { readonly code: 'storage-failed'; readonly detail: string }
  /** The other device could not go on; it told us why with a wire code only. */
  | { readonly code: 'peer-failed'; readonly reason: WireCode }
  | { readonly code: 'declined' }
  | { readonly code: 'cancelled'; readonly by: 'me' | 'peer' }
  /** No sign of life from the peer. */
  | { readonly code: 'peer-gone'; readonly silentMs: number }
  /** The peer ended the link on purpose. */
  | { readonly code: 'peer-left' }
  /** ICE found no way between the two devices. */
  | { readonly code: 'no-path' }
  /** The broker cannot be reached; it is tried again by itself. */
  | { readonly code: 'broker-unreachable' }
  /** Nobody answers under this code yet; it is tried again by itself. */
  | { readonly code: 'peer-unavailable' }
  /** Every nameplate tried was taken. */
  | { readonly code: 'no-nameplate' }
  /** The text typed is not a code or link. */
  | { readonly code: 'code-malformed'; readonly part: string }
  /** The proof failed: a wrong code, or somebody in the middle. */
  | { readonly code: 'not-verified' }
  /** The host takes no words any more (burned too often), only the link or QR. */
  | { readonly code: 'code-refused' }
  /** The share was for one person, and somebody was first. */
  | { readonly code: 'share-taken' }
  /** More files, a longer path or more bytes than one transfer may have. */
  | { readonly code: 'too-much'; readonly what: 'files' | 'bytes' | 'path' | 'text' }
  /** This browser or page cannot do it. */
  | { readonly code: 'unsupported'; readonly what: 'secure-context' | 'webrtc' | 'storage' };

/** What a failed party says on the wire. Never renumber, only append. SPEC E1. */
export const WIRE_CODE = {
  'rule-broken': 1,
  'version-mismatch': 2,
  'hash-mismatch': 3,
  'source-changed': 4,
  'disk-full': 5,
  'storage-failed': 6,
  'peer-failed': 7,
  declined: 8,
  cancelled: 9,
  'peer-gone': 10,
  'peer-left': 11,
  'no-path': 12,
  'broker-unreachable': 13,
  'peer-unavailable': 14,
  'no-nameplate': 15,
  'code-malformed': 16,
  'not-verified': 17,
  'code-refused': 18,
  'share-taken': 19,
  'too-much': 20,
  unsupported: 21,
  'source-needed': 22,
} as const satisfies Record<Fault['code'], number>;

export type WireCode = (typeof WIRE_CODE)[Fault['code']];

/** Carries a {@link Fault} across an `await`. The only error class the app throws on purpose. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  readonly fault: Fault;

  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.code, options);
    this.fault = fault;
  }
}

/** Marks a branch the types say cannot be reached. Reaching it is a bug, never a {@link Fault}. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
