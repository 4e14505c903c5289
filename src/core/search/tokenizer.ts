/**
 * Cuts names into the words they are found by: one function for the indexer, the query compiler and the check of
 * each result, so that the three can never disagree. Invariant: pure, and every token is 1 to 32 UTF-16 units of
 * lower-case letters and digits (or one ideograph or a pair of them).
 *
 * Three layers: a *run* is a stretch of letters and digits of one script family; its *atoms* are what camelCase
 * and letter-digit borders cut it into; *tokens* are what is indexed: run, atoms and a few short joined forms.
 */

import { endOfAtom, isBetween } from './ascii-atoms.ts';
import { fileTypeOf } from './file-type.ts';
import { ascii, lower, withoutAccents } from './letter-folds.ts';

/** Tokens kept of one name, and of all folders above it together; more say nothing new about a file. */
export const maxTokensPerName = 40;
/** Longer words are cut, in names and queries alike. */
export const maxTokenUnits = 32;
/** Hexadecimal runs from this length are checksums: one token of this many units, no atoms. */
const hexUnits = 16;
/** `wu-tang` and `d.m.x` are also found as `wutang` and `dmx` when no part is longer than this. */
const joinedPartUnits = 4;
/** Parts of the longest joined form. */
const maxJoinedParts = 6;

/** What is between two parts that are one word to many people; `.` and `_` bind single letters only. */
const bindsShortParts = new Set(['-', "'", '’', '&']);
const bindsLetters = new Set(['.', '_']);
/** What may stand within one word of any length: `Spider-Man`, `O'Connor`, `WALL·E`. */
const bindsLongParts = new Set(['-', "'", '’', '·']);
const onlyLetters = /^[\p{L}\p{M}]+$/u;

export type Script = 'word' | 'han' | 'hangul';

export interface Run {
  readonly script: Script;
  /** In lower case without accents, never empty. */
  readonly text: string;
  /** In order; joined they are `text`. */
  readonly atoms: readonly string[];
  /** What stands between the run before and this one: '' at a border of scripts. */
  readonly gap: string;
}

const anyRuns =
  /(?<han>[[[\p{L}\p{N}]&&[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]]\u3099\u309a\u30fc]+)|(?<hangul>[[\p{L}\p{N}]&&\p{sc=Hangul}]+)|[[\p{L}\p{N}\p{M}]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u30fc]]+/gv;
const anyAtoms = /\p{N}+|\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\p{N}\p{Lu}]+/gu;
const digits = /^\p{N}+$/u;
const hex = /^(?=.*[0-9])[0-9a-f]+$/i;

/** Lower case without accents: what two spellings of one word have in common. Keeps separators. */
export function fold(text: string): string {
  return lower(withoutAccents(text));
}

/** The runs of a name or query, in order. */
export function runsOf(text: string): readonly Run[] {
  return ascii.test(text) ? runsOfAscii(text) : runsOfUnicode(withoutAccents(text));
}

/** The distinct tokens one run is found by, itself first. */
export function tokensOfRun(run: Run): readonly string[] {
  switch (run.script) {
    case 'han':
      return run.atoms.flatMap((letter, at) => [letter, ...pairAt(run.atoms, at)]);
    case 'hangul':
      return [cut(run.text), ...run.atoms.flatMap((_, at) => pairAt(run.atoms, at))];
    case 'word':
      return [cut(run.text), ...(run.atoms.length > 1 ? tokensOfAtoms(run.atoms) : [])];
  }
}

/** What a name says without what is between its runs. */
export interface Atoms {
  readonly text: string;
  /** By place in the text: 1 where an atom begins or ends. */
  readonly borders: Uint8Array;
}

/** Whether a name is of letters, digits and separators of ASCII alone. */
export function isPlain(name: string): boolean {
  return ascii.test(name);
}

/** The atoms of all runs of a name. */
export function atomsOf(name: string): Atoms {
  return ascii.test(name) ? atomsOfAscii(name) : atomsOfRuns(runsOf(name));
}

/** The atoms that are tokens of their own: all but single letters next to digits, as in `720p` or `S01`. */
export function separateAtoms(atoms: readonly string[]): readonly string[] {
  return atoms.filter(
    (atom, at) => atom.length > 1 || isDigits(atom) || !(isDigits(atoms[at - 1]) || isDigits(atoms[at + 1])),
  );
}

