import type { Driver } from '../../e2e/harness/driver.ts';
import { sleep } from '../../e2e/harness/until.ts';
import type { Sample } from './rateCurve.ts';
import type { Run } from './sluiceRun.ts';

/** What the two pages of a raw run leave on `globalThis` between calls. */
interface RawPage {
  benchConnections: RTCPeerConnection[];
  benchChannels: RTCDataChannel[];
  benchSamples: Sample[];
}

/** The last sample must come after the clock has run out, ms. */
const LAST_SAMPLE_MS = 300;

/**
 * Bare channels from page to page, each on a connection of its own, unordered, kept full with messages
 * of 32 KiB for `seconds`. Nothing is read, hashed, stored or held back.
 */
export async function runRaw(
  sender: Driver,
  receiver: Driver,
  lanes: number,
  seconds: number,
): Promise<Run> {
  const offers = await sender.evaluate(offerLanes, lanes);
  const answers = await receiver.evaluate(answerLanes, offers);
  await sender.evaluate(openLanes, answers);
  const startedAt = await sender.evaluate(fillLanes, undefined);
  await sleep(seconds * 1000 + LAST_SAMPLE_MS);
  const samples = await receiver.evaluate(takeSamples, undefined);
  return {
    startedAt,
    endedAt: startedAt + seconds * 1000,
    samples,
    lanes: [{ at: startedAt, lanes }],
    codeToProposalMs: undefined,
    acceptToFirstBytesMs: undefined,
  };
}

async function offerLanes(count: number): Promise<readonly string[]> {
  const page = globalThis as unknown as RawPage;
  page.benchConnections = Array.from({ length: count }, () => new RTCPeerConnection());
  page.benchChannels = page.benchConnections.map((connection) =>
    connection.createDataChannel('raw', { negotiated: true, id: 0, ordered: false }),
  );
  return Promise.all(
    page.benchConnections.map(async (connection) => {
      await connection.setLocalDescription(await connection.createOffer());
      await new Promise<void>((resolve) => {
        const check = () => connection.iceGatheringState === 'complete' && resolve();
        connection.addEventListener('icegatheringstatechange', check);
        check();
      });
      return connection.localDescription?.sdp ?? '';
    }),
  );
}

async function answerLanes(offers: readonly string[]): Promise<readonly string[]> {
  const page = globalThis as unknown as RawPage;
  let bytes = 0;
  const count = ({ data }: MessageEvent<ArrayBuffer>) => {
    bytes += data.byteLength;
  };
  page.benchSamples = [];
  setInterval(() => {
    page.benchSamples.push({ at: performance.timeOrigin + performance.now(), bytes });
  }, 100);
  page.benchConnections = offers.map(() => new RTCPeerConnection());
  page.benchChannels = page.benchConnections.map((connection) => {
    const channel = connection.createDataChannel('raw', {
      negotiated: true,
      id: 0,
      ordered: false,
    });
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', count);
    return channel;
  });
  return Promise.all(
    page.benchConnections.map(async (connection, i) => {
      await connection.setRemoteDescription({ type: 'offer', sdp: offers[i]! });
      await connection.setLocalDescription(await connection.createAnswer());
      await new Promise<void>((resolve) => {
        const check = () => connection.iceGatheringState === 'complete' && resolve();
        connection.addEventListener('icegatheringstatechange', check);
        check();
      });
      return connection.localDescription?.sdp ?? '';
    }),
  );
}

async function openLanes(answers: readonly string[]): Promise<void> {
  const { benchConnections, benchChannels } = globalThis as unknown as RawPage;
  await Promise.all(
    benchConnections.map(async (connection, i) => {
      await connection.setRemoteDescription({ type: 'answer', sdp: answers[i]! });
      const channel = benchChannels[i]!;
      if (channel.readyState !== 'open')
        await new Promise((resolve) => channel.addEventListener('open', resolve, { once: true }));
    }),
  );
}

/** Keeps every channel between a quarter and one mebibyte full. @returns when it began, epoch ms */
function fillLanes(): number {
  const { benchChannels } = globalThis as unknown as RawPage;
  const message = crypto.getRandomValues(new Uint8Array(32 * 1024));
  const startedAt = performance.timeOrigin + performance.now();
  for (const channel of benchChannels) {
    const fill = () => {
      while (channel.bufferedAmount < 1024 * 1024) channel.send(message);
    };
    channel.bufferedAmountLowThreshold = 256 * 1024;
    channel.addEventListener('bufferedamountlow', fill);
    fill();
  }
  return startedAt;
}

function takeSamples(): readonly Sample[] {
  return (globalThis as unknown as RawPage).benchSamples;
}
