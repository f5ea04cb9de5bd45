import { render } from 'preact';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { fileIndex } from '../../src/protocol/ids.ts';
import type { AppView, FoundItem } from '../../src/session/view.ts';
import type { UiEnvironment } from '../../src/ui/environment.ts';
import { mountApp } from '../../src/ui/mount.tsx';
import { loadLaterScreens } from '../../src/ui/screens/laterScreens.ts';
import {
  aFile,
  anEnvironment,
  anId,
  aPeer,
  aShare,
  aTransfer,
  aView,
  FakeApp,
  lanesOf,
} from '../doubles/fakeApp.ts';

let root: HTMLElement;

// So that every screen stands at once.
beforeAll(loadLaterScreens);

beforeEach(() => {
  location.hash = '';
  root = document.createElement('div');
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
});

function mounted(view: Partial<AppView> = {}, environment: Partial<UiEnvironment> = {}) {
  const app = new FakeApp(aView(view));
  mountApp(root, app, { ...anEnvironment(), ...environment });
  return app;
}

const all = (testId: string) => [
  ...root.querySelectorAll<HTMLElement>(`[data-testid="${testId}"]`),
];

function one(testId: string): HTMLElement {
  const found = all(testId);
  expect(found, testId).toHaveLength(1);
  return found[0]!;
}

const input = (testId: string) => {
  const element = one(testId);
  if (!(element instanceof HTMLInputElement)) throw new Error(`${testId} is no input`);
  return element;
};

/** Sets the files of an input as a tool would. */
function choose(testId: string, ...names: readonly string[]): void {
  const transfer = new DataTransfer();
  for (const name of names) transfer.items.add(new File(['x'], name));
  const element = input(testId);
  element.files = transfer.files;
  element.dispatchEvent(new Event('change', { bubbles: true }));
}

const SCREENS: Readonly<Record<string, Partial<AppView>>> = {
  home: {},
  share: { share: aShare() },
  connected: { peers: [aPeer()] },
};

describe('sending', () => {
  test.each(Object.keys(SCREENS))('the inputs for files are there once on %s', async (screen) => {
    const app = mounted(SCREENS[screen]);
    choose('pick-files', 'a.txt', 'b.txt');
    await vi.waitFor(() => expect(app.calls).toHaveLength(1));
    expect(app.calls[0]?.[0]).toBe('sendItems');
    expect(app.calls[0]?.[1]).toHaveLength(2);
    expect(input('pick-files').value).toBe('');
    expect(input('pick-folder').webkitdirectory).toBe(true);
  });

  test('the inputs survive a change of screen', async () => {
    const app = mounted();
    const before = one('pick-files');
    app.show({ share: aShare() });
    await vi.waitFor(() => one('share-code'));
    expect(one('pick-files')).toBe(before);
  });

  test.each(Object.keys(SCREENS))('a text is sent from %s', async (screen) => {
    const app = mounted(SCREENS[screen]);
    await userEvent.fill(one('send-text'), 'hello <b>you</b>');
    await userEvent.click(one('send-text-button'));
    expect(app.calls).toEqual([['sendText', 'hello <b>you</b>']]);
    await vi.waitFor(() => expect(one('send-text')).toHaveProperty('value', ''));
  });

  test('pasted files are sent, a pasted text waits to be read', async () => {
    const app = mounted();
    const clipboard = new DataTransfer();
    clipboard.items.add(new File(['x'], 'pasted.png'));
    paste(document.body, clipboard);
    await vi.waitFor(() => expect(app.calls[0]?.[0]).toBe('sendItems'));

    const words = new DataTransfer();
    words.setData('text/plain', 'the text');
    paste(document.body, words);
    await vi.waitFor(() => expect(one('send-text')).toHaveProperty('value', 'the text'));
    expect(app.calls).toHaveLength(1);
  });

  test('a paste into a field is left alone', () => {
    const app = mounted();
    const clipboard = new DataTransfer();
    clipboard.items.add(new File(['x'], 'pasted.png'));
    paste(one('send-text'), clipboard);
    expect(app.calls).toEqual([]);
  });

  test('dropped files are sent, and the page shows that it will take them', async () => {
    const app = mounted();
    const dragged = new DataTransfer();
    dragged.items.add(new File(['x'], 'dropped.png'));
    drag('dragenter', dragged);
    await vi.waitFor(() => expect(root.querySelector('.veil')).not.toBeNull());
    drag('drop', dragged);
    await vi.waitFor(() => expect(app.calls[0]?.[0]).toBe('sendItems'));
    expect(root.querySelector('.veil')).toBeNull();
  });

  test('many files that take a while are said to be looked at, and few are not', async () => {
    let looked = (_: readonly FoundItem[]) => {};
    const looking = new Promise<readonly FoundItem[]>((resolve) => {
      looked = resolve;
    });
    const app = mounted({}, { itemsOfFileList: () => looking });
    const said = () => root.querySelector('.looking')?.textContent;
    choose('pick-folder', 'a.txt');
    expect(said()).toBeUndefined();
    await vi.waitFor(() => expect(said()).toBe('Getting the files ready'));
    looked([{ kind: 'folder', path: ['Scans'] }]);
    await vi.waitFor(() => expect(app.calls[0]?.[0]).toBe('sendItems'));
    await vi.waitFor(() => expect(said()).toBeUndefined());
  });
});

