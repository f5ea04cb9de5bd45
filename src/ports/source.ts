/** Where the bytes of an outgoing transfer come from: its files laid end to end (SPEC G1). */
export interface Source {
  /**
   * The bytes `[start, end)` of the stream, to be read and not written: they may be part of a longer buffer.
   * @throws TransferError `source-changed` naming the file that changed, vanished or cannot be read
   */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}
