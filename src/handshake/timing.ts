/** How long either side waits for the next frame of the other, in ms. Also bounds how long a lock is held. SPEC H13. */
export const STEP_TIMEOUT_MS = 5_000;

/** How long a whole handshake may take, in ms. SPEC H13. */
export const TOTAL_TIMEOUT_MS = 15_000;

/** Which of the two waits is meant. Arming a timer again replaces it; both end with the handshake. */
export type HandshakeTimer = 'step' | 'total';
