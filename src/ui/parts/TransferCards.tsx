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
