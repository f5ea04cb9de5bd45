import type { PeerView } from '../../session/view.ts';

export const isConnected = ({ phase }: PeerView): boolean => phase === 'connected';

/** Nobody looks for this device until the person says so. */
export const isAway = ({ phase }: PeerView): boolean => phase === 'left' || phase === 'gone';
