/** The engine and its clients. */

/** Questions of clients under way at once; more are answered with `busy`. */
export const maxDeskConversations = 1024;

/** The part of the engine's heap where garbage gathers, in MiB: V8's default grows to several times that. */
export const engineYoungGenerationMb = 12;

/**
 * The rest of the engine's heap, in MiB. Half a million shared files, the most there are, take 155 of it, 230 with
 * names of a hundred Cyrillic letters, and with these 285 while each of four trackers refuses most of them; a folder of
 * a million files that is downloaded takes 300. The less V8 is given, the less garbage it lets come together: it
 * collects when the heap has grown by a half, and at four times its size with the default of 4 GiB.
 */
export const engineOldGenerationMb = 768;
/**
 * What the heap of the engine's thread may grow to in a command that leaves before all of it is collected for the first
 * time, in MiB: more than it mostly ever holds. It took a tenth off the processor time of 10,000 small files.
 */
export const briefOldGenerationMb = 64;

/** How long a client's question waits for the part that answers it; longer than any of its own time-outs. */
export const deskAskTimeoutMs = 60_000;

/** Pages of one peer's share that are listed at most: twice what a full library fills. */
export const maxBrowsePages = 4_000;

/** How often the desk looks how much room the disk has. */
export const diskLookEveryMs = 10_000;

/** Downloads shown in a snapshot at most, the newest: as many as there can be, those that have ended included. */
export const maxTransferHistory = 11_000;

/** Messages to or from the engine that are packed into one buffer at most; the rest follow in the next. */
export const channelBatch = 512;

/** How long the engine may take to stop gracefully before its thread is ended. */
export const engineStopTimeoutMs = 8_000;

/** How often a client hears of one transfer at most: ten times a second, which is as fast as a screen is drawn. */
export const viewIntervalMs = 100;

/** Characters of JSON that the command line puts together before it writes them. */
export const jsonTextAtOnce = 32 * 1024;

/** Bytes on their way to a client that has not said yet that it dealt with them; more waits as events. */
export const clientWindowBytes = 1024 * 1024;

/** Events that wait for a slow client of another process; beyond it the client is told anew how all is. */
export const maxClientBacklog = 10_000;

/** The same for the client whose process the engine lives in: a line for each file of a large share. */
export const maxOwnerBacklog = 250_000;

/** Questions of one client under way at once; more are answered with `busy`. */
export const maxClientQuestions = 256;

/** Clients attached to one engine at once. */
export const maxAttachedClients = 16;

/** How long after a snapshot for a client that missed events failed the next one is tried. */
export const resyncRetryMs = 1_000;

/** The largest frame of a client: a command about all transfers there can be. */
export const maxClientFrameBytes = 1024 * 1024;

/** The largest frame of an engine: a snapshot with all transfers there can be, several times over. */
export const maxEngineFrameBytes = 64 * 1024 * 1024;

/** How long a program on this machine may take to answer at the engine's socket. */
export const attachTimeoutMs = 5_000;

/** How long the last words to attached clients may take when the engine ends. */
export const lastWordsTimeoutMs = 1_000;

/** Lines of the log that new clients are shown. */
export const maxLogLines = 1_000;

/** A log file is put away when it is so long, and one that was put away is kept: days of trouble, not the disk. */
export const maxLogFileBytes = 5 * 1024 * 1024;

/** After so much written to it a log file is looked at, whether it is full or was put away by another thread. */
export const logCheckBytes = 64 * 1024;

/** The exit code of a program whose supervisor gave up; `docs/operations.md` lists all of them. */
export const exitInternal = 70;

/** The exit code of a program that lost the engine it was attached to. */
export const exitUnavailable = 69;