/**
 * Where short parts make one word, as `wu-tang` and `D.M.X` do: half-open ranges of at least two runs, bound by
 * the same separator. Two ranges may share a run.
 */
export function boundParts(parts: readonly Run[]): readonly (readonly [from: number, to: number])[] {
  const ranges: (readonly [number, number])[] = [];
  let from = 0;
  let bond: string | undefined;
  for (let at = 1; at <= parts.length; at++) {
    const next = bondBetween(parts[at - 1], parts[at]);
    if (next !== undefined && next === bond) continue;
    if (bond !== undefined && at - from <= maxJoinedParts) ranges.push([from, at]);
    from = at - 1;
    bond = next;
  }
  return ranges;
}

/** The distinct tokens of one name, at most `maxTokensPerName`, the first words first. */
export function tokensOf(name: string): readonly string[] {
  const runs = runsOf(name);
  // `mp3` says what a file is: found by `3`, it would drown every track 3.
  const ending = fileTypeOf(name) === 'other' ? undefined : runs.at(-1);
  const tokens: string[] = [];
  for (const run of runs)
    if (run === ending) note(run.text, tokens, maxTokensPerName);
    else if (run.script === 'word' && run.atoms.length === 1) note(cut(run.text), tokens, maxTokensPerName);
    else for (const token of tokensOfRun(run)) note(token, tokens, maxTokensPerName);
  for (const [from, to] of [...boundParts(runs), ...loosePairs(runs)])
    note(joined(runs.slice(from, to)), tokens, maxTokensPerName);
  return tokens;
}

/**
 * Neighbours that many write as one word and others as two: half-open ranges of two runs each, none of which
 * `boundParts` has. Whoever asks for both finds them, joined or not.
 */
export function loosePairs(parts: readonly Run[]): readonly (readonly [from: number, to: number])[] {
  return parts.flatMap((part, at) => (isLoosePair(parts[at - 1], part) ? [[at - 1, at + 1] as const] : []));
}

/** What a path is found by: the words of its file name, then those of its folders, nearest first. */
export function tokensOfPath(path: string): ReadonlySet<string> {
  return new Set(wordsOfPath(path));
}

/** The same in a list. */
export function wordsOfPath(path: string): readonly string[] {
  const slash = path.lastIndexOf('/');
  const tokens = [...tokensOf(path.slice(slash + 1))];
  const most = tokens.length + maxTokensPerName;
  for (const token of tokensOfFolder(path.slice(0, slash + 1))) note(token, tokens, most);
  return tokens;
}

/** Adds a token that is new while there is room. There are so few that a set costs more than looking through them. */
function note(token: string, tokens: string[], most: number): void {
  if (tokens.length < most && !tokens.includes(token)) tokens.push(token);
}

/** Files come folder by folder, so remembering the last one saves most of the work on their paths. */
let lastFolder = '';
let lastFolderTokens: readonly string[] = [];

function tokensOfFolder(path: string): readonly string[] {
  if (path !== lastFolder) {
    lastFolderTokens = [...new Set(path.split('/').toReversed().flatMap(tokensOf))];
    lastFolder = path;
  }
  return lastFolderTokens;
}

/** The one word that parts make. */
export function joined(parts: readonly Run[]): string {
  return cut(parts.map((run) => run.text).join(''));
}

/** Cuts a word to the length of a token, never through a surrogate pair. */
function cut(text: string): string {
  if (text.length < hexUnits) return text;
  const most = hex.test(text) ? hexUnits : maxTokenUnits;
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}

function runsOfUnicode(plain: string): readonly Run[] {
  const found: Run[] = [];
  let end = 0;
  for (const match of plain.matchAll(anyRuns)) {
    const [raw] = match;
    const script = match.groups?.['han'] ? 'han' : match.groups?.['hangul'] ? 'hangul' : 'word';
    const atoms = script === 'word' ? wordAtoms(raw) : Array.from(raw);
    found.push({ script, text: atoms.join(''), atoms, gap: plain.slice(end, match.index) });
    end = match.index + raw.length;
  }
  return found;
}

