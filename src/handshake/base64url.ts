const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    heldBits += 8;
    while (heldBits >= 6) {
      heldBits -= 6;
      text += ALPHABET.charAt((held >> heldBits) & 63);
    }
  }
  return heldBits > 0 ? text + ALPHABET.charAt((held << (6 - heldBits)) & 63) : text;
}

/**
 * The bytes of unpadded base64url, or `undefined`. Bits left over at the end must be zero, so that
 * every byte string has exactly one spelling.
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (const char of text) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    heldBits += 6;
    if (heldBits >= 8) {
      heldBits -= 8;
      bytes[at] = (held >> heldBits) & 255;
      at += 1;
    }
  }
  return (held & ((1 << heldBits) - 1)) === 0 ? bytes : undefined;
}
