import { expect, test } from 'vitest';
import { IdbPauseMarks } from '../../src/storage/idbPauseMarks.ts';
import { newTransferId } from '../contracts/blockStoreContract.ts';

test('a mark outlives the page that set it, until it is taken away', async () => {
  const database = `sluice-test-${crypto.randomUUID()}`;
  const [held, free] = [newTransferId(), newTransferId()];
  const marks = new IdbPauseMarks(database);
  await marks.set(held, true);
  await marks.set(free, true);
  await marks.set(free, false);
  expect([...(await new IdbPauseMarks(database).list())]).toEqual([held]);
});
