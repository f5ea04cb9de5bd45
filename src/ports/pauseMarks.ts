import type { TransferId } from '../protocol/ids.ts';

/** Which transfers the person holds back, in either direction: a reload must not let them go on. */
export interface PauseMarks {
  list(): Promise<ReadonlySet<TransferId>>;
  set(id: TransferId, isPaused: boolean): Promise<void>;
}
