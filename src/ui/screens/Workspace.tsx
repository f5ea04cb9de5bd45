import { isConnected } from '../models/peerPhases.ts';
import { useUi } from '../models/ui.ts';
import { CodeCard } from '../parts/CodeCard.tsx';
import { Composer } from '../parts/Composer.tsx';
import { Icon } from '../parts/Icon.tsx';
import { PeerCard } from '../parts/PeerCard.tsx';
import { PeerName } from '../parts/PeerName.tsx';
import { Phrase } from '../parts/Phrase.tsx';
import { Still } from '../parts/Still.tsx';
import { Offers, Transfers } from '../parts/TransferCards.tsx';
import { Share } from './Share.tsx';
import '../styles/sharing.css';

/** Sharing or connected: the share and a place to add things, beside the peers and transfers. */
export function Workspace() {
  const ui = useUi();
  const { words } = ui.language.value;
  const { share, peers, transfers } = ui.view.value;
  return (
    <div class="workspace" data-busy={peers.length > 0} data-sharing={share !== undefined}>
      <div class="workspace-side">
        {share === undefined && <h1 class="unseen">{words.peerConnected}</h1>}
        {share === undefined ? <Connected /> : <Share share={share} />}
        {/* While everybody is away somebody else may be there. */}
        {share === undefined && !peers.some(isConnected) && <CodeCard />}
      </div>
      <div class="workspace-main">
        <Offers />
        {peers.map((peer) => (
          <PeerCard key={peer.id} peer={peer} />
        ))}
        <Transfers />
        {transfers.length === 0 && <Nothing />}
      </div>
      <div class="dock">
        <Composer hasPickers />
      </div>
    </div>
  );
}

/** The side of the page for a joiner: room to drop things. */
function Connected() {
  const ui = useUi();
  const { words } = ui.language.value;
  return (
    <section class="card connected" aria-label={words.sendQuestion}>
      <div class="basin">
        <div class="basin-words">
          <h2>{words.sendQuestion}</h2>
          <p class="muted">
            {words.dropHere} {words.dropHint}
          </p>
        </div>
        <div class="actions">
          <button type="button" class="button button-main" onClick={() => ui.pick('files')}>
            <Icon name="file" />
            {words.chooseFiles}
          </button>
          <button type="button" class="button" onClick={() => ui.pick('folder')}>
            <Icon name="folder" />
            {words.chooseFolder}
          </button>
        </div>
      </div>
    </section>
  );
}

function Nothing() {
  const ui = useUi();
  const { words } = ui.language.value;
  const peer = ui.view.value.peers[0];
  if (peer === undefined) return <Still title={words.nobodyYet} hint={words.nobodyYetHint} />;
  const values = { name: <PeerName name={peer.name} /> };
  return (
    <Still
      title={words.nothingYet}
      hint={<Phrase phrase={words.nothingYetHint} values={values} />}
    />
  );
}
