import { type Signal, useSignal } from '@preact/signals';
import type { TransferView } from '../../session/view.ts';
import { isAway } from '../models/peerPhases.ts';
import { isProgressUnknown, phasePhrase, titleOf, titleParts } from '../models/transferWords.ts';
import { useLanguage, useUi } from '../models/ui.ts';
import type { Words } from '../words/en.ts';
import { fill } from '../words/phrase.ts';
import { FaultAlert } from './FaultAlert.tsx';
import { FileList } from './FileList.tsx';
import { FileName } from './FileName.tsx';
import { Icon, type IconName } from './Icon.tsx';
import { Note } from './Note.tsx';
import { Offer } from './Offer.tsx';
import { PeerName } from './PeerName.tsx';
import { Phrase } from './Phrase.tsx';
import { ProgressBar } from './ProgressBar.tsx';
import { ReceivedText } from './ReceivedText.tsx';
import { RemovalQuestion, RemoveButton } from './Removal.tsx';
import { TransferActions, textIdOf } from './TransferActions.tsx';

/** Up to so many files are listed without being asked for. */
const FEW_FILES = 3;

/** One transfer, in whatever phase it is. */
export function TransferCard({ transfer }: { readonly transfer: TransferView }) {
  const isAsking = useSignal(false);
  const isOffer = transfer.phase === 'proposed' && transfer.direction === 'receive';
  return (
    <article
      class={isOffer ? 'transfer card card-raised' : 'transfer card'}
      data-testid="transfer"
      data-transfer-id={transfer.id}
      data-direction={transfer.direction}
      data-phase={transfer.phase}
      data-bytes={transfer.bytes}
      data-total={transfer.totalBytes}
    >
      <Head transfer={transfer} isAsking={isAsking} />
      <RemovalQuestion transfer={transfer} isAsking={isAsking} />
      {isOffer ? <Offer transfer={transfer} /> : <Body transfer={transfer} />}
    </article>
  );
}

interface HeadProps {
  readonly transfer: TransferView;
  readonly isAsking: Signal<boolean>;
}

function Head({ transfer, isAsking }: HeadProps) {
  const language = useLanguage();
  const { words, format } = language;
  const name = <PeerName name={transfer.peerName} />;
  const isOffer = transfer.phase === 'proposed' && transfer.direction === 'receive';
  const phase = <Phrase phrase={phasePhrase(transfer, language)} values={{ name }} />;
  const isAlone = transfer.files.length <= 1;

  return (
    <header class="transfer-head">
      <span class="transfer-mark">
        <Icon name={markOf(transfer)} />
      </span>
      <div class="transfer-title">
        {isOffer && <p class="transfer-phase">{phase}</p>}
        <h2>
          <Title transfer={transfer} />
        </h2>
        <p class="transfer-facts">
          {!isOffer && <span class="transfer-phase">{phase}</span>}
          {transfer.phase === 'done' && <span class="badge badge-good">{words.verified}</span>}
          {namesPeer(transfer) && (
            <span>
              <Phrase
                phrase={transfer.direction === 'send' ? words.toPeer : words.fromPeer}
                values={{ name }}
              />
            </span>
          )}
          {!isAlone && <span>{format.plural(transfer.files.length, words.itemCount)}</span>}
          <span>{format.bytes(transfer.totalBytes)}</span>
        </p>
      </div>
      {isOver(transfer) && <RemoveButton transfer={transfer} isAsking={isAsking} />}
    </header>
  );
}

function Title({ transfer }: { readonly transfer: TransferView }) {
  const language = useLanguage();
  const { name, moreCount } = titleParts(transfer, language);
  const fileName = <FileName name={name} />;
  if (moreCount === 0) return fileName;
  // The place of the title is kept, to put an element there.
  const phrase = language.format.plural(moreCount, language.words.andMore, { title: '{title}' });
  return <Phrase phrase={phrase} values={{ title: fileName }} />;
}

const isOver = ({ phase }: TransferView) =>
  phase === 'done' || phase === 'declined' || phase === 'failed';

/** Whether the peer has to be named beside the phase, which often names it already. */
const namesPeer = ({ phase }: TransferView) =>
  phase === 'transferring' || phase === 'paused' || phase === 'done' || phase === 'failed';

function markOf({ phase, direction, kind }: TransferView): IconName {
  switch (phase) {
    case 'done':
      return 'check';
    case 'waiting':
      return 'clock';
    case 'paused':
      return 'pause';
    case 'declined':
    case 'failed':
      return 'close';
    case 'proposed':
    case 'transferring':
      if (kind === 'text') return 'text';
      return direction === 'send' ? 'up' : 'down';
  }
}

/** Files of another device are chosen again over there: all one can do here is to ask. */
const theirStep = ({ fault, direction }: TransferView, { special }: Words) =>
  fault?.code === 'source-changed' && direction === 'receive'
    ? { next: special.peerSourceChanged.next }
    : {};

