/** Tries for real what sharing and joining will need, and says what it found. Loaded when somebody asks. */
import type { StoreKind } from '../ports/blockStore.ts';
import type { DoctorCheck, DoctorFinding } from '../ports/doctor.ts';
import type { IceWishes } from '../ports/iceWishes.ts';
import { isTurnUrl } from '../ports/iceWishes.ts';
import { Broker, type BrokerListener } from './broker.ts';
import type { BrokerAddress, LinkConfig } from './config.ts';
import { adoptPrefixedRtc } from './prefixedRtc.ts';
import { randomId } from './random.ts';
import { readSiteConfig } from './siteConfig.ts';

export interface DoctorParts {
  /** Address of the app without a trailing slash. */
  readonly siteUrl: string;
  readonly wishes: IceWishes;
  storage(): Promise<{ readonly kind: StoreKind; readonly freeBytes: number | undefined }>;
}

type Found = (finding: DoctorFinding) => void;

/** Less room than this for received files is worth a word, bytes. */
const LITTLE_ROOM_BYTES = 1_000_000_000;

/** How long ICE may look for candidates; a TURN server far away takes about 2 s, a silent one has no end. */
const GATHERING_MS = 8_000;

/** Runs every check; see `RunDoctor`. */
export async function runDoctor(
  parts: DoctorParts,
  found: Found,
  signal: AbortSignal,
): Promise<void> {
  const tell: Found = (finding) => {
    if (!signal.aborted) found(finding);
  };
  const skip = (...checks: readonly DoctorCheck[]) => {
    for (const check of checks) tell({ check, verdict: 'unknown' });
  };
  tell({ check: 'secure-context', verdict: isSecureContext ? 'good' : 'bad' });
  // Browsers hide much from a page that came unprotected: whatever else were said would be a consequence.
  if (!isSecureContext)
    return skip('webrtc', 'storage', 'lanes', 'broker', 'addresses', 'udp', 'relay');
  const hasWebRtc = adoptPrefixedRtc(globalThis);
  tell({ check: 'webrtc', verdict: hasWebRtc ? 'good' : 'bad' });
  tell(storageFinding(await parts.storage()));
  if (!hasWebRtc) return skip('lanes', 'broker', 'addresses', 'udp', 'relay');
  tell({ check: 'lanes', verdict: canTransferChannels() ? 'good' : 'poor' });

  let config: LinkConfig;
  try {
    config = await readSiteConfig(parts.siteUrl, parts.wishes);
  } catch {
    // The site itself is out of reach, and with it everything that it would have told us.
    tell({ check: 'broker', verdict: 'bad' });
    return skip('addresses', 'udp', 'relay');
  }
  await Promise.all([checkBrokers(config, tell, signal), checkIce(config, tell, signal)]);
}

function storageFinding({ kind, freeBytes }: Awaited<ReturnType<DoctorParts['storage']>>) {
  const isTight = freeBytes !== undefined && freeBytes < LITTLE_ROOM_BYTES;
  const verdict = isTight || kind === 'memory' ? 'poor' : 'good';
  return { check: 'storage', verdict, kind, freeBytes } as const;
}

/** Tried on a port, as a worker has one: browsers that cannot do it refuse before anything is sent. */
function canTransferChannels(): boolean {
  const connection = new RTCPeerConnection();
  const { port1 } = new MessageChannel();
  const channel = connection.createDataChannel('doctor');
  try {
    // Transferable though the DOM types don't say so yet.
    port1.postMessage(channel, [channel as unknown as Transferable]);
    return true;
  } catch {
    // A DataCloneError is the answer.
    return false;
  } finally {
    port1.close();
    connection.close();
  }
}

/** Good when any of them answers: sharing tries them in turn as well. */
async function checkBrokers({ brokers }: LinkConfig, tell: Found, signal: AbortSignal) {
  for (const address of brokers) {
    const answerMs = await answerTime(address, signal);
    if (answerMs !== undefined) return tell({ check: 'broker', verdict: 'good', answerMs });
  }
  tell({ check: 'broker', verdict: 'bad' });
}

async function answerTime(
  address: BrokerAddress,
  signal: AbortSignal,
): Promise<number | undefined> {
  const options = { address, rtc: {}, id: randomId(), token: randomId() };
  const listener: BrokerListener = {
    // Nobody was told this id.
    introduced: (stranger) => stranger.close(),
    lost: () => {},
  };
  const startedAt = performance.now();
  try {
    const broker = await Broker.open(options, listener, signal);
    broker.close();
    return performance.now() - startedAt;
  } catch {
    // Unreachable or stopped: either way there is no answer to time.
    return undefined;
  }
}

async function checkIce(config: LinkConfig, tell: Found, signal: AbortSignal): Promise<void> {
  const { iceServers, iceTransportPolicy } = config;
  const urls = iceServers.flatMap((server) => server.urls);
  const candidates = await gather(iceServers, signal);
  const has = (type: RTCIceCandidateType) => candidates.some((each) => each.type === type);

  tell({ check: 'addresses', verdict: candidates.length > 0 ? 'good' : 'bad' });

  // A device with a public address has no other one to be seen from outside.
  if (has('srflx') || candidates.some(isPublicHost)) tell({ check: 'udp', verdict: 'good' });
  else tell({ check: 'udp', verdict: urls.length > 0 ? 'bad' : 'poor' });

  const isSet = urls.some(isTurnUrl);
  if (has('relay')) tell({ check: 'relay', verdict: 'good' });
  else if (isSet || iceTransportPolicy === 'relay') tell({ check: 'relay', verdict: 'bad', isSet });
  else tell({ check: 'relay', verdict: 'poor' });
}

/** Every candidate of this device. Resolves when ICE has looked everywhere, or for long enough. */
async function gather(
  iceServers: readonly RTCIceServer[],
  signal: AbortSignal,
): Promise<readonly RTCIceCandidate[]> {
  const connection = new RTCPeerConnection({ iceServers: [...iceServers] });
  const candidates: RTCIceCandidate[] = [];
  try {
    connection.createDataChannel('doctor');
    const gathered = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHERING_MS);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate === null) end();
        else if (candidate.candidate !== '') candidates.push(candidate);
      });
      signal.addEventListener('abort', end, { once: true });
    });
    await connection.setLocalDescription(await connection.createOffer());
    await gathered;
  } finally {
    connection.close();
  }
  return candidates;
}

const PRIVATE_IPV4 =
  /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;

/** Exported for its test. */
export function isPublicHost({
  type,
  address,
}: Pick<RTCIceCandidate, 'type' | 'address'>): boolean {
  if (type !== 'host' || address === null || !/^\d+(?:\.\d+){3}$/.test(address)) return false;
  return !PRIVATE_IPV4.test(address);
}
