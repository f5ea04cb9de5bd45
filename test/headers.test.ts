import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalServer, startServer } from './server/server.ts';

let dist: string;
let server: LocalServer;

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'sluice-headers-'));
  for (const file of ['index.html', 'sw.js', 'icon.svg', 'assets/index-1.js']) {
    await mkdir(dirname(join(dist, file)), { recursive: true });
    await writeFile(join(dist, file), 'x');
  }
  server = await startServer({ port: 0, host: 'localhost', dist });
});

afterAll(async () => {
  await server.close();
  await rm(dist, { recursive: true });
});

interface Rule {
  readonly for: string;
  readonly values: Readonly<Record<string, string>>;
}

/** The rules as they are written, read without the server's help. */
async function rules(): Promise<readonly Rule[]> {
  const toml = parse(await readFile('netlify.toml', 'utf8'));
  // The file is ours; a test that reads nothing fails below.
  return toml['headers'] as unknown as readonly Rule[];
}

const matches = (pattern: string, path: string) =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(path);

describe('the headers', () => {
  test.each([
    '/',
    '/any/route',
    '/assets/index-1.js',
    '/assets/gone.js',
    '/sw.js',
    '/config.json',
    '/icon.svg',
  ])('of %s are those of netlify.toml', async (path) => {
    const wanted = (await rules()).filter((rule) => matches(rule.for, path));
    expect(wanted.length).toBeGreaterThan(0);
    const { headers } = await fetch(server.url + path);
    for (const [name, value] of wanted.flatMap((rule) => Object.entries(rule.values)))
      expect([name, headers.get(name)]).toEqual([name, value]);
  });

  test('have one place: no second file says them, and no header has two rules for one path', async () => {
    for (const file of ['public/_headers', 'public/_redirects', 'dist/_headers'])
      expect([file, existsSync(file)]).toEqual([file, false]);
    const names = (await rules()).flatMap((rule) =>
      Object.keys(rule.values).map((name) => [rule.for, name]),
    );
    const everywhere = names.filter(([pattern]) => pattern === '/*').map(([, name]) => name);
    const elsewhere = names.filter(([pattern]) => pattern !== '/*').map(([, name]) => name);
    expect(elsewhere.filter((name) => everywhere.includes(name))).toEqual([]);
  });

  test('let nothing run that is not ours, and nobody frame, embed or watch the page', async () => {
    const { headers } = await fetch(server.url);
    const policy = new Map(
      headers
        .get('content-security-policy')!
        .split(';')
        .map((directive) => directive.trim().split(' '))
        .map(([name, ...values]) => [name, values.join(' ')]),
    );
    expect(policy.get('default-src')).toBe("'none'");
    expect(policy.get('script-src')).toBe("'self'");
    expect(policy.get('require-trusted-types-for')).toBe("'script'");
    expect(policy.get('trusted-types')).toBe('sluice#script-url');
    for (const nothing of ['object-src', 'frame-src', 'base-uri', 'form-action', 'frame-ancestors'])
      expect([nothing, policy.get(nothing)]).toEqual([nothing, "'none'"]);
    expect([...policy.values()].join(' ')).not.toMatch(/unsafe|data:|\*|http:/);
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});
