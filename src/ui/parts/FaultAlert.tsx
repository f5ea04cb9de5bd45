import type { Fault } from '../../protocol/faults.ts';
import { addressOf } from '../models/route.ts';
import { useLanguage } from '../models/ui.ts';
import { explain, type FaultPlace } from '../words/explain.ts';
import { Icon } from './Icon.tsx';

interface FaultAlertProps {
  readonly fault: Fault;
  readonly place: FaultPlace;
  /** The app deals with it by itself: said calmly. */
  readonly isCalm?: boolean;
  /** Said instead of what the fault says itself, where more is known. */
  readonly what?: string | undefined;
  /** The same for its next step. */
  readonly next?: string;
  readonly onDismiss?: () => void;
}

/** Failures whose cause the doctor may find. */
const DOCTOR_KNOWS: ReadonlySet<Fault['code']> = new Set([
  'no-path',
  'broker-unreachable',
  'unsupported',
]);

/** A failure in plain words: what happened, whether anything is lost, the one next step. */
export function FaultAlert(props: FaultAlertProps) {
  const { fault, place, isCalm = false, what, next, onDismiss } = props;
  const language = useLanguage();
  const words = explain(fault, place, language);
  return (
    <div
      class={isCalm ? 'note' : 'note note-alarm'}
      role="alert"
      data-testid="fault"
      data-code={fault.code}
      data-rule={fault.code === 'rule-broken' ? fault.rule : undefined}
    >
      <Icon name={isCalm ? 'info' : 'warning'} />
      <div class="note-words">
        <p class="note-what">{what ?? words.what}</p>
        <p>{next ?? words.next}</p>
        {DOCTOR_KNOWS.has(fault.code) && (
          <p>
            <a href={addressOf('doctor')}>{language.words.doctor}</a>
          </p>
        )}
      </div>
      {onDismiss !== undefined && (
        <button
          type="button"
          class="icon-button"
          aria-label={language.words.dismiss}
          onClick={onDismiss}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
