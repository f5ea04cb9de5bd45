import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeFile } from '../e2e/harness/material.ts';
import type { Person } from '../e2e/harness/person.ts';
import { until } from '../e2e/harness/until.ts';
import { type Frame, honest, MIDDLE, type Plan } from './harness/hostileBroker.ts';
import { type BrowserName, Lab } from './harness/lab.ts';
import type { Middle, MiddleMode, Seen } from './pages/middle.ts';

/** Of the file that is shared: neither may be seen by anyone before the proof. */
const FILE_NAME = 'the-secret-plan.txt';
const FILE_BYTES = 4_321;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab.close());

/** Every frame of a joiner goes to the middle, and every frame of the host's answer to it too. */
const throughTheMiddle: Plan = (frame) => [{ to: MIDDLE, frame }];

const isSdp = (frame: Frame) => frame.type === 'OFFER' || frame.type === 'ANSWER';

/** Changes the SDP that frames of one type carry. */
const withSdp =
  (type: 'OFFER' | 'ANSWER', change: (sdp: string) => string): Plan =>
  (frame) =>
    honest(frame.type === type ? { ...frame, ...changedSdp(frame, change) } : frame);

interface SdpPayload {
  readonly sdp: { readonly type: string; readonly sdp: string };
}

function changedSdp(frame: Frame, change: (sdp: string) => string): Pick<Frame, 'payload'> {
  // Only frames that PeerJS made come here, and those have this shape.
  const payload = frame.payload as SdpPayload;
  return { payload: { ...payload, sdp: { ...payload.sdp, sdp: change(payload.sdp.sdp) } } };
}

const OTHER_FINGERPRINT = `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'A7').join(':')}`;

const swapFingerprint = (sdp: string) => sdp.replace(/a=fingerprint:.*/g, OTHER_FINGERPRINT);
const appendFingerprint = (sdp: string) =>
  sdp.replace(/a=fingerprint:.*\r\n/g, (own) => `${own}${OTHER_FINGERPRINT}\r\n`);

/** Somebody who shares a file under a link, and that link. */
async function sharing(browser: BrowserName): Promise<{ ada: Person; link: string }> {
  const ada = await lab.person('ada', browser);
  await ada.pickFiles(await makeFile(lab.folder, FILE_NAME, FILE_BYTES));
  return { ada, link: await ada.shareLink() };
}

async function middlePage(mode: MiddleMode, adds: Middle['addsFingerprint'] = 'none') {
  const page = await lab.person('middle', 'chromium', lab.site.attackerUrl);
  await page.driver.evaluate(
    ({ mode, adds }) => {
      const { middle } = (window as unknown as { attacker: { middle: Middle } }).attacker;
      middle.mode = mode;
      middle.addsFingerprint = adds;
    },
    { mode, adds },
  );
  await until('the middle', 5_000, () => (lab.site.broker.ids.includes(MIDDLE) ? true : undefined));
  const setMode = (next: MiddleMode) =>
    page.driver.evaluate((mode) => {
      (window as unknown as { attacker: { middle: Middle } }).attacker.middle.mode = mode;
    }, next);
  const seen = () =>
    page.driver.evaluate(
      () => (window as unknown as { attacker: { middle: Middle } }).attacker.middle.seen,
      undefined,
    );
  return { setMode, seen };
}

/** Nothing but handshake frames: at most a tag, and nothing of the file, in bytes or in words. */
function expectNothingLeaked(seen: readonly Seen[]): void {
  for (const { kind, bytes, content } of seen) {
    expect(kind).toBe('binary');
    expect(bytes).toBeLessThanOrEqual(65);
    expect(Number.parseInt(content.slice(0, 2), 16)).toBeGreaterThanOrEqual(1);
    expect(Number.parseInt(content.slice(0, 2), 16)).toBeLessThanOrEqual(7);
  }
  const all = seen.map(({ content }) => content).join();
  expect(all).not.toContain(Buffer.from(FILE_NAME).toString('hex'));
  expect(all).not.toContain('manifest');
}

describe.each<BrowserName>(['chromium', 'firefox'])('a broker that lies, in %s', (browser) => {
  afterEach(async () => {
    lab.site.broker.plan = honest;
    lab.site.broker.heard.length = 0;
    const problems = lab.takeProblems();
    await lab.clear();
    expect(problems).toEqual([]);
  });

  test('a swapped or an added fingerprint, and swapped ids, end as not verified', async () => {
    const { ada, link } = await sharing(browser);
    const plans: readonly (readonly [string, Plan])[] = [
      ['answer swapped', withSdp('ANSWER', swapFingerprint)],
      ['offer swapped', withSdp('OFFER', swapFingerprint)],
      ['answer added to', withSdp('ANSWER', appendFingerprint)],
      ['offer added to', withSdp('OFFER', appendFingerprint)],
      ['ids swapped', swappedIds()],
    ];
    for (const [what, plan] of plans) {
      lab.site.broker.plan = plan;
      const ben = await lab.person(`ben (${what})`, browser);
      await ben.joinByLink(link);
      await ben.waitForFault('not-verified', 20_000);
      expect(await ben.transfers(), what).toEqual([]);
    }
    expect(await ada.peers()).toEqual([]);
    lab.site.broker.plan = honest;
    const ben = await lab.person('ben', browser);
    await ben.joinByLink(link);
    await ben.waitForPhase('receive', 'proposed');
  });

  test('a man in the middle sees a handshake fail, and nothing of the files', async () => {
    const { ada, link } = await sharing(browser);
    const middle = await middlePage('relay');
    lab.site.broker.plan = throughTheMiddle;
    for (const mode of ['relay', 'reflect', 'replay', 'repeat'] as const) {
      await middle.setMode(mode);
      const ben = await lab.person(`ben (${mode})`, browser);
      await ben.joinByLink(link);
      await ben.waitForFault('not-verified', 20_000);
      expect(await ben.transfers(), mode).toEqual([]);
    }
    const seen = await middle.seen();
    expect(seen.filter(({ from }) => from === 'joiner').length).toBeGreaterThan(4);
    expectNothingLeaked(seen);
    expect(await ada.peers()).toEqual([]);
    // A code costs its one guess, and the person sees it.
    await middle.setMode('relay');
    const code = await ada.shareCode();
    const ben = await lab.person('ben (code)', browser);
    await ben.joinByCode(code);
    await ben.waitForFault('not-verified', 20_000);
    await ada.waitForFault('not-verified');
    await ada.shareCode(code);
    expectNothingLeaked(await middle.seen());
  });

  test('a man in the middle who adds the genuine fingerprint to his own gets no further', async () => {
    const { ada, link } = await sharing(browser);
    for (const adds of ['before', 'after'] as const) {
      const middle = await middlePage('relay', adds);
      lab.site.broker.plan = throughTheMiddle;
      const ben = await lab.person(`ben (${adds})`, browser);
      await ben.joinByLink(link);
      await ben.waitForFault('not-verified', 20_000);
      expectNothingLeaked(await middle.seen());
    }
    expect(await ada.peers()).toEqual([]);
  });
});

/** The host hears of the joiner under another name. */
function swappedIds(): Plan {
  const names = new Map<string, string>();
  return (frame) => {
    if (frame.type === 'OFFER') names.set(`x-${frame.src}`, frame.src);
    const { dst = '', src } = frame;
    if (names.has(dst)) return [{ to: names.get(dst)!, frame }];
    return isSdp(frame) || frame.type === 'CANDIDATE'
      ? [{ to: dst, frame: { ...frame, src: `x-${src}` } }]
      : honest(frame);
  };
}
