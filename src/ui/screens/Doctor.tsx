import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { DoctorCheck, DoctorFinding } from '../../ports/doctor.ts';
import { doctorReport, findingWords } from '../models/doctorWords.ts';
import { addressOf } from '../models/route.ts';
import { useUi } from '../models/ui.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { Icon, type IconName } from '../parts/Icon.tsx';
import '../styles/settings.css';
import '../styles/doctor.css';

const CHECKS: readonly DoctorCheck[] = [
  'secure-context',
  'webrtc',
  'storage',
  'lanes',
  'broker',
  'addresses',
  'udp',
  'relay',
];

type Findings = ReadonlyMap<DoctorCheck, DoctorFinding>;

/** Tries what the connection needs, check by check, and says what to do about what is missing. */
export function Doctor() {
  const ui = useUi();
  const { words } = ui.language.value;
  const findings = useSignal<Findings>(new Map());
  const run = useSignal(0);
  const report = useRef<HTMLPreElement>(null);

  useEffect(() => {
    const stop = new AbortController();
    const found = (finding: DoctorFinding) => {
      findings.value = new Map(findings.peek()).set(finding.check, finding);
    };
    findings.value = new Map();
    const finish = () => {
      if (stop.signal.aborted) return;
      // Whatever was not told could not be tried.
      for (const check of CHECKS)
        if (!findings.peek().has(check)) found({ check, verdict: 'unknown' });
    };
    // Its code does not come offline: then nothing was tried, which the list says.
    ui.environment.runDoctor(found, stop.signal).then(finish, finish);
    return () => stop.abort();
  }, [run.value]);

  const known = CHECKS.flatMap((check) => findings.value.get(check) ?? []);
  const isDone = known.length === CHECKS.length;
  const text = doctorReport(
    {
      version: ui.environment.version,
      userAgent: navigator.userAgent,
      isOnline: navigator.onLine,
      isRelayOnly: ui.settings.value.ice.isRelayOnly,
      ownServerCount: ui.settings.value.ice.iceServers.length,
    },
    known,
  );

  return (
    <section class="doctor" data-done={isDone}>
      <header class="settings-head">
        <a class="icon-button" href={addressOf('main')} aria-label={words.back}>
          <Icon name="back" />
        </a>
        <div>
          <h1>{words.doctor}</h1>
          <p class="muted">{words.doctorLead}</p>
        </div>
      </header>
      <Summary findings={known} isDone={isDone} />
      <ul class="card checks">
        {CHECKS.map((check) => (
          <Check key={check} check={check} finding={findings.value.get(check)} />
        ))}
      </ul>
      <div class="actions">
        <button
          type="button"
          class="button button-main"
          disabled={!isDone}
          onClick={() => {
            run.value += 1;
          }}
        >
          {words.doctorAgain}
        </button>
        <CopyButton text={text} label={words.doctorCopy} shownBy={() => report.current} />
        <a class="button button-quiet" href={addressOf('settings')}>
          {words.settings}
        </a>
      </div>
      <p class="muted">{words.doctorCopyHint}</p>
      <pre ref={report} class="report" dir="ltr" lang="en" translate={false}>
        {text}
      </pre>
    </section>
  );
}

interface SummaryProps {
  readonly findings: readonly DoctorFinding[];
  readonly isDone: boolean;
}

function Summary({ findings, isDone }: SummaryProps) {
  const { words, format } = useUi().language.value;
  const troubleCount = findings.filter(({ verdict }) => verdict === 'bad').length;
  const hasUntried = findings.some(({ verdict }) => verdict === 'unknown');
  const said = () => {
    if (!isDone) return words.doctorRunning;
    if (troubleCount > 0) return format.plural(troubleCount, words.doctorTroubles);
    return hasUntried ? words.doctorVerdicts.unknown : words.doctorAllGood;
  };
  const tone = !isDone ? 'running' : troubleCount > 0 ? 'bad' : hasUntried ? 'unknown' : 'good';
  return (
    <p class="doctor-summary" data-tone={tone} role="status" data-testid="doctor-summary">
      {said()}
    </p>
  );
}

const MARKS: Record<DoctorFinding['verdict'] | 'running', IconName> = {
  running: 'clock',
  good: 'check',
  poor: 'info',
  bad: 'warning',
  unknown: 'minus',
};

interface CheckProps {
  readonly check: DoctorCheck;
  /** Undefined while it runs. */
  readonly finding: DoctorFinding | undefined;
}

function Check({ check, finding }: CheckProps) {
  const language = useUi().language.value;
  const { words } = language;
  const verdict = finding?.verdict ?? 'running';
  const { what, next } =
    finding === undefined ? { what: '', next: undefined } : findingWords(finding, language);
  return (
    <li class="check" data-testid="check" data-check={check} data-verdict={verdict}>
      <span class="check-mark">
        <Icon name={MARKS[verdict]} />
      </span>
      <div class="check-words">
        <h2>
          {words.doctorNames[check]}
          <span class="check-verdict">{words.doctorVerdicts[verdict]}</span>
        </h2>
        {what !== '' && <p class="muted">{what}</p>}
        {next !== undefined && <p>{next}</p>}
      </div>
    </li>
  );
}
