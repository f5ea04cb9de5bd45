import { type Fault, TransferError } from '../protocol/faults.ts';

/** The fault of a failed promise; a bug goes on to the crash screen. */
export function faultOf(error: unknown): Fault {
  if (error instanceof TransferError) return error.fault;
  throw error;
}

/** For a promise that fails only by a bug. */
export function rethrow(error: unknown): never {
  throw error;
}
