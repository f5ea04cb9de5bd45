import { useUi } from '../models/ui.ts';
import { CodeForm } from './CodeForm.tsx';

/** The question for a code, and where it is entered. */
export function CodeCard() {
  const { words } = useUi().language.value;
  return (
    <section class="card" aria-label={words.codeQuestion}>
      <h2>{words.codeQuestion}</h2>
      <p class="muted">{words.codeHint}</p>
      <CodeForm />
    </section>
  );
}
