/**
 * The one place where names from outside are made safe, to be written to a disk (`safeName`, `safePath`) or to
 * be shown on a terminal or in a log (`displayName`).
 * Invariant: what `safeName` gives is one component, not empty, visible, in NFC, and below the byte limit of
 * file systems with room for a suffix; making it safe again changes nothing.
 */
import { maxDiskPathBytes, maxFileNameBytes, maxPathDepth, nameSuffixRoomBytes } from './limits/names.ts';
import { fail, ok, type Result } from './result.ts';

/**
 * Where a name must be able to live: `everywhere` obeys Windows too (no `:` or `?`, no device names, no dot at
 * the end); `posix` leaves alone what any POSIX file system takes as it is.
 */
export type NameRules = 'everywhere' | 'posix';

/** C0, DEL and C1: what moves cursors and starts escape sequences. Line and paragraph separators likewise. */
const control = /[\p{Cc}\u2028\u2029]/gu;
/**
 * What is not seen but changes what is: bidirectional marks and overrides, zero-width and invisible characters,
 * interlinear annotation and tags. The list of libtorrent's `filter_path_character`, and a few more: letters
 * without a shape too.
 */
const invisible =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u115f\u1160\u3164\uffa0\u{e0000}-\u{e007f}]|[\u034f\u17b4\u17b5]/gu;
const unsafe = new RegExp(`${control.source}|${invisible.source}`, 'gu');
const forbiddenOnWindows = /[<>:"|?*]/g;
const device = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³]) *(?:\.|$)/i;
/** Most names, of which nothing is changed unless they are too long or a device's. */
const plain = /^[\w()-](?:[\w .,()-]*[\w()-])?$/;
const unnamed = 'unnamed';
const encoder = new TextEncoder();

/** Makes one component of a path safe to create. Never fails: what has nothing left is `unnamed`. */
export function safeName(name: string, rules: NameRules = 'everywhere', maxBytes = maxFileNameBytes): string {
  const mostBytes = maxBytes - nameSuffixRoomBytes;
  if (name.length <= mostBytes && plain.test(name) && !device.test(name)) return name;
  let safe = name
    .slice(0, maxDiskPathBytes)
    .toWellFormed()
    .replace(invisible, '')
    .replace(control, '_')
    .replace(/[/\\]/g, '_')
    .normalize('NFC')
    // Hidden files are never shared, so one that arrives was not asked for.
    .replace(/^\.+/, '_');
  if (rules === 'everywhere') safe = safe.replace(forbiddenOnWindows, '_');
  const fit = (long: string): string => trimEnds(shorten(trimEnds(long, rules), mostBytes), rules);
  safe = fit(safe);
  if (rules === 'everywhere' && device.test(safe)) safe = fit(`_${safe}`);
  return safe === '' ? unnamed : safe;
}

/** Makes the components of a relative path safe; `bad-name` for one that climbs, is too deep or too long. */
export function safePath(
  components: readonly string[],
  rules: NameRules = 'everywhere',
): Result<readonly string[]> {
  const named = components.filter((name) => name !== '' && name !== '.');
  if (named.includes('..')) return fail('bad-name', 'A path may not climb out of its folder');
  if (named.length > maxPathDepth) return fail('bad-name', `A path has more than ${maxPathDepth} folders`);
  const safe = named.map((name) => safeName(name, rules));
  if (byteLength(safe.join('/')) > maxDiskPathBytes)
    return fail('bad-name', `A path is longer than ${maxDiskPathBytes} bytes`);
  return ok(safe);
}

/** What makes one picture of several. */
const joiner = '\u200d';
const pictureBefore = /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})*$/u;
const pictureAfter = /^\p{Extended_Pictographic}/u;
/** A picture, what colours it and what says that it is one, in units of UTF-16. */
const pictureUnits = 6;

/** Whether what stands there joins two emoji, as in families and professions. Elsewhere the joiner is invisible. */
export const joinsPictures = (text: string, at: number): boolean =>
  text[at] === joiner &&
  pictureBefore.test(text.slice(Math.max(0, at - pictureUnits), at)) &&
  pictureAfter.test(text.slice(at + 1, at + 3));

/**
 * For a terminal or a log: everything that could move, hide or turn text becomes a visible U+FFFD. Emoji that are
 * joined are shown side by side: half of all terminals draw them so, each with its own width, and the others as one,
 * so that nothing else would be as wide on all.
 */
export const displayName = (name: string): string =>
  replaceUnsafe(name, (_character, at, whole) => (joinsPictures(whole, at) ? '' : '\ufffd'));

/** The same with another replacement, made from the character, its place and the whole text. */
export function replaceUnsafe(
  name: string,
  mark: (character: string, at: number, whole: string) => string,
): string {
  return name.toWellFormed().replace(unsafe, mark);
}

/** Two names with the same key may be one file where case or normal form do not count. */
export function collisionKey(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** Whether any character could move, hide or turn text. */
export const hasControl = (name: string): boolean => name.search(control) !== -1;

export const byteLength = (text: string): number => encoder.encode(text).length;

function trimEnds(name: string, rules: NameRules): string {
  const trimmed = rules === 'everywhere' ? name.replace(/[. ]+$/, '') : name;
  return trimmed.trim() === '' ? '' : trimmed;
}

/** Cuts the stem so that the whole fits, and keeps an extension of ordinary length. */
function shorten(name: string, maxBytes: number): string {
  if (byteLength(name) <= maxBytes) return name;
  const extension = /.(?<extension>\.[^. ]{1,16})$/u.exec(name)?.groups?.['extension'] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  return cutToBytes(stem, maxBytes - byteLength(extension)) + extension;
}

function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}
