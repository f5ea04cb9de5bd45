import type { TransferView } from '../../session/view.ts';
import { useUi } from '../models/ui.ts';
import { TransferCard } from './TransferCard.tsx';
import '../styles/sharing.css';

/** What waits for this person's yes or no: always on top. */
export function Offers() {
  return <Cards transfers={useUi().view.value.transfers.filter(isOffer)} />;
}

/** Every other transfer. */
export function Transfers() {
  return <Cards transfers={useUi().view.value.transfers.filter((one) => !isOffer(one))} />;
}

/** On the home screen: what earlier visits left unfinished or unsaved. */
export function Earlier() {
  const { words } = useUi().language.value;
  return (
    <section class="home-earlier" aria-label={words.earlier}>
      <h2>{words.earlier}</h2>
      <div class="home-transfers">
        <Offers />
        <Transfers />
      </div>
    </section>
  );
}

function Cards({ transfers }: { readonly transfers: readonly TransferView[] }) {
  return (
    <>
      {transfers.map((transfer) => (
        <TransferCard key={transfer.id} transfer={transfer} />
      ))}
    </>
  );
}

const isOffer = (transfer: TransferView) =>
  transfer.phase === 'proposed' && transfer.direction === 'receive';
