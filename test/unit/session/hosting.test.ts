import { describe, expect, test, vi } from 'vitest';
import type { Link } from '../../../src/ports/link.ts';
import type { HostListener, Meeting, ShareCredentials } from '../../../src/ports/meeting.ts';
import type { KeptContent, ShareKeep } from '../../../src/ports/shareKeep.ts';
import { type Fault, TransferError } from '../../../src/protocol/faults.ts';
import { Hosting } from '../../../src/session/hosting.ts';
import { contentOfItems, type OutgoingContent } from '../../../src/session/outgoingContent.ts';

const CREDENTIALS: ShareCredentials = {
  nameplate: '4821',
  token: 'mine',
  linkSecret: new Uint8Array(16),
  words: ['acid', 'acorn', 'acre'],
  burnedCount: 1,
  isOnePersonOnly: true,
  hasSucceeded: false,
};

/** What outlives the pages of one tab. */
class MemoryKeep implements ShareKeep {
  credentials: ShareCredentials | undefined;
  readonly contents: KeptContent[] = [];

  async take() {
    const { credentials, contents } = this;
    return credentials && { credentials, contents: [...contents] };
  }

  async put(credentials: ShareCredentials): Promise<void> {
    this.credentials = credentials;
  }

  async add(content: KeptContent): Promise<void> {
    this.contents.push(content);
  }

  async forget(): Promise<void> {
    this.credentials = undefined;
    this.contents.length = 0;
  }
}

function contentOf(name: string, bytes: BlobPart): OutgoingContent {
  const content = contentOfItems([
    { kind: 'file', path: [name], content: new Blob([bytes]), modifiedAt: 7 },
  ]);
  if ('code' in content) throw new Error(content.code);
  return content;
}

