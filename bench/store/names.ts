/**
 * Names as people share them, by the numbers published of a large eD2k server: some 600 files a user, 7 words a
 * name, about as many distinct words as files, a few of them everywhere. Invariant: the same seed, the same names.
 */
import { createHash } from 'node:crypto';
import type { SharedFile } from '../../src/core/catalogue.ts';
import { contentId } from '../../src/core/ids.ts';

export const filesPerPeer = 614;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Names {
  readonly #random: () => number;
  readonly #words: readonly string[];

  constructor(seed: number, distinctWords: number) {
    this.#random = randomOf(seed);
    this.#words = Array.from({ length: distinctWords }, (_, rank) => wordOf(rank));
  }

  /** The files of one share, in a few albums, seasons and folders. */
  share(count: number): SharedFile[] {
    const files: SharedFile[] = [];
    while (files.length < count) files.push(...this.#folder().slice(0, count - files.length));
    return files;
  }

  /** A word, the first ones of the list far more often than the last (Zipf). */
  word(): string {
    const rank = Math.floor(this.#words.length ** this.#random()) - 1;
    return this.#words[Math.max(0, rank)] ?? '';
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #title(words: number): string {
    return Array.from({ length: words }, () => this.word()).join(' ');
  }

  #folder(): SharedFile[] {
    const files = 5 + this.#pick(20);
    const kinds = [
      () => this.#album(files),
      () => this.#season(files),
      () => this.#photos(files),
      () => this.#papers(files),
    ];
    return kinds[this.#pick(kinds.length)]?.() ?? [];
  }

  #album(files: number): SharedFile[] {
    const artist = this.#title(2);
    const folder = `/Music/${artist}/${1960 + this.#pick(65)} - ${this.#title(2)}`;
    return this.#files(files, (at) => [`${folder}/${two(at + 1)} - ${this.#title(3)}.mp3`, 8e6]);
  }

  #season(files: number): SharedFile[] {
    const show = this.#title(2).replaceAll(' ', '.');
    const season = two(1 + this.#pick(9));
    return this.#files(files, (at) => {
      const title = this.#title(2).replaceAll(' ', '.');
      return [`/Series/${show}/${show}.S${season}E${two(at + 1)}.${title}.720p.x264-${this.word()}.mkv`, 4e8];
    });
  }

  #photos(files: number): SharedFile[] {
    const day = 20_000_000 + this.#pick(250_000);
    return this.#files(files, (at) => [
      `/Photos/${this.#title(2)}/IMG_${day}_${this.#pick(240_000)}${at}.jpg`,
      3e6,
    ]);
  }

  #papers(files: number): SharedFile[] {
    const folder = `/Books/${this.#title(2)}`;
    return this.#files(files, () => [`${folder}/${this.#title(5)} (${1900 + this.#pick(125)}).pdf`, 2e6]);
  }

  #files(count: number, make: (at: number) => readonly [path: string, meanBytes: number]): SharedFile[] {
    return Array.from({ length: count }, (_, at) => {
      const [path, meanBytes] = make(at);
      const sizeBytes = Math.floor(meanBytes * (0.2 + 2 * this.#random() ** 2));
      return { id: contentId(createHash('sha256').update(`${path}${sizeBytes}`).digest()), path, sizeBytes };
    });
  }
}

const two = (number: number): string => String(number).padStart(2, '0');

const syllables =
  'ba be bi bo bu da de di do fa fe ga go ha he hi ka ke ko la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se so ta te ti to va ve vo za zu'.split(
    ' ',
  );

/** A made-up word; those used most are short, as in any language. */
function wordOf(rank: number): string {
  let word = '';
  for (let rest = rank + 7; rest > 0; rest = Math.floor(rest / syllables.length))
    word += syllables[rest % syllables.length];
  return word.charAt(0).toUpperCase() + word.slice(1);
}
