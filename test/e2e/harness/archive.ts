import { openPromise } from 'yauzl';
import { sha256 } from './material.ts';

/** A file inside a ZIP. */
export interface ArchivedFile {
  readonly path: string;
  readonly sha256: string;
}

/** Every file of a ZIP or ZIP64, read to its end. Folders are left out. */
export async function readArchive(path: string): Promise<readonly ArchivedFile[]> {
  const archive = await openPromise(path);
  const files: ArchivedFile[] = [];
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    files.push({
      path: entry.fileName,
      sha256: await sha256(await archive.openReadStreamPromise(entry)),
    });
  }
  return files;
}
