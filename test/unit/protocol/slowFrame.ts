/**
 * SPEC F1 to F5 written down a second time, as slowly and plainly as can be, for the fast codec to be
 * compared with. Numbers are read digit by digit from hex text, and no constant is shared.
 */
export type SlowFrame =
  | {
      readonly type: 'data';
      readonly tag: number;
      readonly block: number;
      readonly offset: number;
      readonly payload: string;
      readonly digest: string | undefined;
    }
  | { readonly type: 'ack'; readonly tag: number; readonly block: number; readonly count: number }
  | { readonly type: 'nack'; readonly tag: number; readonly block: number }
  | {
      readonly type: 'receipt';
      readonly lanes: readonly { readonly lane: number; readonly arrivedBytes: number }[];
    }
  | { readonly type: 'broken'; readonly rule: string };

const digits = (value: number, count: number) => value.toString(16).padStart(count, '0');

/** Hex text of a frame. */
export function slowEncode(frame: Exclude<SlowFrame, { type: 'broken' }>): string {
  if (frame.type === 'receipt')
    return frame.lanes
      .map(({ lane, arrivedBytes }) => `0400${digits(lane, 4)}${digits(arrivedBytes, 16)}`)
      .join('');
  const place = digits(frame.tag, 4) + digits(frame.block, 8);
  if (frame.type === 'nack') return `0300${place}00000000`;
  if (frame.type === 'ack') return `0200${place}${digits(frame.count, 8)}`;
  const flags = frame.digest === undefined ? '00' : '01';
  return `01${flags}${place}${digits(frame.offset, 8)}${frame.payload}${frame.digest ?? ''}`;
}

/** The frame of a hex text, or the rule it breaks. */
export function slowDecode(hex: string): SlowFrame {
  const number = (from: number, to: number) => Number.parseInt(hex.slice(from * 2, to * 2), 16);
  const broken = (rule: string): SlowFrame => ({ type: 'broken', rule });
  const byteCount = hex.length / 2;
  if (byteCount < 12) return broken('F1');
  const [type, flags, tag, block, offset] = [
    number(0, 1),
    number(1, 2),
    number(2, 4),
    number(4, 8),
    number(8, 12),
  ];
  if (type === 1) {
    if (flags > 1) return broken('F1');
    const payload = hex.slice(24, flags === 1 ? -64 : undefined);
    const digest = flags === 1 ? hex.slice(-64) : undefined;
    const payloadBytes = byteCount - 12 - (flags === 1 ? 32 : 0);
    if (payloadBytes < 1) return broken('F3');
    if (payloadBytes > 245_760) return broken('F4');
    if (offset % 16_384 !== 0) return broken('F4');
    if (flags === 0 && payloadBytes % 16_384 !== 0) return broken('F4');
    return { type: 'data', tag, block, offset, payload, digest };
  }
  if (type === 4) {
    if (byteCount % 12 !== 0) return broken('F1');
    if (byteCount > 384) return broken('F5');
    const lanes: { lane: number; arrivedBytes: number }[] = [];
    for (const receipt of hex.match(/.{24}/g) ?? []) {
      if (!receipt.startsWith('0400')) return broken('F1');
      const arrived = BigInt(`0x${receipt.slice(8)}`);
      if (arrived >= 2n ** 53n) return broken('F5');
      lanes.push({ lane: Number.parseInt(receipt.slice(4, 8), 16), arrivedBytes: Number(arrived) });
    }
    return { type: 'receipt', lanes };
  }
  if (flags !== 0 || byteCount !== 12) return broken('F1');
  if (type === 2) return offset < 1 ? broken('F5') : { type: 'ack', tag, block, count: offset };
  if (type === 3) return offset > 0 ? broken('F5') : { type: 'nack', tag, block };
  return broken('F2');
}