const paste = (target: Element, clipboardData: DataTransfer) =>
  target.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
  );

const drag = (type: string, dataTransfer: DataTransfer) =>
  document.body.dispatchEvent(
    new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }),
  );

describe('sharing', () => {
  test('the code and the link are exactly what they are', () => {
    mounted({ share: aShare() });
    expect(one('share-code').textContent).toBe('4821-maple-otter-quartz');
    const link = one('share-link');
    expect(link).toHaveProperty('href', 'https://sluice.example/#4821.Zm9vYmFyYmF6cXV4Zm9vYg');
  });

  test('without a code there is none to copy', () => {
    mounted({ share: aShare({ code: undefined }) });
    expect(all('share-code')).toEqual([]);
    expect(root.textContent).toContain('Use the link or scan the picture');
  });

  test('the QR code is drawn, dark on light', async () => {
    mounted({ share: aShare() });
    await vi.waitFor(() => expect(root.querySelector('svg.qr path')).not.toBeNull());
    expect(getComputedStyle(root.querySelector('svg.qr')!).backgroundColor).toBe(
      'rgb(255, 255, 255)',
    );
  });

  test('the switch and the end of it', async () => {
    const app = mounted({ share: aShare() });
    await userEvent.click(root.querySelector('[role="switch"]')!);
    expect(app.calls).toEqual([['setOnePersonOnly', true]]);
  });
});

describe('joining', () => {
  test('a code is typed, completed and sent', async () => {
    const app = mounted();
    await userEvent.click(one('join-code'));
    expect(app.prepared).toEqual(new Set(['join']));
    await userEvent.keyboard('4821-map{Tab}ott{Tab}qua{Tab}{Enter}');
    expect(app.calls).toEqual([['join', '4821-maple-otter-quartz']]);
  });

  test('a word can be taken from the list', async () => {
    mounted();
    await userEvent.click(one('join-code'));
    await userEvent.keyboard('4821-mar');
    await vi.waitFor(() => expect(root.querySelectorAll('[role="option"]')).toHaveLength(2));
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect(input('join-code').value).toBe('4821-marvel-');
  });

  test('a whole code is filled in and joined', async () => {
    const app = mounted();
    await userEvent.fill(one('join-code'), '4821-maple-otter-quartz');
    await userEvent.click(one('join'));
    expect(app.calls).toEqual([['join', '4821-maple-otter-quartz']]);
  });

  test('a link is confirmed by one tap', async () => {
    const app = mounted({ join: { phase: 'confirming', mode: 'link', fault: undefined } });
    await userEvent.click(one('join'));
    expect(app.calls).toEqual([['confirmJoin']]);
  });

  test('a failure says in which step it came, and lets one try again', async () => {
    const app = mounted({ join: { phase: 'checking', mode: 'code', fault: undefined } });
    app.show({ join: { phase: 'failed', mode: 'code', fault: { code: 'not-verified' } } });
    await vi.waitFor(() => expect(one('fault').dataset['code']).toBe('not-verified'));
    expect(root.querySelector('[data-state="failed"]')?.textContent).toContain('Checking');
    expect(one('fault').getAttribute('role')).toBe('alert');
    await userEvent.fill(one('join-code'), '1234-mango-otter-quartz');
    await userEvent.click(one('join'));
    expect(app.calls).toEqual([['join', '1234-mango-otter-quartz']]);
  });
});

