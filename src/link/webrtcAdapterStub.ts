/**
 * Stands in for `webrtc-adapter`, which PeerJS imports only to read `browserDetails`. The real one is
 * half of PeerJS's size and patches RTCPeerConnection for browsers older than those we support.
 */
const [, engine, version] = /(Firefox|Chrome)\/(\d+)/.exec(navigator.userAgent) ?? [];

/** WebKit's frozen engine version: what the real adapter reports, and PeerJS compares with. */
const SAFARI = { browser: 'safari', version: 605 };

// biome-ignore lint/style/noDefaultExport: PeerJS imports the default export
export default {
  browserDetails:
    engine === undefined ? SAFARI : { browser: engine.toLowerCase(), version: Number(version) },
};
