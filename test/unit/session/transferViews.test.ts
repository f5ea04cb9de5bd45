import { describe, expect, test } from 'vitest';
import { fileIndex, transferTag } from '../../../src/protocol/ids.ts';
import { BLOCK_BYTES } from '../../../src/protocol/limits.ts';
import type { ManifestFile } from '../../../src/protocol/manifest.ts';
import type { Message } from '../../../src/protocol/messages.ts';
import { TransferViews } from '../../../src/session/transferViews.ts';
import { settled } from '../../doubles/flowEnds.ts';
import { fileOf, idOf } from '../../doubles/manifests.ts';
import { PeerPair } from '../../doubles/peerPair.ts';

const folder = (...path: string[]): ManifestFile => ({
  kind: 'folder',
  path,
  sizeBytes: 0,
  modifiedAt: 0,
});

/** The transfer of these files as its receiver has it. */
async function received(...files: ManifestFile[]) {
  const pair = new PeerPair();
  pair.connect();
  const proposal: Message<'propose'> = {
    type: 'propose',
    transfer: idOf('A'),
    tag: transferTag(0),
    fileCount: files.length,
    totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    blockBytes: BLOCK_BYTES,
    parts: 1,
  };
  pair.near.inject(proposal);
  pair.near.inject({ type: 'manifest', transfer: idOf('A'), part: 0, files });
  await settled();
  const peer = pair.far.session;
  return { peer, transfer: peer.transfers[0]!, views: new TransferViews(() => 0) };
}

describe('what is shown of a transfer', () => {
  test.each<[string, ManifestFile[], string]>([
    ['one folder', [fileOf(1, 'trip', 'a'), fileOf(1, 'trip', 'b', 'c')], 'trip.zip'],
    ['one folder, itself listed', [folder('trip'), fileOf(1, 'trip', 'a')], 'trip.zip'],
    ['two folders', [fileOf(1, 'trip', 'a'), fileOf(1, 'work', 'b')], 'Sluice.zip'],
    ['a file beside a folder', [fileOf(1, 'trip', 'a'), fileOf(1, 'b')], 'Sluice.zip'],
    ['single files', [fileOf(1, 'a'), fileOf(1, 'b')], 'Sluice.zip'],
    ['a folder with a hostile name', [fileOf(1, '../x', 'a')], '_.._x.zip'],
  ])('[N2] the ZIP of %s', async (_why, files, name) => {
    const { transfer, views } = await received(...files);
    expect(views.zipName(transfer)).toBe(name);
  });

  test('[N1] [N3] [N6] names are safe, and the same array every time', async () => {
    const { peer, transfer, views } = await received(
      fileOf(1, '..', 'a\u202Etxt.exe'),
      fileOf(1, '..', 'A\u202Etxt.exe'),
    );
    const { files, title } = views.view(peer, transfer);
    expect(views.view(peer, transfer).files).toBe(files);
    const paths = files.map(({ path }) => path.join('/'));
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(2);
    for (const path of paths) expect(path).not.toMatch(/\.\.\/|\u202E/);
    expect(title).toBe(files[0]!.path.at(-1));
    expect(files.every(({ isRisky }) => isRisky)).toBe(true);
    expect(views.path(transfer, fileIndex(9))).toEqual(['file']);
  });
});