/** A share whose meeting is in the hands of the test. */
function aHosting(keep: ShareKeep = new MemoryKeep()) {
  const listeners: HostListener[] = [];
  const earlier: (ShareCredentials | undefined)[] = [];
  const taken: OutgoingContent[] = [];
  const faults: Fault[] = [];
  const calls = { closed: 0, joined: 0, woken: 0, failed: [] as string[] };
  let isBroken = false;
  const hosting = new Hosting({
    // Boundary: a share asks its meeting for nothing else.
    meeting: async () => {
      if (isBroken) throw new TransferError({ code: 'broker-unreachable' });
      return {
        host: (listener: HostListener, before?: ShareCredentials) => {
          listeners.push(listener);
          earlier.push(before);
          return {
            setOnePersonOnly: () => {},
            wake: () => {
              calls.woken += 1;
            },
            close: () => {
              calls.closed += 1;
            },
          };
        },
      } as unknown as Meeting;
    },
    keep,
    changed: () => {},
    joined: (_link, contents) => {
      calls.joined += 1;
      taken.push(...contents);
    },
    failed: (fault) => {
      calls.failed.push(fault.code);
      faults.push(fault);
    },
  });
  return {
    hosting,
    earlier,
    taken,
    faults,
    listeners,
    calls,
    breakDown: () => {
      isBroken = true;
    },
  };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('a share that is prepared', () => {
  test('is not seen, and has its code at once when it is opened', async () => {
    vi.useFakeTimers();
    const { hosting, listeners } = aHosting();
    hosting.prepare();
    hosting.prepare();
    await settled();
    listeners[0]!.opened('https://sluice.example/#4821.secret');
    listeners[0]!.codeChanged('4821-acid-acorn-acre', 0);
    expect(hosting.view).toBeUndefined();
    expect(hosting.isOpen).toBe(false);
    hosting.open();
    expect(hosting.view).toMatchObject({ phase: 'open', code: '4821-acid-acorn-acre' });
    expect(listeners).toHaveLength(1);
    vi.useRealTimers();
  });

  test('lets nobody in before it is opened', async () => {
    vi.useFakeTimers();
    const { hosting, listeners, calls } = aHosting();
    hosting.prepare();
    await settled();
    const closed = vi.fn();
    // Boundary: a link that is turned away is asked for nothing else.
    listeners[0]!.joined({ close: closed } as unknown as Link);
    expect(closed).toHaveBeenCalledWith({ code: 'peer-left' });
    expect(calls.joined).toBe(0);
    vi.useRealTimers();
  });

  test('is told when its page is back in front', async () => {
    vi.useFakeTimers();
    const { hosting, calls } = aHosting();
    hosting.wake();
    hosting.open();
    hosting.wake();
    await settled();
    expect(calls.woken).toBe(1);
    vi.useRealTimers();
  });

  test('goes after two minutes without use, and stays once it is opened', async () => {
    vi.useFakeTimers();
    const unused = aHosting();
    unused.hosting.prepare();
    const used = aHosting();
    used.hosting.prepare();
    used.hosting.open();
    await vi.advanceTimersByTimeAsync(121_000);
    expect(unused.calls.closed).toBe(1);
    expect(used.calls.closed).toBe(0);
    expect(used.hosting.isOpen).toBe(true);
    vi.useRealTimers();
  });

  test('fails without a word, and is tried again when it is opened', async () => {
    vi.useFakeTimers();
    const { hosting, calls, breakDown } = aHosting();
    breakDown();
    hosting.prepare();
    await settled();
    expect(calls.failed).toEqual([]);
    hosting.open();
    await settled();
    expect(calls.failed).toEqual(['broker-unreachable']);
    vi.useRealTimers();
  });
});

describe('a share whose page is reloaded', () => {
  const wait = () => new Promise((resolve) => setTimeout(resolve, 10));

  /** A page that shares `contents`, before it is gone. */
  async function shareOf(keep: ShareKeep, ...contents: readonly OutgoingContent[]) {
    const { hosting, listeners } = aHosting(keep);
    for (const content of contents) hosting.add(content);
    await wait();
    listeners[0]!.credentialsChanged(CREDENTIALS);
    await wait();
  }

  test('is opened again as it was, with what was in it', async () => {
    const keep = new MemoryKeep();
    await shareOf(keep, contentOf('a.txt', 'hello'));

    const after = aHosting(keep);
    await after.hosting.restore();
    await wait();
    expect(after.earlier).toEqual([CREDENTIALS]);
    expect(after.hosting.view).toMatchObject({
      phase: 'opening',
      burnedCount: 1,
      isOnePersonOnly: true,
      items: [{ kind: 'files', title: 'a.txt', fileCount: 1, totalBytes: 5 }],
    });
    // Boundary: nothing is asked of a link that is welcome.
    after.listeners[0]!.joined({} as Link);
    expect(after.taken).toMatchObject([{ entries: [{ path: ['a.txt'], modifiedAt: 7 }] }]);
    expect(await (await after.taken[0]?.bundle)?.text()).toBe('hello');
    expect(after.faults).toEqual([]);
  });

  test('asks again for what was too much to keep, and is open meanwhile', async () => {
    const keep = new MemoryKeep();
    const much = { ...contentOf('film.mkv', 'x'), totalBytes: 65 * 1024 * 1024 };
    await shareOf(keep, much, contentOf('a.txt', 'hello'));

    const after = aHosting(keep);
    await after.hosting.restore();
    expect(after.hosting.view?.items).toMatchObject([{ title: 'a.txt' }]);
    expect(after.faults).toEqual([{ code: 'source-needed', names: ['film.mkv'] }]);
    // Nothing is kept twice.
    await wait();
    expect(keep.contents).toHaveLength(2);
  });

  test('asks again for what there was no room to keep', async () => {
    const keep = new MemoryKeep();
    const add = keep.add.bind(keep);
    keep.add = async (content) => {
      if (content.bytes !== undefined)
        throw new TransferError({ code: 'disk-full', neededBytes: 5 });
      await add(content);
    };
    await shareOf(keep, contentOf('a.txt', 'hello'));

    const after = aHosting(keep);
    await after.hosting.restore();
    expect(after.faults).toEqual([{ code: 'source-needed', names: ['a.txt'] }]);
  });

  test('is forgotten when it is stopped, and never kept when nobody saw it', async () => {
    const keep = new MemoryKeep();
    const { hosting, listeners } = aHosting(keep);
    hosting.prepare();
    await wait();
    listeners[0]!.credentialsChanged(CREDENTIALS);
    await wait();
    expect(keep.credentials).toBeUndefined();
    hosting.add(contentOf('a.txt', 'hello'));
    await wait();
    expect([keep.credentials, keep.contents.length]).toEqual([CREDENTIALS, 1]);
    hosting.stop();
    await wait();
    expect([keep.credentials, keep.contents.length]).toEqual([undefined, 0]);
    await aHosting(keep).hosting.restore();
  });

  test('does not take the place of one that the person has opened meanwhile', async () => {
    const keep = new MemoryKeep();
    await keep.put(CREDENTIALS);
    const { hosting, earlier } = aHosting(keep);
    const restored = hosting.restore();
    hosting.add(contentOf('b.txt', 'new'));
    await restored;
    await wait();
    expect(earlier).toEqual([undefined]);
  });

  test('works all the same where nothing can be kept', async () => {
    const keep = new MemoryKeep();
    keep.put = () => Promise.reject(new TransferError({ code: 'disk-full', neededBytes: 1 }));
    const { hosting, listeners, faults } = aHosting(keep);
    hosting.add(contentOf('a.txt', 'hello'));
    await wait();
    listeners[0]!.credentialsChanged(CREDENTIALS);
    await wait();
    expect([hosting.isOpen, faults]).toEqual([true, []]);
  });
});
