/** Names the relays a page may use. Must survive JSON. */
export interface RelaysOfPage {
  readonly host: string;
  /** Of relays nobody uses yet. */
  readonly ports: readonly number[];
  /** Told, by POST, which candidate each relay stands for. */
  readonly assignUrl: string;
}

/**
 * Runs inside a page, before its first connection. Every candidate of the other page is swapped for a
 * relay; what the path cannot carry (TCP, IPv6, mDNS names) is left out, so nothing goes past the path.
 */
export function rewriteCandidates({ host, ports, assignUrl }: RelaysOfPage): void {
  const relayOf = new Map<string, number>();

  const relayFor = (target: string, to: { host: string; port: number }): number | undefined => {
    const known = relayOf.get(target);
    if (known !== undefined) return known;
    const port = ports[relayOf.size];
    if (port === undefined) {
      console.error('path emulator: no relay left');
      return undefined;
    }
    relayOf.set(target, port);
    // Not waited for: the relay keeps what comes before it knows where to.
    fetch(assignUrl, { method: 'POST', body: JSON.stringify({ port, to }) }).catch(() =>
      console.error('path emulator: gone'),
    );
    return port;
  };

  /** `candidate:…` with the relay's address; undefined for one to leave out. */
  const rewritten = (candidate: string): string | undefined => {
    const words = candidate.split(' ');
    const [, , protocol = '', , address = '', port = '', , type] = words;
    const isCarried =
      protocol.toLowerCase() === 'udp' && type === 'host' && /^\d+(\.\d+){3}$/.test(address);
    const relay = isCarried
      ? relayFor(`${address}:${port}`, { host: address, port: Number(port) })
      : undefined;
    if (relay === undefined) return undefined;
    words[4] = host;
    words[5] = String(relay);
    return words.join(' ');
  };

  const rewrittenSdp = (sdp: string) =>
    sdp
      .split('\r\n')
      .map((line) => {
        if (!line.startsWith('a=candidate:')) return line;
        const candidate = rewritten(line.slice(2));
        return candidate === undefined ? undefined : `a=${candidate}`;
      })
      .filter((line) => line !== undefined)
      .join('\r\n');

  // The overloads of old, with callbacks, are no use here.
  const call = <A>(method: unknown, connection: RTCPeerConnection, argument: A): Promise<void> =>
    Reflect.apply(method as (argument: A) => Promise<void>, connection, [argument]);

  const { prototype } = RTCPeerConnection;
  const { addIceCandidate, setRemoteDescription } = prototype;

  prototype.addIceCandidate = function (candidate?: RTCIceCandidateInit | RTCIceCandidate | null) {
    const line = candidate?.candidate;
    // None, or an empty one, ends the candidates.
    if (!candidate || !line) return call(addIceCandidate, this, candidate);
    const relayed = rewritten(line);
    if (relayed === undefined) return Promise.resolve();
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
    return call(addIceCandidate, this, {
      candidate: relayed,
      ...(sdpMid == null ? {} : { sdpMid }),
      ...(sdpMLineIndex == null ? {} : { sdpMLineIndex }),
      ...(usernameFragment == null ? {} : { usernameFragment }),
    });
  };

  prototype.setRemoteDescription = function (description: RTCSessionDescriptionInit) {
    const sdp = rewrittenSdp(description.sdp ?? '');
    return call(setRemoteDescription, this, { type: description.type, sdp });
  };
}
