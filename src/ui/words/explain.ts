import { type Fault, WIRE_CODE } from '../../protocol/faults.ts';
import { MAX_FILES, MAX_TRANSFER_BYTES } from '../../protocol/limits.ts';
import type { FaultWords } from './en.ts';
import type { Language } from './language.ts';
import { fill, isolated } from './phrase.ts';

/** Where a fault is shown; the same fault may need other words there. */
export type FaultPlace = 'share' | 'join-code' | 'join-link' | 'transfer' | 'notice';

/** A fault as two sentences: what happened, then whether anything is lost and the one next step. */
export function explain(fault: Fault, place: FaultPlace, language: Language): FaultWords {
  const chosen = wordsFor(fault, place, language.words);
  const facts = factsOf(fault, language);
  return { what: fill(chosen.what, facts), next: fill(chosen.next, facts) };
}

function wordsFor(fault: Fault, place: FaultPlace, words: Language['words']): FaultWords {
  const { special } = words;
  switch (fault.code) {
    case 'not-verified':
      if (place === 'share') return special.shareNotVerified;
      if (place === 'join-link') return special.linkNotVerified;
      break;
    case 'broker-unreachable':
      if (place === 'share') return special.shareBrokerUnreachable;
      break;
    case 'peer-unavailable':
      if (place === 'join-link') return special.linkUnavailable;
      break;
    case 'cancelled':
      return fault.by === 'me' ? special.cancelledByMe : special.cancelledByPeer;
    case 'peer-failed':
      return peerFailure(fault.reason, words);
    case 'too-much':
      return {
        files: special.tooMuchFiles,
        bytes: special.tooMuchBytes,
        path: special.tooMuchPath,
        text: special.tooMuchText,
      }[fault.what];
    case 'unsupported':
      return {
        'secure-context': special.unsupportedSecureContext,
        webrtc: special.unsupportedWebrtc,
        storage: special.unsupportedStorage,
      }[fault.what];
    default:
      break;
  }
  return words.faults[fault.code];
}

function peerFailure(reason: number, { faults, special }: Language['words']): FaultWords {
  switch (reason) {
    case WIRE_CODE['disk-full']:
      return special.peerDiskFull;
    case WIRE_CODE['storage-failed']:
      return special.peerStorageFailed;
    case WIRE_CODE['source-changed']:
      return special.peerSourceChanged;
    case WIRE_CODE['hash-mismatch']:
      return faults['hash-mismatch'];
    default:
      return faults['peer-failed'];
  }
}

function factsOf(fault: Fault, { format }: Language): Readonly<Record<string, string>> {
  const nameAndMore = (name = '', moreCount = 0) =>
    moreCount > 0 ? `${isolated(name)} (+${format.count(moreCount)})` : isolated(name);
  switch (fault.code) {
    case 'source-changed':
      return { name: nameAndMore(fault.name, fault.moreCount) };
    case 'source-needed':
      return { name: nameAndMore(fault.names[0], fault.names.length - 1) };
    case 'disk-full':
      return { size: format.bytes(fault.neededBytes) };
    case 'too-much':
      return { count: format.count(MAX_FILES), size: format.bytes(MAX_TRANSFER_BYTES) };
    default:
      return {};
  }
}
