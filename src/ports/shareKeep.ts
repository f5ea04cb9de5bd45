import type { ManifestFile } from '../protocol/manifest.ts';
import type { ShareCredentials } from './meeting.ts';

/** Something that was put into a share. */
export interface KeptContent {
  readonly kind: 'files' | 'text';
  readonly title: string;
  readonly text: string | undefined;
  readonly entries: readonly ManifestFile[];
  /** All bytes end to end; `undefined` where they were too many to copy: the person has to pick the files again. */
  readonly bytes: Blob | undefined;
}

/** A share that a page of this tab left behind. */
export interface KeptShare {
  readonly credentials: ShareCredentials;
  readonly contents: readonly KeptContent[];
}

/**
 * The open share of this tab, so that a reload does not end it: phones end a page as soon as its person goes to the messenger, to
 * hand the link on. Calls take effect in the order they are made in, and reject with `disk-full` or `storage-failed`.
 */
export interface ShareKeep {
  /** What the page before this one kept, not long ago. It is kept on. */
  take(): Promise<KeptShare | undefined>;
  put(credentials: ShareCredentials): Promise<void>;
  add(content: KeptContent): Promise<void>;
  forget(): Promise<void>;
}
