import type { TransferView } from '../../session/view.ts';
import { useUi } from '../models/ui.ts';
import { TransferCard } from './TransferCard.tsx';

/** Every transfer, those that need the person first. */
export function TransferColumn() {
  const { transfers } = useUi().view.value;
  return (
    <>
      {transfers.filter(needsPerson).map((transfer) => (
        <TransferCard key={transfer.id} transfer={transfer} />
      ))}
      {transfers
        .filter((transfer) => !needsPerson(transfer))
        .map((transfer) => (
          <TransferCard key={transfer.id} transfer={transfer} />
        ))}
    </>
  );
}

const needsPerson = (transfer: TransferView) =>
  transfer.phase === 'proposed' && transfer.direction === 'receive';
