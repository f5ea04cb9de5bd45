import type { JournalEntry } from '../ports/journal.ts';
import { parseTransferId } from '../protocol/ids.ts';
import {
  DIGEST_BYTES,
  MAX_BLOCKS,
  MAX_FILES,
  MAX_PATH_DEPTH,
  MAX_TRANSFER_BYTES,
} from '../protocol/limits.ts';
import type { Manifest, ManifestFile } from '../protocol/manifest.ts';

export const RESUME_KEY_BYTES = 32;

/**
 * Narrows what IndexedDB gave back to a {@link JournalEntry}, or returns `undefined`. Never throws: another
 * version, another tab or a broken disk may have written it. Lengths are checked against the manifest.
 */
export function parseJournalEntry(value: unknown): JournalEntry | undefined {
  if (!isRecord(value)) return undefined;
  if (value['version'] !== 1 || value['direction'] !== 'receive') return undefined;
  const { store, phase, peerName, startedAt, touchedAt, wanted, held, digests, resumeKey } = value;
  const { role, isClean } = value;
  const manifest = parseManifest(value['manifest']);
  if (manifest === undefined) return undefined;

  const blockCount = Math.ceil(manifest.totalBytes / manifest.blockBytes);
  if (!isBytes(wanted, Math.ceil(manifest.files.length / 8))) return undefined;
  if (!isBytes(held, Math.ceil(blockCount / 8))) return undefined;
  if (!isBytes(digests, blockCount * DIGEST_BYTES)) return undefined;
  if (!isBytes(resumeKey, RESUME_KEY_BYTES)) return undefined;
  if (store !== 'opfs' && store !== 'indexeddb' && store !== 'memory') return undefined;
  if (phase !== 'proposed' && phase !== 'receiving' && phase !== 'done') return undefined;
  if ((role !== 'host' && role !== 'joiner') || typeof isClean !== 'boolean') return undefined;
  if (typeof peerName !== 'string' || !isTime(startedAt) || !isTime(touchedAt)) return undefined;
  return {
    version: 1,
    direction: 'receive',
    manifest,
    wanted,
    held,
    digests,
    store,
    phase,
    isClean,
    peerName,
    role,
    resumeKey,
    startedAt,
    touchedAt,
  };
}

export function parseManifest(value: unknown): Manifest | undefined {
  if (!isRecord(value)) return undefined;
  const { id: idText, files, blockBytes, totalBytes } = value;
  const id = typeof idText === 'string' ? parseTransferId(idText) : undefined;
  const parsed = parseFiles(files);
  if (id === undefined || parsed === undefined) return undefined;
  if (!isCount(blockBytes) || blockBytes === 0) return undefined;
  if (!isCount(totalBytes) || totalBytes > MAX_TRANSFER_BYTES) return undefined;
  if (totalBytes > blockBytes * MAX_BLOCKS) return undefined;

  if (parsed.reduce((sum, file) => sum + file.sizeBytes, 0) !== totalBytes) return undefined;
  return { id, files: parsed, blockBytes, totalBytes };
}

export function parseFiles(value: unknown): readonly ManifestFile[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_FILES) return undefined;
  const files = value.map(parseFile).filter((file) => file !== undefined);
  return files.length === value.length ? files : undefined;
}

function parseFile(value: unknown): ManifestFile | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, path, sizeBytes, modifiedAt } = value;
  if (kind !== 'file' && kind !== 'text' && kind !== 'folder') return undefined;
  if (!isPath(path) || !isCount(sizeBytes) || !isTime(modifiedAt)) return undefined;
  return { kind, path, sizeBytes, modifiedAt };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

export const isTime = (value: unknown): value is number => Number.isFinite(value);

const isPath = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= MAX_PATH_DEPTH &&
  value.every((segment) => typeof segment === 'string');

export const isBytes = (value: unknown, length: number): value is Uint8Array<ArrayBuffer> =>
  value instanceof Uint8Array && value.buffer instanceof ArrayBuffer && value.byteLength === length;
