/** Names and paths. */

/** Bytes of one name on the file systems in common use. */
export const maxFileNameBytes = 255;

/** Bytes of a safe name left free for what we add to it: ` (9999)`, `.part` and the like. */
export const nameSuffixRoomBytes = 24;

/** Bytes of a whole relative path that a download may make on a disk: Linux's PATH_MAX. */
export const maxDiskPathBytes = 4096;

/** Folders one within the other in one path. */
export const maxPathDepth = 64;
