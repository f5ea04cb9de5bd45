/** A global scope that may know WebRTC under the standard name, the old prefixed one, or not at all. */
interface RtcScope {
  RTCPeerConnection?: unknown;
  webkitRTCPeerConnection?: unknown;
}

/**
 * Puts the prefixed constructor under the standard name where it is all there is, for us and for PeerJS.
 * @returns whether there is an RTCPeerConnection now
 */
export function adoptPrefixedRtc(scope: RtcScope): boolean {
  scope.RTCPeerConnection ??= scope.webkitRTCPeerConnection;
  return typeof scope.RTCPeerConnection === 'function';
}
