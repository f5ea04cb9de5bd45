import type { RunDoctor } from '../ports/doctor.ts';
import type { IceWishes } from '../ports/iceWishes.ts';
import type { FoundItem } from '../session/view.ts';

/** Something the app offers once it is useful: notifications, the installation. */
export type Hint = 'notify' | 'install';

/** What a person chose in Settings. Kept by whoever mounts the UI. */
export interface UiSettings {
  /** How this device calls itself to others; at most `MAX_DEVICE_NAME_CHARS` UTF-16 units. */
  readonly deviceName: string;
  /** `auto` follows the browser. */
  readonly language: 'auto' | LanguageCode;
  /** `system` follows the device. */
  readonly theme: 'system' | 'light' | 'dark';
  /** Offers the person does not want to see again. */
  readonly dismissed: readonly Hint[];
  /** Counts from the next share or join on. */
  readonly ice: IceWishes;
}

export type LanguageCode = 'en' | 'de' | 'es' | 'fr' | 'pt' | 'ru' | 'ar' | 'hi' | 'ja' | 'zh-Hans';

type MaybeLater<T> = T | Promise<T>;

/** Everything the UI needs from layers it may not import. The composition root provides it. */
export interface UiEnvironment {
  itemsOfFileList(files: FileList): MaybeLater<readonly FoundItem[]>;
  /** Called inside the drop event: the transfer is empty once the event is over. @throws TransferError naming what cannot be read */
  itemsOfDataTransfer(transfer: DataTransfer): MaybeLater<readonly FoundItem[]>;
  /** Called inside the paste event. Empty when there are no files on the clipboard. @throws TransferError */
  itemsOfClipboard(clipboard: DataTransfer): MaybeLater<readonly FoundItem[]>;
  /** Words of the word list that begin with `prefix`, best first. */
  completeWord(prefix: string): readonly string[];
  getSettings(): UiSettings;
  setSettings(settings: UiSettings): void;
  /** Deletes everything this site keeps on this device: transfers, received files, settings. */
  eraseEverything(): Promise<void>;
  /** Tries everything the connection needs. Rejects when its code does not come. */
  readonly runDoctor: RunDoctor;
  /** The worker that keeps the app offline, once registered; undefined where there is none. */
  readonly serviceWorker: Promise<ServiceWorkerRegistration | undefined>;
  /** Version of the build, as shown in Settings. */
  readonly version: string;
}
