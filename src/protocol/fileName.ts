/**
 * File names as they may be shown and saved under. A sender's names are a stranger's: they may try to
 * leave the folder, pose as another type, or be refused by a file system. Rules N1 to N8 of SPEC.md.
 */

/** Most UTF-8 bytes of one segment. Leaves room for ` (2)` and `.crdownload` below the usual 255. SPEC N5. */
export const MAX_SEGMENT_BYTES = 200;

/** Longest extension that is kept when a name is cut, in UTF-8 bytes with its dot. SPEC N5. */
const MAX_EXTENSION_BYTES = 32;

/** Room for the longest ` (n)`: a manifest has at most 10 000 files. SPEC N6. */
const MAX_NUMBER_BYTES = 10;

/** Most UTF-16 units of a segment that are looked at at all. SPEC N5. */
const MAX_SEGMENT_CHARS = 1024;

/** What stands in for a name of which nothing is left. */
const NAMELESS = 'file';

/**
 * Characters that are not seen, or that change how their neighbours are seen: controls, direction
 * marks, zero-width spaces, line and paragraph separators, byte order marks, tags, noncharacters and
 * lone surrogates. The two joiners stay: emoji and several scripts need them. SPEC N1.
 */
const UNSEEN =
  /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Characters that show nothing by themselves, with blanks and dots: a name of these alone is no name. */
const BLANK = /^[\p{Default_Ignorable_Code_Point}\s.]*$/u;

