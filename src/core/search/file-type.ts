/**
 * What a file is, by its extension alone: nothing is opened. Invariant: an extension belongs to one type, and
 * what is in no list is `other`: so is `.ts`, which is a program's text more often than a recording.
 */
import type { FileType, VirtualPath } from '../catalogue.ts';

const extensionsByType: Readonly<Record<Exclude<FileType, 'other'>, string>> = {
  audio: 'aac ac3 aif aiff alac ape dsf dts flac m4a m4b mid midi mka mp2 mp3 mpc oga ogg opus ra wav wma wv',
  video: '3gp asf avi divx flv m2ts m4v mkv mov mp4 mpeg mpg ogm ogv rm rmvb vob webm wmv',
  image: 'avif bmp cr2 dng gif heic heif ico jpeg jpg jxl nef png psd raw svg tga tif tiff webp xcf',
  document:
    'azw azw3 cbr cbz chm csv djvu doc docx epub fb2 htm html json log md mobi nfo odp ods odt pdf ppt pptx ps ' +
    'rst rtf srt sub tex tsv txt xls xlsx xml yaml yml',
  archive: '7z ace arj br bz2 cab gz lz lz4 lzma rar tar tbz2 tgz txz xz z zip zst',
  software:
    'apk app appimage bin deb dll dmg exe flatpak img ipa iso jar msi pkg rpm run sh snap so vhd vmdk',
};

const typeByExtension = new Map<string, FileType>(
  Object.entries(extensionsByType).flatMap(([type, extensions]) =>
    extensions.split(' ').map((extension): [string, FileType] => [extension, type as FileType]),
  ),
);

export const fileTypes: readonly FileType[] = [
  'audio',
  'video',
  'image',
  'document',
  'archive',
  'software',
  'other',
];

/** Longer endings are parts of a name ("Mr. Robinson"), not extensions. */
const maxExtensionLength = 10;
const plain = /^[a-z0-9]+$/;
const letters = /^[\p{L}\p{N}]+$/u;

/** What comes after the last slash. */
export function baseName(path: VirtualPath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The extension of a path in lower case without its dot, '' when it has none; `.profile` has none. */
export function extensionOf(path: VirtualPath): string {
  const dot = path.lastIndexOf('.');
  if (dot <= path.lastIndexOf('/') + 1) return '';
  const extension = path.slice(dot + 1).toLowerCase();
  if (extension.length > maxExtensionLength) return '';
  return plain.test(extension) || letters.test(extension) ? extension : '';
}

export function fileTypeOf(path: VirtualPath): FileType {
  return typeOfExtension(extensionOf(path));
}

/** The same, by what `extensionOf` gave. */
export function typeOfExtension(extension: string): FileType {
  return typeByExtension.get(extension) ?? 'other';
}
