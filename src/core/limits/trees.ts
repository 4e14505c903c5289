/** Trees and small files. */

/** Files up to so much are sent whole, many in one answer: two of the smallest pieces. */
export const maxSmallFileBytes = 512 * 1024;
/** Small files that one request asks for at most … */
export const maxFilesPerRequest = 256;
/** … and about how many bytes: enough that a request costs nothing beside its files. */
export const filesRequestBytes = 1024 * 1024;
/** Bytes of files behind one header: what is sent is read into one buffer and comes into one. */
export const maxFilesDataBytes = 1024 * 1024;
/** Requests for small files under way over one connection: some twenty round trips' worth on a local network. */
export const maxFilesRequests = 16;
/** Bytes of files that wait to be written; beyond, nothing more is read from the connection they came over. */
export const maxStoreBacklogBytes = 8 * 1024 * 1024;
/** How long files are read or written at a stretch before others on the same thread have their turn. */
export const fileSliceMs = 8;
/** Files written before they are flushed together; fewer when no more are to come … */
export const flushGroupFiles = 4_096;
/** … or bytes, of which as many are gathered meanwhile before who sends more waits: the end of the process costs both. */
export const flushGroupBytes = 12 * 1024 * 1024;
/** Files flushed that wait, hidden, for the rest of their folders; beyond, they get their names without it. */
export const maxFolderWaitBytes = 8 * 1024 * 1024;
/** Up to so many files are flushed one by one; more by one call for the whole volume. */
export const maxFilesFlushedSingly = 16;
/** Single flushes under way at once. */
export const flushesAtOnce = 4;
/** Files of a tree that are open at once; its list is read no further while there are so many. */
export const maxOpenTreeFiles = 16_384;
/** Larger files of one tree that are downloaded at once, like any others. */
export const treeContentsAtOnce = 4;
/** One of them that waits gives way after so long to those that have not had their turn. */
export const treeContentTurnMs = 5_000;
/** Contents of a tree of which it is remembered where they lie, for the next file that is the same. */
export const maxTreeCopies = 100_000;
/** Read of files that are being copied between two signs of life: a slow disk is not taken for one that hangs. */
export const copyReportBytes = 16 * 1024 * 1024;
/** A file of this machine whose disk does not answer for so long is fetched from others rather than copied. */
export const copyStepTimeoutMs = 30_000;
/** Files of a tree that are told of in one event: each is told of and printed while the next are counted. */
export const maxTreeFilesPerEvent = 1_024;
/** Files of a tree that its details show at most. */
export const maxTreeDetails = 200;
/** Reports of files and answers that may wait for the actor of a tree. */
export const treeMailbox = 8_192;
/** Peers that small files of one tree come from at once, the one whose folder it is included. */
export const maxTreeSupplies = 4;
/** A tree that has taken so long looks for others who have its files … */
export const treeHelpAfterMs = 3_000;
/** … and asks the trackers about so many files at a time, those to come last first … */
export const treeSeekFiles = 256;
/** … until so many questions in a row have named nobody of use: then after `seekEveryMs`. */
export const maxVainTreeSeeks = 4;
/** What one peer has to bring and another takes over at once: at most so much, and so many files. */
export const treeMoveBytes = 16 * 1024 * 1024;
export const treeMoveFiles = 2_048;
/** One of the others that has nothing to bring is let go after so long. */
export const treeSupplyIdleMs = 2_000;
/** Files that came wrong after which the peer of a tree is asked for nothing more of it. */
export const maxTreeStrikes = 2;
/** How long the first list of a tree, and each further page, is waited for. */
export const treeListTimeoutMs = 45_000;
/** Files called `name (1)`, `name (2)`, … that are looked at for the one that is wanted. */
export const maxSameNames = 16;
