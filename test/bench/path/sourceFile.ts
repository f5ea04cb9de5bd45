import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file of zeros that takes no room on the disk, kept for the next run. @returns its path */
export async function sourceFile(sizeBytes: number): Promise<string> {
  const path = join(tmpdir(), `sluice-source-${sizeBytes}.bin`);
  const file = await open(path, 'a');
  await file.truncate(sizeBytes);
  await file.close();
  return path;
}