/** The same for the names most people give, without regular expressions: indexing spends its time here. */
function runsOfAscii(text: string): readonly Run[] {
  const small = text.toLowerCase();
  const found: Run[] = [];
  let end = 0;
  for (let at = 0; at < text.length;) {
    if (isBetween(text, at)) {
      at += 1;
      continue;
    }
    const from = at;
    const atoms: string[] = [];
    while (!isBetween(text, at)) {
      const next = endOfAtom(text, at);
      atoms.push(small.slice(at, next));
      at = next;
    }
    const run = small.slice(from, at);
    const whole = isHash(run) ? [run] : atoms;
    found.push({ script: 'word', text: run, atoms: whole, gap: text.slice(end, from) });
    end = at;
  }
  return found;
}

function atomsOfAscii(name: string): Atoms {
  const small = name.toLowerCase();
  const borders = new Uint8Array(name.length + 1);
  borders[0] = 1;
  let text = '';
  for (let at = 0; at < name.length;) {
    if (isBetween(name, at)) {
      at += 1;
      continue;
    }
    const from = at;
    while (!isBetween(name, at)) {
      at = endOfAtom(name, at);
      borders[text.length + at - from] = 1;
    }
    const run = small.slice(from, at);
    if (isHash(run)) borders.fill(0, text.length + 1, text.length + run.length);
    text += run;
  }
  return { text, borders };
}

function atomsOfRuns(runs: readonly Run[]): Atoms {
  const text = runs.map((run) => run.text).join('');
  const borders = new Uint8Array(text.length + 1);
  let at = 0;
  borders[0] = 1;
  for (const { atoms } of runs) for (const atom of atoms) borders[(at += atom.length)] = 1;
  return { text, borders };
}

function wordAtoms(raw: string): readonly string[] {
  return isHash(raw) ? [lower(raw)] : (raw.match(anyAtoms) ?? [raw]).map(lower);
}

function tokensOfAtoms(atoms: readonly string[]): readonly string[] {
  const numbered = atoms.flatMap((atom, at) => {
    const next = atoms[at + 1];
    return atom.length === 1 && !isDigits(atom) && isDigits(next) ? [cut(`${atom}${next}`)] : [];
  });
  return [...separateAtoms(atoms).map(cut), ...numbered, ...lettersBetweenDigits(atoms)];
}

/** `iPhone15` is also found by `iphone`: for many people only digits cut it. */
function lettersBetweenDigits(atoms: readonly string[]): readonly string[] {
  if (!atoms.some(isDigits)) return [];
  const words: string[] = [];
  let from = 0;
  for (let at = 0; at <= atoms.length; at++) {
    if (at < atoms.length && !isDigits(atoms[at])) continue;
    if (at - from > 1) words.push(cut(atoms.slice(from, at).join('')));
    from = at + 1;
  }
  return words;
}

function isHash(text: string): boolean {
  return text.length >= hexUnits && hex.test(text);
}

function isDigits(atom: string | undefined): boolean {
  if (atom === undefined) return false;
  // Most atoms are words in plain letters.
  const first = atom.charCodeAt(0);
  return (first < 58 || first > 127) && digits.test(atom);
}

function pairAt(letters: readonly string[], at: number): readonly string[] {
  const next = letters[at + 1];
  return next === undefined ? [] : [`${letters[at]}${next}`];
}

/** The separator that makes one word of two runs, or undefined when they are two words. */
function bondBetween(left: Run | undefined, right: Run | undefined): string | undefined {
  if (left?.script !== 'word' || right?.script !== 'word') return undefined;
  const longest = Math.max(left.text.length, right.text.length);
  const binds =
    (longest <= joinedPartUnits && bindsShortParts.has(right.gap)) ||
    (longest === 1 && bindsLetters.has(right.gap));
  return binds ? right.gap : undefined;
}

/** `H.264` is `H264` to many; a longer word before a point is another word. */
function isLoosePair(left: Run | undefined, right: Run | undefined): boolean {
  if (left?.script !== 'word' || right?.script !== 'word' || bondBetween(left, right) !== undefined)
    return false;
  if (right.gap === '.')
    return left.text.length === 1 && onlyLetters.test(left.text) && isDigits(right.atoms[0]);
  return bindsLongParts.has(right.gap) && onlyLetters.test(left.text) && onlyLetters.test(right.text);
}
