/** The command line. */
import { maxSearchResults } from './wire.ts';

/** How long an answer of the engine may take before a command gives up: a tracker's own time-outs are shorter. */
export const answerTimeoutMs = 20_000;
/** Results a search asks for unless told otherwise: what a few screens hold. */
export const defaultSearchLimit = 50;
/** Results that one search gives at most, ten pages of a tracker: people read less, and scripts ask more exactly. */
export const maxSearchLimit = 10 * maxSearchResults;
/** Entries of a listing that are put in order before they are printed; longer ones come in the order of the peer. */
export const maxOrderedEntries = 100_000;
/** How long `get` looks for a source of a file unless told otherwise. */
export const findTimeoutMs = 60_000;
/** Questions of one command at a time about what its targets mean: more of them wait in the engine's places. */
export const targetsAskedAtOnce = 16;
/** A list of targets that is read from a file or from standard input: some hundred thousand ids. */
export const maxTargetListBytes = 16 * 1024 * 1024;
/** Contents that one such question is about: eight messages to each tracker. */
export const contentsAskedAtOnce = 512;
/** Who says that it is too much is asked again after so long, for as long as a source is looked for. */
export const askAgainAfterMs = 500;
/** The same where the trackers answer that nobody has it: somebody may just be coming back. */
export const notFoundTimeoutMs = 10_000;
/** The same once nothing at all has come of any file for as long as one may take. */
export const hopelessTimeoutMs = 2_000;
/** Even a place in a queue is no hope any more after a day without a byte. */
export const maxStallMs = 24 * 3_600_000;
/** Downloads `get` hands to the engine at once; the rest waits here. Several times what the engine runs at once. */
export const getWindow = 32;
/** Folders of which files failed that are told together at the end; with more, those so far are told. */
export const maxFailedFolders = 256;
/** Files that a full disk refused of which it is looked how much they have there already. */
export const maxRefusedIds = 10_000;
/** Downloads of which news may come before the engine has said which they are. */
export const maxEarlyViews = 64;
/** Downloads the engine of a command runs at once. */
export const downloadsAtOnce = 8;
export const uploadSlots = 8;
/** How long a download waits to hear what of it is shared here; then it is fetched. */
export const localCopiesTimeoutMs = 2_000;
/** Files in one folder that is downloaded: at some 300 bytes each, what fits a small machine's memory. */
export const maxTreeFiles = 1_000_000;
/** At most two progress lines a second for each file. */
export const progressEveryMs = 500;
/** Progress in plain lines, for people who read a log. */
export const plainProgressEveryMs = 5_000;
/** At least so long passes between two lines of a log that say what one download waits for. */
export const waitLineEveryMs = 5_000;
/** How often bars are redrawn: smooth to the eye, nothing to the processor. */
export const barsEveryMs = 250;
/** New shares are told to people in batches of this time, each file by name up to this many. */
export const shareLogEveryMs = 1_000;
export const shareLogFiles = 5;
/** How long something on this machine may take to accept a connection when we look whether it is there. */
export const probeTimeoutMs = 1_500;
/** How long a peer waits for another process to bring up the tracker that both want. */
export const embeddedTrackerWaitMs = 10_000;
/** How often it looks whether the tracker is there meanwhile. */
export const embeddedTrackerRetryMs = 100;
/** Files of our own share whose paths a peer's running log remembers, to say what is sent; others go by name. */
export const maxLoggedPaths = 5_000;
/** How long a peer may take to come up in the background before who started it no longer waits. */
export const backgroundStartTimeoutMs = 60_000;

/** The time over which `status` measures speeds. */
export const statusSampleMs = 1_000;
/** Waiting downloads that it gives the reason of. */
export const maxStatusWaits = 10;
/** Downloads that `queue` shows to people, or tells them what was done to; scripts are told of all. */
export const maxQueueRows = 200;
/** So much of a content's id is enough to say which download is meant, where only one begins so. */
export const minIdPrefix = 4;
/** Downloads that are named where what was written could mean any of them. */
export const maxNamedChoices = 10;

/** Entries of a folder that a path which is being written is completed from. */
export const maxPathCompletions = 1_000;

/** Characters that are kept of what else was printed while the screen was drawn, the last ones. */
export const maxStrayOutput = 64 * 1024;

/** A program that the system has not stopped so long after it asked for it has no shell that would continue it. */
export const suspendTimeoutMs = 250;

/** How long a program that was started to open a file is watched: one that fails does so at once. */
export const openingWatchMs = 1_500;

/** Names that are tried for a new file before that is given up. */
export const maxNewFileTries = 1_000;

/** How long `doctor` waits for what may not be there. */
export const doctorAnswerTimeoutMs = 5_000;
/** Below this `doctor` warns: a film no longer fits. */
export const minFreeDiskBytes = 1024 ** 3;
/** How long the peers of the demo may take to hash and register their samples. */
export const demoStartTimeoutMs = 30_000;
/** Slow enough to watch the demo, fast enough not to leave. */
export const demoBytesPerSecond = 40 * 1024 ** 2;
