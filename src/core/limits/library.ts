/** Library: what is shared, and how it is watched. */

/** Files known in all shares together; what is beyond is skipped with `limit`. About half a kilobyte each. */
export const maxLibraryFiles = 500_000;

/** What one scan job looks at, at most: folders, or single names. Enough that jobs cost little beside it. */
export const scanFoldersAtOnce = 16;
export const scanNamesAtOnce = 1_000;

/** A scan job that has found so many files leaves the rest of its targets to the next, so that both hold little. */
export const scanFilesAtOnce = 2_000;

/** After a scan was lost with its thread, everything is looked at again this much later. */
export const scanRetryMs = 1_000;

/** The thread that scans ends when there was nothing to look at for this long: before a new share is told of. */
export const scanThreadIdleMs = 1_000;

/** Folders watched at most. The system's own limit is shared with everything else that the user runs. */
export const maxWatchedFolders = 32_768;

/** Changed names remembered in one folder between two looks; beyond that the whole folder is looked at. */
export const maxDirtyNames = 4_096;

/** How long changes are collected before they are looked at. */
export const watchDebounceMs = 300;

/** A file is hashed when it has been quiet for this long: longer than the steps of any file system's clock. */
export const fileSettleMs = 700;

/** How long a start waits for hashes before it shares what it has: a small new share is announced whole. */
export const firstHashesMs = 2_500;

/** Everything is looked at again this often, give or take a tenth, for what the watches missed. */
export const rescanIntervalMs = 600_000;

/** The same while the system's limit on watches leaves some folder unwatched. */
export const unwatchedRescanIntervalMs = 60_000;

/** A shared folder that is not there is looked for this often: a disk may be plugged in at any time. */
export const missingShareProbeMs = 2_000;

/** A hash job takes one file, or small ones up to so many bytes and files: jobs cost more than small files. */
export const hashBatchBytes = 8 * 1024 * 1024;
export const hashBatchFiles = 64;

/** Tries of one version of a file before it waits for the next full scan, and the first wait between them. */
export const maxHashAttempts = 5;
export const hashBackoffMs = 1_000;

/** Changes of the share are told this long after the first of them, and so many to a message. */
export const shareFlushMs = 200;
export const shareBatchFiles = 1_000;

/** How long the list of what is shared waits on the disk to be compared again when it could not be written. */
export const indexRetryMs = 60_000;

/** How soon what an observer had no room for is offered again, and how often, before it is given up. */
export const noticeRetryMs = 10;
export const maxNoticeRetries = 500;

/** Reasons for skipping that are remembered, so that each is told once. */
export const maxSkippedNotes = 10_000;

/** Paths of one content that are tried when it is asked for; those found changed are looked at again. */
export const maxOpenAttempts = 16;

/** Contents of which it is remembered that they were found changed while they were served. */
export const maxUnsureContents = 1_000;

/** So long after the first scan all trackers have usually been told of it, and memory that it took is given back. */
export const startOverMs = 10_000;

/** Shared folders, those added while it runs included. */
export const maxShares = 256;
/** At most two views of the shared folders a second go to the engine's clients. */
export const shareViewMs = 500;
/** Contents of which it is known how much of them was sent; those sent last are kept. About 200 bytes each. */
export const maxSentContents = 100_000;
