import { describe, expect, test } from 'vitest';
import { ControlChannel } from '../../../src/link/controlChannel.ts';

/** A channel that says what the test says. */
class SaidChannel extends EventTarget {
  readonly readyState = 'open';
  binaryType = '';
  onmessage: unknown;

  say(data: string | ArrayBuffer): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

const opened = () => {
  const said = new SaidChannel();
  // Only what a control channel uses of it.
  return { said, control: new ControlChannel(said as unknown as RTCDataChannel) };
};

describe('a control channel', () => {
  test('keeps a stranger’s frames until somebody listens, and nothing larger than a frame', () => {
    const { said, control } = opened();
    const heard: number[] = [];
    said.say(new ArrayBuffer(19));
    said.say(new ArrayBuffer(200_000));
    said.say('x'.repeat(60_000));
    for (let i = 0; i < 1_000; i += 1) said.say(new ArrayBuffer(65));
    control.listen({ frame: (data) => heard.push(data.length), closed: () => {} });
    expect(heard[0]).toBe(19);
    expect(Math.max(...heard)).toBe(65);
    expect(heard.length).toBeLessThan(100);
  });

  test('keeps what a proven peer says until the link listens', () => {
    const { said, control } = opened();
    const heard: string[] = [];
    control.listen({ frame: () => control.pause(), closed: () => {} });
    said.say(new ArrayBuffer(65));
    said.say(JSON.stringify({ type: 'hello', device: 'x'.repeat(60), windowBytes: 2 ** 20 }));
    said.say(`{"type":"lane-offer","lane":1,"sdp":"${'v'.repeat(9_000)}"}`);
    control.listen({ message: ({ type }) => heard.push(type), closed: () => {} });
    expect(heard).toEqual(['hello', 'lane-offer']);
  });
});
