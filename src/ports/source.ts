/** Where the bytes of an outgoing transfer come from: its files laid end to end (SPEC G1). */
export interface Source {
  /**
   * The bytes `[start, end)` of the stream. A buffer they fill is the caller's from then on; what is part of a longer one
   * is to be read and not written.
   *
   * @param spare memory that may be used for them, and is lost to the caller
   * @throws TransferError `source-changed` naming the file that changed, vanished or cannot be read
   */
  read(start: number, end: number, spare?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>>;
}
