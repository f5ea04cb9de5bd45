/** What a person set about the way between devices, on top of what the site brings. */
export interface IceWishes {
  /** Never tell the peer an address of this device: everything goes through a TURN server. */
  readonly isRelayOnly: boolean;
  readonly iceServers: readonly IceServer[];
}

/** One STUN or TURN server as a person typed it. */
export interface IceServer {
  /** `turn:host:3478`, as RFC 7064 and 7065 write it. */
  readonly url: string;
  /** Empty for STUN. */
  readonly username: string;
  readonly credential: string;
}

/** Most servers of one person: each costs every connection a few packets. */
export const MAX_OWN_ICE_SERVERS = 4;

const ICE_URL =
  /^(?:stuns?:(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?|turns?:(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?)$/i;

/** Whether RTCPeerConnection takes this text as the address of a server; it throws on others. */
export const isIceUrl = (url: string): boolean => ICE_URL.test(url);

/** Whether the address is of a relay. */
export const isTurnUrl = (url: string): boolean => /^turns?:/i.test(url);

/** Whether RTCPeerConnection takes this server: a TURN server needs a name and a password. */
export const isUsableIceServer = ({ url, username, credential }: IceServer): boolean =>
  isIceUrl(url) && (!isTurnUrl(url) || (username !== '' && credential !== ''));
