/** An RTCDataChannel with a buffer the test fills and drains by hand. Records what was sent. */
export class FakeChannel extends EventTarget {
  readonly sent: (Uint8Array | ArrayBuffer | string)[] = [];
  readyState: RTCDataChannelState = 'open';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType: BinaryType = 'blob';
  onmessage: unknown = null;

  send(message: Uint8Array | ArrayBuffer | string): void {
    if (this.readyState !== 'open') throw new DOMException('not open', 'InvalidStateError');
    this.sent.push(typeof message === 'string' ? message : message.slice(0));
    this.bufferedAmount += typeof message === 'string' ? message.length : message.byteLength;
  }

  /** Down to `bytes`; a crossing of the threshold is told, as browsers do. */
  drain(bytes = 0): void {
    const wasAbove = this.bufferedAmount > this.bufferedAmountLowThreshold;
    this.bufferedAmount = bytes;
    if (wasAbove && bytes <= this.bufferedAmountLowThreshold)
      this.dispatchEvent(new Event('bufferedamountlow'));
  }

  open(): void {
    this.readyState = 'open';
    this.dispatchEvent(new Event('open'));
  }

  receive(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  close(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.dispatchEvent(new Event('close'));
  }

  /** The one cast: the fake covers exactly the members that are touched. */
  asChannel(): RTCDataChannel {
    return this as unknown as RTCDataChannel;
  }
}