/** Characters some file system takes for a separator, a wildcard or a stream. SPEC N2. */
const RESERVED = /[<>:"/\\|?*]/g;

/** Names of devices on Windows, with or without an extension. SPEC N4. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(?:\.|$)/i;

/** Extensions that run code, or open something by themselves, on some system. SPEC N8. */
const RISKY = new Set(
  (
    'apk app appimage appref-ms appx application bash bat cab chm class cmd com command cpl csh deb ' +
    'desktop diagcab dll dmg dotm docm elf exe fish gadget hta htm html img inf ins iso jar job js jse ' +
    'ksh library-ms lnk mht mhtml msc msh msi msix msp mst osx pif pkg potm ppam ppsm pptm prg ps1 ps1xml ' +
    'ps2 psc1 psd1 psm1 py pyc pyw reg rgs rpm run scf scr sct search-ms settingcontent-ms sh shb shs shtml ' +
    'sldm svg svgz swf sys terminal tool u3p url vb vbe vbs vbscript vhd vhdx webloc website workflow ws wsc ' +
    'wsf wsh xbap xht xhtml xlam xll xlsm xltm xml xsl xslt zsh'
  ).split(' '),
);

/**
 * One path segment, safe to show and to save under on every system. Never empty, never `.` or `..`,
 * no separator in it, at most {@link MAX_SEGMENT_BYTES} bytes, extension kept. Applying it twice
 * changes nothing.
 */
export function safeSegment(raw: string): string {
  const clean = trimEnds(bounded(raw).replace(UNSEEN, '').normalize('NFC').replace(RESERVED, '_'));
  if (BLANK.test(clean)) return NAMELESS;
  const name = shorten(clean.startsWith('.') ? `_${clean}` : clean, MAX_SEGMENT_BYTES);
  return DEVICE.test(name) ? shorten(`_${name}`, MAX_SEGMENT_BYTES) : name;
}

/**
 * The paths of a whole manifest, each segment safe, and each file at a place of its own: where two
 * files, or a file and a folder, would meet on a file system that ignores case, the later file gets
 * ` (2)` before its extension. Folders of the same name become one. SPEC N6, N7. Takes linear time.
 * @param isFolder whether the path at an index is a listed folder, not a file
 */
export function safePaths(
  paths: readonly (readonly string[])[],
  isFolder: (index: number) => boolean = () => false,
): readonly (readonly string[])[] {
  const root = newFolder();
  const safe = paths.map((path) => (path.length > 0 ? path : ['']).map(safeSegment));
  // All folders first: a file gives way to a folder wherever it stands in the manifest.
  const places = safe.map((path, i) => openFolder(root, isFolder(i) ? path : path.slice(0, -1)));
  return places.map(({ folder, path }, i) =>
    isFolder(i) ? path : [...path, claimName(folder, safe[i]?.at(-1) ?? NAMELESS)],
  );
}

/** Whether opening a file of this name may run code, or open something else, on some system. SPEC N8. */
export function isRiskyName(name: string): boolean {
  const [, extension] = splitExtension(safeSegment(name));
  return RISKY.has(extension.slice(1).toLowerCase());
}

/** The name without its extension, and the extension with its dot (empty when there is none). */
export function splitExtension(name: string): readonly [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
}

/** What one folder holds, by folded name. */
interface Folder {
  readonly folders: Map<string, { readonly name: string; readonly folder: Folder }>;
  readonly files: Set<string>;
  /** The last number given to a name that was taken, so that the next one need not search. */
  readonly lastNumber: Map<string, number>;
}

const newFolder = (): Folder => ({ folders: new Map(), files: new Set(), lastNumber: new Map() });

/** The folder at `path` as first spelled, made where it is missing. */
function openFolder(root: Folder, path: readonly string[]) {
  const spelled: string[] = [];
  let folder = root;
  for (const name of path) {
    const key = foldName(name);
    const entry = folder.folders.get(key) ?? { name, folder: newFolder() };
    folder.folders.set(key, entry);
    spelled.push(entry.name);
    folder = entry.folder;
  }
  return { folder, path: spelled };
}

/** `name`, or the first ` (n)` of it that is free, now taken. */
function claimName(folder: Folder, name: string): string {
  const isFree = (key: string) => !folder.files.has(key) && !folder.folders.has(key);
  let claimed = name;
  let key = foldName(claimed);
  if (!isFree(key)) {
    // Cut first and count afterwards: long names that differ only where they are cut share one count.
    const [stem, extension] = splitExtension(shorten(name, MAX_SEGMENT_BYTES - MAX_NUMBER_BYTES));
    const base = foldName(stem + extension);
    let number = folder.lastNumber.get(base) ?? 1;
    do {
      number += 1;
      claimed = `${stem} (${number})${extension}`;
      key = foldName(claimed);
    } while (!isFree(key));
    folder.lastNumber.set(base, number);
  }
  folder.files.add(key);
  return claimed;
}

/** One key for all names that some file system takes for the same. Lower case first, so that `ẞ` meets `ss`. */
const foldName = (name: string) => name.toLowerCase().toUpperCase().normalize('NFC');

/** A name too long to be looked at in full keeps its front and its extension. */
function bounded(raw: string): string {
  if (raw.length <= MAX_SEGMENT_CHARS) return raw;
  return raw.slice(0, MAX_SEGMENT_CHARS - MAX_EXTENSION_BYTES) + raw.slice(-MAX_EXTENSION_BYTES);
}

/** Without blanks in front, and without blanks and dots behind: Windows drops those, so two names would be one. */
function trimEnds(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s.]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end).trimStart();
}

/** The name in at most `maxBytes`: its stem gives way, or its end when the extension is endless. */
function shorten(name: string, maxBytes: number): string {
  if (utf8Length(name) <= maxBytes) return name;
  const [stem, extension] = splitExtension(name);
  const extensionBytes = utf8Length(extension);
  if (extensionBytes > MAX_EXTENSION_BYTES) return trimEnds(cut(name, maxBytes));
  return trimEnds(cut(stem, maxBytes - extensionBytes)) + extension;
}

/** As many whole characters from the front as fit into `maxBytes`. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const char of text) {
    bytes += utf8Length(char);
    if (bytes > maxBytes) break;
    end += char.length;
  }
  return text.slice(0, end);
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}
