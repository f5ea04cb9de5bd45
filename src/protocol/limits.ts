/**
 * Every number the protocol depends on, with its unit, its reason and its source.
 * A bound that is not here does not belong in the protocol.
 */

/** Version both ends must share; told in the handshake hello. SPEC V1. */
export const PROTOCOL_VERSION = 1;

/** Bytes in one block of a transfer up to 64 GiB: the unit of hashing, journal, ack and resume. SPEC G2. */
export const BLOCK_BYTES = 1024 * 1024;

/** Most blocks in one transfer. Keeps a bitmap at 8 KiB and the digests at 2 MiB; larger transfers use larger blocks. SPEC G2. */
export const MAX_BLOCKS = 65_536;

/** Frames start and end on this grid inside a block, so a bitmap can say exactly what arrived. SPEC F4. */
export const GRAIN_BYTES = 16 * 1024;

/** Bytes of header in front of every frame. SPEC F1. */
export const FRAME_HEADER_BYTES = 12;

/** Bytes of a SHA-256 digest. */
export const DIGEST_BYTES = 32;

/**
 * Most payload bytes in one data frame: with header and digest it stays below the 256 KiB that
 * Chromium and Safari accept (libwebrtc `max-message-size:262144`). SPEC F4.
 */
export const MAX_PAYLOAD_BYTES = 240 * 1024;

/**
 * Payload bytes in one data frame when the path allows it. A frame of this size is a message
 * every current browser accepts; larger ones were not faster (see `npm run bench`).
 */
export const PAYLOAD_BYTES = 64 * 1024;

/**
 * Payload bytes for a peer that announces no larger message than the 64 KiB WebRTC assumes when the
 * SDP is silent (RFC 8841 section 6): a message exactly at the limit is where browsers disagree.
 */
export const SMALL_PAYLOAD_BYTES = 32 * 1024;

/** Least message size of a lane: header, a small payload and a digest. A longer message makes `send` throw. SPEC L4. */
export const MIN_MESSAGE_BYTES = FRAME_HEADER_BYTES + SMALL_PAYLOAD_BYTES + DIGEST_BYTES;

/** Least and most bytes of blocks a receiver may let a sender have unacknowledged: its memory is bounded by this. SPEC C3, W1. */
export const MIN_WINDOW_BYTES = BLOCK_BYTES;
export const MAX_WINDOW_BYTES = 256 * 1024 * 1024;

/**
 * Windows of unfinished blocks a receiver holds: one, and the blocks of transfers its sender has just
 * ended, whose places the sender fills again before `cancel` arrives. SPEC W2.
 */
export const UNFINISHED_WINDOWS = 2;

/** Duplicate payload bytes a receiver tolerates, beyond one copy of the transfer. SPEC W3. */
export const DUPLICATE_ALLOWANCE_BYTES = 64 * 1024 * 1024;

/** Most samples of held blocks in one `accept`. SPEC P8. */
export const MAX_SAMPLES = 8;

/** Times a block may fail its digest before the transfer fails. SPEC D3. */
export const MAX_DIGEST_FAILURES = 3;

/** Most characters of one control message, as JSON text. SPEC C1. */
export const MAX_CONTROL_CHARS = 64 * 1024;

/** Deepest nesting of a control message. SPEC C1. */
export const MAX_CONTROL_DEPTH = 8;

/** Characters of entries packed into one `manifest` message; leaves room for its envelope. SPEC M4. */
export const MANIFEST_PART_CHARS = 48 * 1024;

/** Most files (and listed folders) in one manifest. SPEC M1. */
export const MAX_FILES = 10_000;

/** Most characters of manifest entries altogether, as JSON text. SPEC M1. */
export const MAX_MANIFEST_CHARS = 4 * 1024 * 1024;

/** Deepest path of a file, in segments. SPEC M2. */
export const MAX_PATH_DEPTH = 32;

/** Longest path of a file, in UTF-16 units over all its segments. SPEC M2. */
export const MAX_PATH_CHARS = 1024;

/** Most bytes of one transfer: 1 TiB. SPEC M3. */
export const MAX_TRANSFER_BYTES = 2 ** 40;

/** Most bytes of a text sent as text; anything longer goes as a file. SPEC M5. */
export const MAX_TEXT_BYTES = 64 * 1024;

/** Longest name a device may give itself, in UTF-16 units. SPEC C3. */
export const MAX_DEVICE_NAME_CHARS = 64;

/** Most lanes an end opens on one link, and most it opens any beside. SPEC L1. */
export const MAX_LANES = 32;

/** Longest SDP and longest candidate line a peer or the broker may hand us, in characters. SPEC L2. */
export const MAX_SDP_CHARS = 16 * 1024;
export const MAX_CANDIDATE_CHARS = 1024;

/** Most ICE candidates kept for one lane. SPEC L2. */
export const MAX_CANDIDATES = 64;

/** Proposals one peer may have open at once, and may make per minute. SPEC P2. */
export const MAX_OPEN_PROPOSALS = 8;
export const MAX_PROPOSALS_PER_MINUTE = 30;

/** Transfers one peer may have running at once towards us. SPEC P2. */
export const MAX_RUNNING_TRANSFERS = 64;

/** How often each end says it is alive, and how long a silence means the peer is gone, in ms. SPEC C4. */
export const PING_INTERVAL_MS = 2_000;
export const SILENCE_LIMIT_MS = 8_000;
