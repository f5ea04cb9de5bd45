import { Broker, type Introduction } from '../../../src/link/broker.ts';
import { newRtc, type Rtc } from '../../../src/link/config.ts';
import { randomId } from '../../../src/link/random.ts';

const LINK_CONFIG = {
  brokers: [],
  iceServers: [],
  iceTransportPolicy: 'all',
} as const;

/** The broker of the site that served this page. */
const brokerAddress = () => ({
  host: location.hostname,
  port: Number(location.port),
  path: '/peer',
  isSecure: false,
  key: 'peerjs',
});

/** Somebody who has an open channel to a host and has proved nothing. */
export interface Stranger {
  readonly rtc: Rtc;
  readonly introduction: Introduction;
  /** Leaves host and broker. */
  leave(): void;
}

/** Dials `hostId` with an id of its own, as every page does. Rejects when that doesn't work within `timeoutMs`. */
export async function approach(hostId: string, timeoutMs: number): Promise<Stranger> {
  const rtc = await newRtc(LINK_CONFIG);
  const signal = AbortSignal.timeout(timeoutMs);
  const broker = await Broker.open(
    { address: brokerAddress(), rtc: rtc.configuration, id: randomId(), token: randomId() },
    { introduced: (other) => other.close(), lost: () => {} },
    signal,
  );
  try {
    const introduction = await broker.dial(hostId, () => {}, signal);
    const leave = () => {
      introduction.close();
      broker.close();
    };
    return { rtc, introduction, leave };
  } catch (error) {
    broker.close();
    throw error;
  }
}
