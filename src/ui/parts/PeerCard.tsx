import type { PeerView } from '../../session/view.ts';
import { isAway, isConnected } from '../models/peerPhases.ts';
import { useUi } from '../models/ui.ts';
import { fill } from '../words/phrase.ts';
import { Icon } from './Icon.tsx';
import { LanesPicture } from './LanesPicture.tsx';
import { PeerName } from './PeerName.tsx';

/** One connected device: its name, the way to it, and the lanes between the two. */
export function PeerCard({ peer }: { readonly peer: PeerView }) {
  const ui = useUi();
  const { words, format } = ui.language.value;
  const running = ui.view.value.transfers.find(
    (transfer) => transfer.peerId === peer.id && transfer.phase === 'transferring',
  );
  const rate = peer.lanes.reduce((sum, lane) => sum + lane.bytesPerSec, 0);

  return (
    <section
      class="peer card"
      data-testid="peer"
      data-phase={peer.phase}
      data-path={peer.path}
      data-lanes={peer.lanes.length}
    >
      <header class="peer-head">
        <Icon name="device" />
        <div class="peer-title">
          <h2>
            <PeerName name={peer.name} />
          </h2>
          <PeerBadge peer={peer} />
        </div>
        {isConnected(peer) && (
          <button
            type="button"
            class="icon-button"
            aria-label={words.disconnect}
            title={words.disconnect}
            onClick={() => ui.actions.leave(peer.id)}
          >
            <Icon name="close" />
          </button>
        )}
        {isAway(peer) && (
          <button type="button" class="button" onClick={() => ui.actions.reconnect(peer.id)}>
            {words.connectAgain}
          </button>
        )}
      </header>
      {peer.lanes.length > 0 && (
        <>
          <LanesPicture peer={peer} direction={running?.direction} />
          <p class="peer-facts">
            <span>{words.thisDevice}</span>
            <span class="peer-numbers">
              {running !== undefined && <b>{format.rate(rate)}</b>}
              {format.plural(peer.lanes.length, words.laneCount)}
              {peer.roundTripMs !== undefined && (
                <span class="peer-trip">
                  {fill(words.roundTrip, { time: format.milliseconds(peer.roundTripMs) })}
                </span>
              )}
            </span>
            <PeerName name={peer.name} />
          </p>
        </>
      )}
    </section>
  );
}

function PeerBadge({ peer }: { readonly peer: PeerView }) {
  const { words } = useUi().language.value;
  if (isAway(peer)) return null;
  if (peer.phase === 'reconnecting')
    return <span class="badge badge-warn">{words.peerReconnecting}</span>;
  return (
    <>
      {peer.isHidden && (
        <span class="badge badge-warn">
          <Icon name="moon" />
          {words.peerHidden}
        </span>
      )}
      {peer.path === undefined && <span class="badge">{words.peerConnected}</span>}
      {peer.path === 'direct' && (
        <span class="badge badge-good" title={words.pathDirectHint}>
          {words.pathDirect}
        </span>
      )}
      {peer.path === 'relay' && (
        <span class="badge badge-warn" title={words.pathRelayHint}>
          {words.pathRelay}
        </span>
      )}
    </>
  );
}
