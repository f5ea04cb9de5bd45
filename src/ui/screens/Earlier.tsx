import { useUi } from '../models/ui.ts';
import { Offers, Transfers } from '../parts/TransferCards.tsx';

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
