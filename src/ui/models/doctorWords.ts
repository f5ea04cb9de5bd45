import type { DoctorFinding } from '../../ports/doctor.ts';
import type { FaultWords } from '../words/en.ts';
import type { Language } from '../words/language.ts';
import { fill } from '../words/phrase.ts';

/** A finding in words: what was found, and the one fix where something is wrong. */
export function findingWords(
  finding: DoctorFinding,
  language: Language,
): { readonly what: string; readonly next?: string } {
  const { words, format } = language;
  if (finding.verdict === 'unknown') return { what: '' };
  if (finding.verdict === 'good') {
    const time = finding.check === 'broker' ? format.milliseconds(finding.answerMs) : '';
    return { what: fill(words.doctorGood[finding.check], { time }) };
  }
  const { what, next } = troubleWords(finding, language.words);
  const size =
    finding.check === 'storage' && finding.freeBytes !== undefined
      ? format.bytes(finding.freeBytes)
      : '';
  return { what: fill(what, { size }), next };
}

function troubleWords(
  finding: Exclude<DoctorFinding, { readonly verdict: 'unknown' }>,
  { doctorFaults, special }: Language['words'],
): FaultWords {
  switch (finding.check) {
    case 'secure-context':
      return special.unsupportedSecureContext;
    case 'webrtc':
      return special.unsupportedWebrtc;
    case 'storage':
      return finding.kind === 'memory' ? doctorFaults.storageMemory : doctorFaults.storageTight;
    case 'lanes':
      return doctorFaults.lanesOnPage;
    case 'broker':
      return doctorFaults.brokerUnreachable;
    case 'addresses':
      return doctorFaults.noAddresses;
    case 'udp':
      return finding.verdict === 'bad' ? doctorFaults.udpBlocked : doctorFaults.noStun;
    case 'relay':
      if (finding.verdict !== 'bad') return doctorFaults.noRelay;
      return finding.isSet ? doctorFaults.relaySilent : doctorFaults.relayMissing;
  }
}

/** What a report says besides the findings. Nothing of it is secret. */
export interface ReportFacts {
  readonly version: string;
  readonly userAgent: string;
  readonly isOnline: boolean;
  readonly isRelayOnly: boolean;
  readonly ownServerCount: number;
}

/**
 * The findings as text for a bug report, always in English: verdicts and numbers only. No code, address,
 * password or name ever gets in here.
 */
export function doctorReport(facts: ReportFacts, findings: readonly DoctorFinding[]): string {
  return [
    `Sluice ${facts.version}`,
    facts.userAgent,
    `online: ${facts.isOnline ? 'yes' : 'no'}`,
    `relay only: ${facts.isRelayOnly ? 'yes' : 'no'}`,
    `own ICE servers: ${facts.ownServerCount}`,
    ...findings.map((finding) =>
      [`${finding.check}: ${finding.verdict}`, ...details(finding)].join(', '),
    ),
  ].join('\n');
}

function details(finding: DoctorFinding): readonly string[] {
  if (finding.verdict === 'unknown') return [];
  if (finding.check === 'broker')
    return finding.verdict === 'good' ? [`${Math.round(finding.answerMs)} ms`] : [];
  if (finding.check === 'relay')
    return finding.verdict === 'bad' && !finding.isSet ? ['not set'] : [];
  if (finding.check !== 'storage') return [];
  const { kind, freeBytes } = finding;
  return freeBytes === undefined ? [kind] : [kind, `${(freeBytes / 1e9).toFixed(1)} GB free`];
}
