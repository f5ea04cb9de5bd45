import type { StoreKind } from './blockStore.ts';

/** What Sluice needs of a browser and its network, in the order it is tried. */
export type DoctorCheck =
  | 'secure-context'
  | 'webrtc'
  | 'storage'
  | 'lanes'
  | 'broker'
  | 'addresses'
  | 'udp'
  | 'relay';

/** What a check found. `unknown`: what it needs is missing, and an earlier check says so. */
export type DoctorFinding =
  | { readonly check: DoctorCheck; readonly verdict: 'unknown' }
  | { readonly check: 'secure-context' | 'webrtc'; readonly verdict: 'good' | 'bad' }
  | {
      /** Poor when there is little room, or only memory. */
      readonly check: 'storage';
      readonly verdict: 'good' | 'poor';
      readonly kind: StoreKind;
      /** Undefined when the browser does not say. */
      readonly freeBytes: number | undefined;
    }
  /** Poor when channels can't be handed to the transfer worker. */
  | { readonly check: 'lanes'; readonly verdict: 'good' | 'poor' }
  | { readonly check: 'broker'; readonly verdict: 'good'; readonly answerMs: number }
  | { readonly check: 'broker'; readonly verdict: 'bad' }
  /** ICE candidates of the device itself. */
  | { readonly check: 'addresses'; readonly verdict: 'good' | 'bad' }
  /** ICE candidates as seen from outside. Poor when no STUN server is set. */
  | { readonly check: 'udp'; readonly verdict: 'good' | 'poor' | 'bad' }
  /** ICE candidates of a relay. Poor when none is set and none is insisted on. */
  | { readonly check: 'relay'; readonly verdict: 'good' | 'poor' }
  | { readonly check: 'relay'; readonly verdict: 'bad'; readonly isSet: boolean };

/** Tries everything, and tells each finding as it comes. Resolves when all are told; stops when `signal` aborts. */
export type RunDoctor = (
  found: (finding: DoctorFinding) => void,
  signal: AbortSignal,
) => Promise<void>;
