import { useEffect, useRef } from 'preact/hooks';
import type { JoinView } from '../../session/view.ts';
import { useUi } from '../models/ui.ts';
import { CodeForm } from '../parts/CodeForm.tsx';
import { FaultAlert } from '../parts/FaultAlert.tsx';
import { Icon } from '../parts/Icon.tsx';
import '../styles/join.css';

/** On the way to another device: the tap that confirms a link, then every step by name. */
export function Join({ join }: { readonly join: JoinView }) {
  const { draftCode } = useUi();
  useEffect(
    () => () => {
      // Joined or given up: either way the next code is another one.
      draftCode.value = '';
    },
    [draftCode],
  );
  return (
    <section class="join card">
      {join.phase === 'confirming' ? <Confirm /> : <Progress join={join} />}
    </section>
  );
}

function Confirm() {
  const ui = useUi();
  const { words } = ui.language.value;
  return (
    <>
      <JoinPicture />
      <h1>{words.joinConfirmTitle}</h1>
      <p class="muted">{words.joinConfirmLead}</p>
      <div class="actions actions-stacked">
        <button
          type="button"
          class="button button-main button-large"
          data-testid="join"
          onClick={() => ui.actions.confirmJoin()}
        >
          {words.connect}
        </button>
        <button type="button" class="button button-quiet" onClick={() => ui.actions.cancelJoin()}>
          {words.notNow}
        </button>
      </div>
    </>
  );
}

const STEPS = ['finding', 'connecting', 'checking'] as const;
type Step = (typeof STEPS)[number];

function Progress({ join }: { readonly join: JoinView }) {
  const ui = useUi();
  const { words } = ui.language.value;
  const isFailed = join.phase === 'failed';
  // A failure does not say in which step it came: it is the step last seen.
  const last = useRef<Step | undefined>(undefined);
  if (join.phase === 'finding' || join.phase === 'connecting' || join.phase === 'checking') {
    last.current = join.phase;
  }
  const place = join.mode === 'link' ? 'join-link' : 'join-code';

  return (
    <>
      <h1>{isFailed ? words.joinFailedTitle : words.joinTitle}</h1>
      {last.current !== undefined && (
        <Steps current={last.current} isFailed={isFailed} mode={join.mode} />
      )}
      {join.fault !== undefined && (
        <FaultAlert fault={join.fault} place={place} isCalm={!isFailed} />
      )}
      {isFailed && (
        <div class="join-again">
          <h2>{words.joinRetry}</h2>
          <CodeForm />
        </div>
      )}
      <div class="actions">
        <button type="button" class="button button-quiet" onClick={() => ui.actions.cancelJoin()}>
          {isFailed ? words.back : words.joinCancel}
        </button>
      </div>
    </>
  );
}

interface StepsProps {
  readonly current: Step;
  readonly isFailed: boolean;
  readonly mode: JoinView['mode'];
}

function Steps({ current, isFailed, mode }: StepsProps) {
  const { words } = useUi().language.value;
  const names: Record<Step, string> = {
    finding: words.joinFinding,
    connecting: words.joinConnecting,
    checking: mode === 'link' ? words.joinCheckingLink : words.joinChecking,
  };
  const now = STEPS.indexOf(current);
  const stateOf = (index: number) => {
    if (index < now) return 'done';
    if (index > now) return 'later';
    return isFailed ? 'failed' : 'now';
  };
  const said = {
    done: words.joinStepDone,
    now: words.joinStepNow,
    failed: words.joinStepFailed,
    later: '',
  };
  return (
    <ol class="steps" aria-live="polite">
      {STEPS.map((step, index) => {
        const state = stateOf(index);
        return (
          <li key={step} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
            <span class="step-mark">
              {state === 'done' && <Icon name="check" />}
              {state === 'failed' && <Icon name="close" />}
            </span>
            <span>{names[step]}</span>
            <span class="step-state">{state === 'failed' ? said.failed : ''}</span>
            {state !== 'failed' && <span class="unseen">{said[state]}</span>}
          </li>
        );
      })}
    </ol>
  );
}

/** Two devices and the gate between them. */
function JoinPicture() {
  return (
    <svg class="join-picture" viewBox="0 0 200 72" aria-hidden="true" focusable="false">
      <path class="still-water" d="M52 40c8-3 16-3 24 0s16 3 24 0 16-3 24 0 16 3 24 0v12H52Z" />
      <path class="still-frame" d="M8 12h44v40H8ZM2 60h56M148 12h44v40h-44ZM142 60h56" />
      <path class="still-gate" d="M92 8h16v26H92Z" />
    </svg>
  );
}
