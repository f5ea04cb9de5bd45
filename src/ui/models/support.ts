import type { Fault } from '../../protocol/faults.ts';

interface Scope {
  readonly isSecureContext: boolean;
  readonly RTCPeerConnection?: unknown;
  readonly webkitRTCPeerConnection?: unknown;
}

/** What this page cannot do without and does not have; the first thing, as the others may follow from it. */
export function missingHere(scope: Scope = globalThis): Fault | undefined {
  if (!scope.isSecureContext) return { code: 'unsupported', what: 'secure-context' };
  const rtc = scope.RTCPeerConnection ?? scope.webkitRTCPeerConnection;
  return typeof rtc === 'function' ? undefined : { code: 'unsupported', what: 'webrtc' };
}
