import { registerRoute } from 'workbox-routing';
import { MAX_FILES, MAX_TEXT_BYTES } from '../src/protocol/limits.ts';
import { type InboxEntry, openInboxEntry } from '../src/storage/inbox.ts';
import { boundaryOf, MultipartError, type Part, readMultipart } from './multipart.ts';

/** Where the manifest's `share_target` posts to. */
const SHARE_PATH = '/share-target';

/** Fields of the manifest's `share_target`, in the order they make one text. */
const TEXT_FIELDS: readonly string[] = ['title', 'text', 'url'];

/**
 * What other apps share is streamed to disk and named in the address of the page, which offers it. Without this worker
 * nobody would answer the POST: a static site cannot.
 */
export function takeShares(): void {
  registerRoute(
    ({ url, sameOrigin }) => sameOrigin && url.pathname === SHARE_PATH,
    async ({ request }) => Response.redirect(`/#/shared/${await kept(request)}`, 303),
    'POST',
  );
}

/** @returns id of the entry; `none` when it could not be kept, which the page then says */
async function kept(request: Request): Promise<string> {
  let entry: InboxEntry | undefined;
  try {
    entry = await openInboxEntry();
    await entry.finish(await fill(entry, request));
    return entry.id;
  } catch {
    // Full disk, broken body, no OPFS: the person learns that it did not arrive, and shares again.
    await entry?.discard();
    return 'none';
  }
}

/** Writes the files. @returns the text */
async function fill(entry: InboxEntry, request: Request): Promise<string> {
  const boundary = boundaryOf(request.headers.get('content-type') ?? '');
  const { body } = request;
  if (boundary === undefined || body === null) throw new MultipartError('not a form with files');
  const texts = new Map<string, string>();
  let fileCount = 0;
  for await (const part of readMultipart(body, boundary)) {
    if (part.fileName === undefined) texts.set(part.name, await textOf(part));
    else if (isEmptyInput(part)) await part.body.pipeTo(new WritableStream());
    else {
      fileCount += 1;
      if (fileCount > MAX_FILES) throw new MultipartError('too many files');
      await entry.addFile(part.fileName, part.type, part.body);
    }
  }
  const lines = TEXT_FIELDS.map((field) => texts.get(field)?.trim() ?? '');
  // Some apps put the address into the text as well.
  const fresh = lines.filter((line, index) => line !== '' && !lines[index - 1]?.includes(line));
  return fresh.join('\n').slice(0, MAX_TEXT_BYTES);
}

/** A file input nobody filled is sent as a file without a name. */
const isEmptyInput = ({ fileName }: Part) => fileName === '';

async function textOf({ body }: Part): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MAX_TEXT_BYTES) throw new MultipartError('the text is too long');
  }
  return text;
}
