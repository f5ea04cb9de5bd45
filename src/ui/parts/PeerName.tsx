import { useLanguage } from '../models/ui.ts';

/** What another device calls itself, kept from disturbing the words around it. */
export function PeerName({ name }: { readonly name: string | undefined }) {
  const { words } = useLanguage();
  return <bdi class="peer-name">{name ?? words.otherDevice}</bdi>;
}