describe('peers and transfers', () => {
  test('a peer says its path once known, and its lanes', () => {
    mounted({
      peers: [aPeer({ lanes: lanesOf(1, 2, 0) }), aPeer({ id: 'b', path: undefined })],
    });
    expect(all('peer').map((peer) => [peer.dataset['path'], peer.dataset['lanes']])).toEqual([
      ['direct', '3'],
      [undefined, '0'],
    ]);
  });

  test('a transfer carries its facts', () => {
    mounted({ peers: [aPeer()], transfers: [aTransfer({ bytes: 854_000_000 })] });
    expect({ ...one('transfer').dataset }).toEqual({
      testid: 'transfer',
      transferId: anId('A'),
      direction: 'send',
      phase: 'transferring',
      bytes: '854000000',
      total: '1400000000',
    });
  });

  test.each([
    ['cancel', { phase: 'proposed' }, ['cancel', anId('A')]],
    ['pause', {}, ['pause', anId('A')]],
    ['cancel', {}, ['cancel', anId('A')]],
    ['continue', { phase: 'paused', pausedBy: 'me' }, ['continue', anId('A')]],
    ['continue', { phase: 'paused', pausedBy: 'both' }, ['continue', anId('A')]],
    ['cancel', { phase: 'waiting' }, ['cancel', anId('A')]],
    ['decline', { phase: 'proposed', direction: 'receive' }, ['decline', anId('A')]],
    ['accept', { phase: 'proposed', direction: 'receive' }, ['accept', anId('A')]],
    ['save', { phase: 'done', direction: 'receive', isSavable: true }, ['save', anId('A'), 0]],
    ['save-all', { phase: 'done', direction: 'receive', isSavable: true }, ['saveAll', anId('A')]],
    ['dismiss', { phase: 'declined' }, ['dismiss', anId('A')]],
  ] as const)('%s of %j', async (testId, part, call) => {
    const app = mounted({ peers: [aPeer()], transfers: [aTransfer(part)] });
    await userEvent.click(one(testId));
    expect(app.calls).toEqual([call]);
  });

  test('what the other device paused cannot be continued here', () => {
    mounted({ transfers: [aTransfer({ phase: 'paused', pausedBy: 'peer' })] });
    expect(all('continue')).toEqual([]);
    expect(all('cancel')).toHaveLength(1);
  });

  test('transfers are shown without share or peer, as after a reload', () => {
    mounted({ transfers: [aTransfer({ phase: 'waiting', direction: 'receive' })] });
    expect(one('transfer').dataset['phase']).toBe('waiting');
    expect(all('join-code')).toHaveLength(1);
  });

  test('a device is disconnected where there is a connection', async () => {
    const app = mounted({ peers: [aPeer()] });
    await userEvent.click(root.querySelector('[aria-label="Disconnect"]')!);
    expect(app.calls).toEqual([['leave', 'peer-1']]);
    app.show({ peers: [aPeer({ phase: 'reconnecting' })] });
    await vi.waitFor(() => expect(root.querySelector('[aria-label="Disconnect"]')).toBeNull());
    expect(root.textContent).not.toContain('Connect again');
  });

  test('who disconnected may connect again, or enter another code', async () => {
    const waiting = { phase: 'waiting', fault: { code: 'peer-left' } } as const;
    const app = mounted({ peers: [aPeer()], transfers: [aTransfer(waiting)] });
    expect(all('join-code')).toEqual([]);
    app.show({ peers: [aPeer({ phase: 'left' })] });
    await vi.waitFor(() => expect(one('transfer').textContent).toContain('You disconnected.'));
    expect(one('transfer').textContent).not.toContain('by itself');
    await userEvent.click(one('peer').querySelector('button')!);
    expect(app.calls).toEqual([['reconnect', 'peer-1']]);
    expect(all('join-code')).toHaveLength(1);
  });

  test('who receives may close the page; who has not decided sees no progress', async () => {
    const waiting = { phase: 'waiting', direction: 'receive' } as const;
    const app = mounted({ transfers: [aTransfer(waiting)] });
    expect(one('transfer').textContent).toContain('You may close this page');
    expect(one('transfer').textContent).toContain('%');
    app.show({ transfers: [aTransfer({ ...waiting, isUndecided: true })] });
    await vi.waitFor(() => expect(one('transfer').textContent).not.toContain('%'));
    expect(one('transfer').textContent).toContain('You may close this page');
  });

  test('while many files are saved it shows how far that is, and can be stopped', async () => {
    const done = { phase: 'done', direction: 'receive', isSavable: true } as const;
    const app = mounted({ transfers: [aTransfer({ ...done, savingShare: 0.375 })] });
    expect(one('transfer').querySelector('[role=progressbar]')?.ariaValueNow).toBe('37');
    expect(all('save-all')).toEqual([]);
    await userEvent.click(one('cancel'));
    expect(app.calls).toEqual([['cancel', anId('A')]]);
    app.show({ transfers: [aTransfer(done)] });
    await vi.waitFor(() => expect(all('save-all')).toHaveLength(1));
  });

  test('faults are alerts with their code, wherever they come from', () => {
    mounted({
      notice: { code: 'too-much', what: 'bytes' },
      share: aShare({ fault: { code: 'broker-unreachable' } }),
      transfers: [
        aTransfer({ phase: 'failed', fault: { code: 'disk-full', neededBytes: 1 } }),
        aTransfer({
          id: anId('B'),
          phase: 'waiting',
          fault: { code: 'peer-gone', silentMs: 1 },
        }),
      ],
    });
    expect(new Set(all('fault').map((fault) => fault.dataset['code']))).toEqual(
      new Set(['broker-unreachable', 'disk-full', 'peer-gone', 'too-much']),
    );
  });

  test('received files are asked about before they are thrown away', async () => {
    const app = mounted({
      transfers: [aTransfer({ phase: 'done', direction: 'receive', isSavable: true })],
    });
    await userEvent.click(one('dismiss'));
    expect(app.calls).toEqual([]);
    await userEvent.click(root.querySelector('.ask .button-danger')!);
    expect(app.calls).toEqual([['dismiss', anId('A')]]);
  });

  test('a text is shown as text, with only its web addresses as links', () => {
    mounted({
      transfers: [
        aTransfer({
          phase: 'done',
          direction: 'receive',
          kind: 'text',
          text: '<img src=x onerror=alert(1)> https://example.org javascript:alert(1)',
          isSavable: true,
        }),
      ],
    });
    const shown = one('received-text');
    expect(shown.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(shown.querySelector('img')).toBeNull();
    expect([...shown.querySelectorAll('a')].map((link) => [link.href, link.rel])).toEqual([
      ['https://example.org/', 'noopener noreferrer'],
    ]);
    expect(all('save')).toHaveLength(1);
  });
});

describe('an offer', () => {
  const FILES = [
    aFile(0, 'Trip/a.jpg', 10),
    aFile(1, 'Trip/b.jpg', 20),
    aFile(2, 'run.exe', 4, { isRisky: true }),
  ];
  const offer = () =>
    mounted({
      peers: [aPeer()],
      transfers: [aTransfer({ phase: 'proposed', direction: 'receive', files: FILES })],
    });
  const boxes = () => [...root.querySelectorAll<HTMLInputElement>('.tree input')];

  test('is accepted whole without naming its files', async () => {
    const app = offer();
    expect(boxes().every((box) => box.checked)).toBe(true);
    await userEvent.click(one('accept'));
    expect(app.calls).toEqual([['accept', anId('A')]]);
  });

  test('is accepted in part by index', async () => {
    const app = offer();
    // Everything, Trip, a.jpg, b.jpg, run.exe.
    await userEvent.click(boxes()[2]!);
    expect(boxes().map((box) => [box.checked, box.indeterminate])).toEqual([
      [false, true],
      [false, true],
      [false, false],
      [true, false],
      [true, false],
    ]);
    await userEvent.click(one('accept'));
    expect(app.calls).toEqual([['accept', anId('A'), new Set([1, 2].map(fileIndex))]]);
  });

  test('of nothing cannot be accepted', async () => {
    offer();
    await userEvent.click(boxes()[0]!);
    await vi.waitFor(() => expect(one('accept')).toHaveProperty('disabled', true));
  });

  test('warns of what can run, and only while it is chosen', async () => {
    offer();
    expect(root.querySelector('.note-warn')).not.toBeNull();
    await userEvent.click(boxes()[4]!);
    await vi.waitFor(() => expect(root.querySelector('.note-warn')).toBeNull());
  });
});

test('two thousand files are shown by the hundred, and every one can be saved', async () => {
  const files = Array.from({ length: 250 }, (_, index) => aFile(index, `Page ${index}.tif`, 1));
  mounted({
    transfers: [
      aTransfer({ phase: 'done', direction: 'receive', files, bytes: 250, isSavable: true }),
    ],
  });
  expect(all('save')).toHaveLength(100);
  const more = () => root.querySelector<HTMLElement>('.more-rows button');
  await userEvent.click(more()!);
  await vi.waitFor(() => expect(all('save')).toHaveLength(200));
  await userEvent.click(more()!);
  await vi.waitFor(() => expect(all('save')).toHaveLength(250));
  expect(more()).toBeNull();
});

test('pictures among received files are shown, whatever they are called; documents are not', async () => {
  const canvas = new OffscreenCanvas(4, 4);
  canvas.getContext('2d')?.fillRect(0, 0, 4, 4);
  const app = mounted();
  app.contents.set(fileIndex(0), await canvas.convertToBlob());
  app.contents.set(fileIndex(1), new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>']));
  app.show({
    transfers: [
      aTransfer({
        phase: 'done',
        direction: 'receive',
        files: [aFile(0, 'picture.dat', 100), aFile(1, 'drawing.png', 40)],
        isSavable: true,
      }),
    ],
  });
  await vi.waitFor(() => expect(root.querySelectorAll('img')).toHaveLength(1));
  expect(root.querySelector('img')?.closest('li')?.textContent).toContain('picture.dat');
});

describe('the page', () => {
  test('settings are a place with an address, and back leaves it', async () => {
    mounted();
    location.hash = '#/settings';
    await vi.waitFor(() => expect(root.querySelector('.settings')).not.toBeNull());
    history.back();
    await vi.waitFor(() => expect(root.querySelector('.home')).not.toBeNull());
  });

  test('another language is loaded and used, on <html> too', async () => {
    const app = new FakeApp();
    mountApp(root, app, anEnvironment({ language: 'zh-Hans' }));
    await vi.waitFor(() => expect(root.textContent).toContain('有代码吗'));
    expect(document.documentElement.lang).toBe('zh-Hans');
  });

  test('a change of phase is said, a change of numbers is not', async () => {
    const app = mounted({ transfers: [aTransfer({ bytes: 1 })] });
    app.show({ transfers: [aTransfer({ bytes: 2 })] });
    expect(one('said').textContent).toBe('');
    app.show({ transfers: [aTransfer({ bytes: 2, phase: 'done' })] });
    await vi.waitFor(() => expect(one('said').textContent).toContain('Delivered'));
  });
});