function Body({ transfer }: { readonly transfer: TransferView }) {
  const { words } = useLanguage();
  const { phase } = transfer;
  const isUnderWay = phase === 'transferring' || phase === 'paused' || phase === 'waiting';
  return (
    <>
      {isUnderWay && !isProgressUnknown(transfer) && <Progress transfer={transfer} />}
      {phase === 'waiting' ? (
        <Waiting transfer={transfer} />
      ) : (
        transfer.fault !== undefined && (
          <FaultAlert
            fault={transfer.fault}
            place="transfer"
            isCalm={phase !== 'failed'}
            {...theirStep(transfer, words)}
          />
        )
      )}
      {transfer.text !== undefined && <ReceivedText id={textIdOf(transfer)} text={transfer.text} />}
      <UnsavedWarning transfer={transfer} />
      {transfer.kind === 'files' && <Files transfer={transfer} />}
      <TransferActions transfer={transfer} />
    </>
  );
}

function Progress({ transfer }: { readonly transfer: TransferView }) {
  const language = useLanguage();
  const { words, format } = language;
  const { bytes, totalBytes, secondsLeft, limitedBy } = transfer;
  const share = totalBytes === 0 ? 0 : Math.min(1, bytes / totalBytes);
  const percent = format.percent(share);
  const isMoving = transfer.phase === 'transferring';
  return (
    <div class="transfer-progress" data-moving={isMoving}>
      <p class="transfer-numbers">
        <b class="transfer-percent">{percent}</b>
        <span>
          {fill(words.bytesOf, { done: format.bytes(bytes), total: format.bytes(totalBytes) })}
        </span>
        {isMoving && <span>{format.rate(transfer.bytesPerSec)}</span>}
        {isMoving && secondsLeft !== undefined && (
          <span>{fill(words.timeLeft, { time: format.duration(secondsLeft) })}</span>
        )}
      </p>
      <ProgressBar share={share} label={titleOf(transfer, language)} text={percent} />
      {isMoving && limitedBy !== undefined && (
        <p class="muted transfer-limit">
          {
            {
              network: words.limitedByNetwork,
              disk: words.limitedByDisk,
              'peer-hidden': words.limitedByPeerHidden,
              relay: words.limitedByRelay,
            }[limitedBy]
          }
        </p>
      )}
    </div>
  );
}

/** The other device vanished: what is kept, that it goes on by itself, what one may do meanwhile. */
function Waiting({ transfer }: { readonly transfer: TransferView }) {
  const ui = useUi();
  const { words, format } = ui.language.value;
  if (transfer.fault?.code === 'source-needed') {
    // The one thing that does not go on by itself.
    return (
      <>
        <FaultAlert fault={transfer.fault} place="transfer" isCalm />
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
      </>
    );
  }
  const peer = ui.view.value.peers.find(({ id }) => id === transfer.peerId);
  if (transfer.fault !== undefined && peer !== undefined && isAway(peer)) {
    const what = peer.phase === 'left' ? words.youLeft : undefined;
    const next = words.goesOnOnceConnected;
    return <FaultAlert fault={transfer.fault} place="transfer" isCalm what={what} next={next} />;
  }
  const share = transfer.totalBytes === 0 ? 0 : transfer.bytes / transfer.totalBytes;
  const help = isProgressUnknown(transfer)
    ? words.waitingHelpPlain
    : fill(words.waitingHelp, { percent: format.percent(share) });
  const may = transfer.direction === 'receive' ? words.waitingMayReceive : words.waitingMaySend;
  if (transfer.fault === undefined) {
    return (
      <Note icon="clock">
        {help} {may}
      </Note>
    );
  }
  return <FaultAlert fault={transfer.fault} place="transfer" isCalm next={`${help} ${may}`} />;
}

/** Files kept in memory vanish with the page; it is said again once there is something to lose. */
function UnsavedWarning({ transfer }: { readonly transfer: TransferView }) {
  const ui = useUi();
  const { words } = ui.language.value;
  if (!transfer.isSavable || transfer.kind === 'text') return null;
  if (ui.view.value.storeKind !== 'memory') return null;
  if (transfer.files.every((file) => transfer.isSaved(file.index))) return null;
  return (
    <Note icon="warning" tone="warn">
      {words.memoryWarning}
    </Note>
  );
}

function Files({ transfer }: { readonly transfer: TransferView }) {
  const { words } = useLanguage();
  const isAsked = useSignal<boolean | undefined>(undefined);
  if (transfer.phase === 'declined') return null;
  const isLong = transfer.files.length > FEW_FILES;
  const isOpen = isAsked.value ?? (transfer.isSavable || !isLong);
  // One file that is not there yet has its name and its progress above already.
  if (transfer.files.length === 1 && !transfer.isSavable) return null;
  return (
    <div class="transfer-files">
      {isLong && (
        <button
          type="button"
          class="button button-quiet files-turn"
          aria-expanded={isOpen}
          onClick={() => {
            isAsked.value = !isOpen;
          }}
        >
          <Icon name="next" />
          {isOpen ? words.hideFiles : words.showFiles}
        </button>
      )}
      {isOpen && <FileList transfer={transfer} />}
    </div>
  );
}
