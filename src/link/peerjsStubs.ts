/**
 * Stands in for what PeerJS imports and does not need here (vite.config.ts, `PEERJS_ALIASES`). Of `webrtc-adapter` it only reads
 * `browserDetails`; the real one is half of PeerJS's size and patches RTCPeerConnection for browsers older than those we support.
 * `peerjs-js-binarypack` and `@msgpack/msgpack` are serializations, and ours is `raw`: a connection of any other never comes to be
 * (brokerFrames.ts).
 */
const [, engine, version] = /(Firefox|Chrome)\/(\d+)/.exec(navigator.userAgent) ?? [];

/** WebKit's frozen engine version: what the real adapter reports, and PeerJS compares with. */
const SAFARI = { browser: 'safari', version: 605 };

// biome-ignore lint/style/noDefaultExport: PeerJS imports the default export
export default {
  browserDetails:
    engine === undefined ? SAFARI : { browser: engine.toLowerCase(), version: Number(version) },
};

const unused = () => {
  throw new Error('only raw connections are made');
};

export { unused as decodeMultiStream, unused as pack, unused as unpack };

/** Made once a connection is, so it must exist. */
export class Encoder {}
