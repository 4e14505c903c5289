/**
 * What people call the types of files. Pure. Invariant: what is suggested is a type, and never the word that was given.
 */
import type { FileType } from '../catalogue.ts';
import { fileTypes, typeOfExtension } from './file-type.ts';
import { nearest } from './suggestion.ts';

const wordsByType: Readonly<Record<FileType, string>> = {
  audio: 'album albums audiobook music podcast podcasts radio song songs sound sounds track tracks',
  video: 'clip clips episode film films movie movies series show shows tv vid vids videos',
  image: 'drawing graphic graphics images img photo photograph photos pic pics picture pictures',
  document:
    'book books comic comics doc docs documents ebook ebooks magazine paper subtitle subtitles text texts',
  archive: 'archives backup compressed packed',
  software: 'application applications apps binary game games installer program programs',
  other: 'any misc others unknown',
};

const typeByWord = new Map<string, FileType>(
  fileTypes.flatMap((type) => wordsByType[type].split(' ').map((word): [string, FileType] => [word, type])),
);

/** The type that a folded word stands for: another name of it, an extension, or one of these mistyped. */
export function typeMeantBy(word: string): FileType | undefined {
  const named = typeByWord.get(word);
  if (named !== undefined) return named;
  const byExtension = typeOfExtension(word.replace(/^\./, ''));
  if (byExtension !== 'other') return byExtension;
  const [meant] = nearest({ word, isOpen: false }, [...fileTypes, ...typeByWord.keys()], 1);
  return meant === undefined
    ? undefined
    : (fileTypes.find((type) => type === meant) ?? typeByWord.get(meant));
}
