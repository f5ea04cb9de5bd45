import type { Driver } from '../e2e/harness/driver.ts';

/** What the two pages of a raw run leave on `globalThis` between calls. */
interface RawPage {
  bench: { connection: RTCPeerConnection; channel: RTCDataChannel; finished: Promise<number> };
}

/**
 * Milliseconds a bare RTCDataChannel takes for `sizeBytes` between two pages: 64 KiB messages, one
 * channel, nothing read, hashed or stored. Counted from the first send to the last byte received.
 */
export async function measureRaw(
  sender: Driver,
  receiver: Driver,
  sizeBytes: number,
): Promise<number> {
  const offer = await sender.evaluate(openRawSender, sizeBytes);
  const answer = await receiver.evaluate(openRawReceiver, { offer, sizeBytes });
  await sender.evaluate(acceptRawAnswer, answer);
  const startedAt = await sender.evaluate(sendRaw, sizeBytes);
  const finishedAt = await receiver.evaluate(awaitRaw, undefined);
  return finishedAt - startedAt;
}

async function openRawSender(): Promise<string> {
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('raw');
  await connection.setLocalDescription(await connection.createOffer());
  await new Promise<void>((resolve) => {
    const check = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', check);
    check();
  });
  const page = globalThis as unknown as RawPage;
  page.bench = { connection, channel, finished: Promise.resolve(0) };
  return connection.localDescription?.sdp ?? '';
}

async function openRawReceiver(argument: { offer: string; sizeBytes: number }): Promise<string> {
  const connection = new RTCPeerConnection();
  const finished = new Promise<number>((resolve) => {
    connection.addEventListener('datachannel', ({ channel }) => {
      channel.binaryType = 'arraybuffer';
      let left = argument.sizeBytes;
      channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
        left -= data.byteLength;
        if (left <= 0) resolve(performance.timeOrigin + performance.now());
      });
    });
  });
  await connection.setRemoteDescription({ type: 'offer', sdp: argument.offer });
  await connection.setLocalDescription(await connection.createAnswer());
  await new Promise<void>((resolve) => {
    const check = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', check);
    check();
  });
  const page = globalThis as unknown as RawPage;
  page.bench = { connection, channel: connection.createDataChannel('unused'), finished };
  return connection.localDescription?.sdp ?? '';
}

async function acceptRawAnswer(answer: string): Promise<void> {
  const { connection, channel } = (globalThis as unknown as RawPage).bench;
  await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  if (channel.readyState !== 'open')
    await new Promise((resolve) => channel.addEventListener('open', resolve, { once: true }));
}

/** Hands everything to the channel, one mebibyte ahead at most. @returns when it began, epoch ms */
async function sendRaw(sizeBytes: number): Promise<number> {
  const { channel } = (globalThis as unknown as RawPage).bench;
  const message = crypto.getRandomValues(new Uint8Array(64 * 1024));
  channel.bufferedAmountLowThreshold = 256 * 1024;
  const startedAt = performance.timeOrigin + performance.now();
  for (let sent = 0; sent < sizeBytes; sent += message.byteLength) {
    if (channel.bufferedAmount > 1024 * 1024)
      await new Promise((resolve) =>
        channel.addEventListener('bufferedamountlow', resolve, { once: true }),
      );
    channel.send(message);
  }
  return startedAt;
}

async function awaitRaw(): Promise<number> {
  const { connection, finished } = (globalThis as unknown as RawPage).bench;
  const finishedAt = await finished;
  connection.close();
  return finishedAt;
}
