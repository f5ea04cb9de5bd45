import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { parse } from 'smol-toml';
import * as v from 'valibot';

const NETLIFY_TOML = resolve('netlify.toml');

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** The part of netlify.toml that decides how a file is answered. */
const NetlifyToml = v.object({
  headers: v.array(v.object({ for: v.string(), values: v.record(v.string(), v.string()) })),
  redirects: v.array(v.object({ from: v.string(), to: v.string(), status: v.number() })),
});

type NetlifyRules = v.InferOutput<typeof NetlifyToml>;

/** `/assets/*` covers everything below `/assets/`; a pattern without a star covers itself. */
const covers = (pattern: string, path: string) =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;

/** Answers one request. Rejects when the answer broke off. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Path of a request without its query; `/` for one that is not a URL at all. */
export function pathOf(request: IncomingMessage): string {
  try {
    return decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname);
  } catch {
    // A malformed escape: no such file, so it ends as any unknown page does.
    return '/';
  }
}

/**
 * A built site as Netlify serves it: its files, the headers and the redirects of netlify.toml.
 *
 * @param overrides bodies served instead of the file of that path
 */
export async function siteHandler(
  root: string,
  overrides: ReadonlyMap<string, string>,
): Promise<Handler> {
  const rules = v.parse(NetlifyToml, parse(await readFile(NETLIFY_TOML, 'utf8')));
  return (request, response) => serve(resolve(root), rules, overrides, request, response);
}

async function serve(
  root: string,
  rules: NetlifyRules,
  overrides: ReadonlyMap<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request);
  setHeaders(rules, path, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const override = overrides.get(path);
  if (override !== undefined) {
    response.setHeader('content-type', typeOf(path));
    response.end(override);
    return;
  }
  const redirect = rules.redirects.find((rule) => covers(rule.from, path));
  const found =
    (await fileAt(root, path.endsWith('/') ? `${path}index.html` : path)) ??
    (redirect && (await fileAt(root, redirect.to, redirect.status)));
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', typeOf(found.file));
  if (request.method !== 'HEAD' && isCompressed(request, found.file)) {
    response.writeHead(found.status, { 'content-encoding': 'gzip', vary: 'accept-encoding' });
    await pipeline(createReadStream(found.file), createGzip(), response);
    return;
  }
  response.writeHead(found.status, { 'content-length': found.sizeBytes });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(found.file), response);
}

/** Netlify compresses text; pictures and fonts are compressed already. */
const isCompressed = (request: IncomingMessage, file: string) =>
  String(request.headers['accept-encoding']).includes('gzip') &&
  /^(text|application\/(json|manifest))|svg/.test(typeOf(file));

function setHeaders(rules: NetlifyRules, path: string, response: ServerResponse): void {
  for (const rule of rules.headers) {
    if (!covers(rule.for, path)) continue;
    for (const [name, value] of Object.entries(rule.values)) response.setHeader(name, value);
  }
}

/** The file a path names, if it is one and lies inside `root`. */
async function fileAt(root: string, path: string, status = 200) {
  const file = join(root, path);
  if (!file.startsWith(root + sep)) return undefined;
  // Whatever cannot be looked at (missing, a zero byte in its name) is not there.
  const stats = await stat(file).catch(() => undefined);
  return stats?.isFile() ? { file, sizeBytes: stats.size, status } : undefined;
}

const typeOf = (path: string) => MIME_TYPES[extname(path)] ?? 'application/octet-stream';
