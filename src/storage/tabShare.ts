import { createStore, delMany, get, getMany, keys, set, type UseStore } from 'idb-keyval';
import type { ShareCredentials } from '../ports/meeting.ts';
import type { KeptContent, KeptShare, ShareKeep } from '../ports/shareKeep.ts';
import { MAX_TEXT_BYTES } from '../protocol/limits.ts';
import { attempt } from './idbAccess.ts';
import { isBytes, isRecord, isTime, parseFiles } from './journalEntry.ts';
import { claimForTab } from './tabLocks.ts';

/** IndexedDB database of open shares. Keys: the share, and `share/number` for what was put into it, in order. */
export const SHARE_DATABASE = 'sluice-shares';

/** Which share is this tab's own, in `sessionStorage`: a reload leaves it, a closed tab does not. */
const MARK = 'sluice-share';

/** A share that nothing was done with for longer is not opened again, ms. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** How often, and how far apart, ms, the share of the page before is asked for. */
const CLAIM_TRIES = 10;
const CLAIM_INTERVAL_MS = 200;

/** The share of one tab in IndexedDB. */
export class TabShare implements ShareKeep {
  readonly #store: UseStore;
  readonly #claim: (id: string) => Promise<boolean>;
  #id: string | undefined;
  #contentCount = 0;
  /** Calls take turns. Never rejects. */
  #tail: Promise<unknown> = Promise.resolve();

  /** @param database name of its IndexedDB database, and `claim`: tests use their own */
  constructor(database = SHARE_DATABASE, claim: (name: string) => Promise<boolean> = claimForTab) {
    this.#store = createStore(database, 'shares');
    this.#claim = (id) => claim(`share-${id}`);
  }

  async take(): Promise<KeptShare | undefined> {
    const id = markOfTab();
    if (id === undefined || !(await this.#claimSoon(id))) return undefined;
    return await this.#inTurn(async () => {
      const credentials = parseShare(await get(id, this.#store));
      // Too old, or the page has begun another one meanwhile.
      if (credentials === undefined || this.#id !== undefined) return undefined;
      this.#id = id;
      const names = await this.#contentsOf(id);
      this.#contentCount = names.length;
      const found: unknown[] = await getMany(names, this.#store);
      const contents = found.map(parseContent).filter((content) => content !== undefined);
      return { credentials, contents };
    });
  }

  /** A page that is reloaded may hold it for a moment yet. A tab that was duplicated has the mark as well, and leaves the share to the first. */
  async #claimSoon(id: string): Promise<boolean> {
    for (let tries = 1; tries < CLAIM_TRIES; tries += 1) {
      if (await this.#claim(id)) return true;
      await new Promise((resolve) => setTimeout(resolve, CLAIM_INTERVAL_MS));
    }
    return this.#claim(id);
  }

  put(credentials: ShareCredentials): Promise<void> {
    return this.#inTurn(async () => {
      const id = this.#id ?? (await this.#begin());
      await set(id, { version: 1, touchedAt: Date.now(), credentials }, this.#store);
    });
  }

  add(content: KeptContent): Promise<void> {
    return this.#inTurn(async () => {
      const id = this.#id ?? (await this.#begin());
      const name = `${id}/${String(this.#contentCount).padStart(6, '0')}`;
      this.#contentCount += 1;
      await set(name, content, this.#store);
    }, content.bytes?.size);
  }

  forget(): Promise<void> {
    return this.#inTurn(async () => {
      const id = this.#id;
      if (id === undefined) return;
      this.#id = undefined;
      unmarkTab();
      await this.#delete(id);
    });
  }

  /** Deletes what tabs left that were closed: whatever is too old, and no tab works on. */
  sweep(): Promise<void> {
    return this.#inTurn(async () => {
      const names = await keys<string>(this.#store);
      for (const id of new Set(names.map((name) => name.split('/')[0]!))) {
        const isKept = parseShare(await get(id, this.#store)) !== undefined;
        if (!isKept && id !== this.#id && (await this.#claim(id))) await this.#delete(id);
      }
    });
  }

  async #begin(): Promise<string> {
    const id = crypto.randomUUID();
    await this.#claim(id);
    markTab(id);
    this.#id = id;
    this.#contentCount = 0;
    return id;
  }

  async #contentsOf(id: string): Promise<string[]> {
    const names = await keys<string>(this.#store);
    return names.filter((name) => name.startsWith(`${id}/`));
  }

  async #delete(id: string): Promise<void> {
    await delMany([id, ...(await this.#contentsOf(id))], this.#store);
  }

  #inTurn<T>(act: () => Promise<T>, neededBytes?: number): Promise<T> {
    const turn = this.#tail.then(() => attempt(act, neededBytes));
    this.#tail = turn.catch(() => {
      // Whoever asked is told.
    });
    return turn;
  }
}

/** Narrows what IndexedDB gave back, or returns `undefined`, for a share that is too old as well. Never throws. */
function parseShare(value: unknown): ShareCredentials | undefined {
  if (!isRecord(value) || value['version'] !== 1 || !isRecord(value['credentials']))
    return undefined;
  if (!isTime(value['touchedAt']) || value['touchedAt'] < Date.now() - KEPT_MS) return undefined;
  const { nameplate, token, linkSecret, words, burnedCount, isOnePersonOnly, hasSucceeded } =
    value['credentials'];
  if (typeof nameplate !== 'string' || typeof token !== 'string') return undefined;
  if (!isBytes(linkSecret, 16) || !Number.isSafeInteger(burnedCount)) return undefined;
  if (typeof isOnePersonOnly !== 'boolean' || typeof hasSucceeded !== 'boolean') return undefined;
  if (words !== undefined && !isWords(words)) return undefined;
  return {
    nameplate,
    token,
    linkSecret,
    words,
    burnedCount: Number(burnedCount),
    isOnePersonOnly,
    hasSucceeded,
  };
}

const isWords = (value: unknown): value is [string, string, string] =>
  Array.isArray(value) && value.length === 3 && value.every((word) => typeof word === 'string');

/** The same of what was put into one. Bytes that are not those of the entries count as not kept. */
function parseContent(value: unknown): KeptContent | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, title, text, bytes } = value;
  const entries = parseFiles(value['entries']);
  if (entries === undefined || typeof title !== 'string') return undefined;
  if (kind !== 'files' && kind !== 'text') return undefined;
  if (text !== undefined && (typeof text !== 'string' || text.length > MAX_TEXT_BYTES))
    return undefined;
  const totalBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const isWhole = bytes instanceof Blob && bytes.size === totalBytes;
  return { kind, title, text, entries, bytes: isWhole ? bytes : undefined };
}

/** @returns undefined where the page before in this tab left none, or storage is blocked */
function markOfTab(): string | undefined {
  try {
    return sessionStorage.getItem(MARK) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Where storage is blocked the share ends with its page. */
function markTab(share: string): void {
  try {
    sessionStorage.setItem(MARK, share);
  } catch {
    // Blocked.
  }
}

/** The share of this tab is over, or erased. */
export function unmarkTab(): void {
  try {
    sessionStorage.removeItem(MARK);
  } catch {
    // Blocked: nothing was left.
  }
}
