/**
 * Bytes a lane's channel may hold before the flow must wait. Far below the 16 MiB at which Chromium's
 * `send` throws, and enough that a busy worker doesn't let the channel run dry.
 */
export const HIGH_WATER_BYTES = 1024 * 1024;

/**
 * Where a full lane takes more. Chromium reports drains in steps of 100 KiB or more (libwebrtc
 * `MaybeSendOnBufferedAmountChanged`), so a lower mark would let the pipe run dry.
 */
export const LOW_WATER_BYTES = 256 * 1024;
