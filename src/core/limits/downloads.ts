/** Downloads: the disk, sources, and what they are asked for. */

/** `name (1).ext` to `name (9999).ext`, then we give up. */
export const maxNameSuffix = 9_999;

/** A connection without work is kept for so long, in case more comes. */
export const sessionIdleMs = 15_000;
/** Connections to peers that we download from, in all. */
export const maxSessions = 64;
/** Sources of one content that are used at once. */
export const maxSourcesInUse = 16;
/** When all of those are in use and others are known, so often the least useful one makes room … */
export const rotateSourcesMs = 15_000;
/** … and is left alone for so long. */
export const sourceRestMs = 60_000;
/** How often any source is tried rather than the one that promises most: nobody would be known otherwise. */
export const sourceExploration = 0.25;
/** Sources of one content that are remembered. */
export const maxKnownSources = 200;
/** Wrong or falsely promised pieces after which a source is never asked for this content again … */
export const maxStrikes = 2;
/** … and after so many stalls in a row not for so long. */
export const stallBanMs = 30 * 60_000;
/** A source that failed is tried again after a jittered wait that doubles from here … */
export const sourceRetryBaseMs = 1_000;
/** … to here. */
export const sourceRetryMaxMs = 5 * 60_000;
/** A source that said no is asked again after this … */
export const refusedRetryMs = 60_000;
/** … sooner where its file has changed, and may be what it was: after this, ± a fifth, then after twice as long … */
export const changedRetryMs = 1_500;
/** New pieces are told to those who watch a download at this beat. */
export const haveEveryMs = 100;
/** How many seconds of its speed a source is given to do: more than it asks for ahead, so that it never idles. */
export const assignSeconds = 4;
export const minAssignedBytes = 8 * 1024 * 1024;
export const maxAssignedBytes = 128 * 1024 * 1024;
/** For how long a source that was given work and has delivered nothing yet is believed to be about to. */
export const sourceCreditMs = 5_000;
/** A source that delivered this recently is delivering now. */
export const deliveringMs = 3_000;
/** How soon a source for which there was nothing to do is looked at again, if nothing changes for it. */
export const idleSourceLookMs = 50;
/** Where others download the same, neighbours are fetched together for so long at a time. */
export const swarmRunMs = 100;
/** Work changes hands when it would be done so many times sooner … */
export const stealMargin = 1.25;
/** … and two fetch the same piece when the second would have it so many times sooner than its turn comes. */
export const raceMargin = 2;
/** What its owner is to have in this time is left to it: it hears of a change no sooner, and sends it in vain. */
export const stealFromMs = 150;
/** The same for what a second source would fetch as well: for less it is not worth a piece that comes twice. */
export const raceFromMs = 500;
/** What a source that has not delivered yet is taken for. */
export const unknownSourceBytesPerSecond = 2 * 1024 * 1024;
/** The trackers are asked for more sources at this beat while some are wanted, ± a fifth. */
export const seekEveryMs = 20_000;
/** The same while no more are wanted, so that they know that it goes on. */
export const relaxedSeekMs = 60_000;
/** The same at once, but no sooner than this after the last time, when the last source is lost. */
export const minSeekGapMs = 1_000;
/** Smaller downloads are over before others could be told that something of them is to be had here. */
export const minSwarmBytes = 4 * 1024 * 1024;
/** How long an answer of a tracker or a source is waited for. */
export const sourceAnswerTimeoutMs = 30_000;
/** Files of so few pieces have no journal: to fetch one again costs less than to wait for the disk for each. */
export const maxPiecesWithoutJournal = 4;
/** How often a folder that other downloads keep removing as they end is made again before that is a fault. */
export const maxPartialFolderAttempts = 20;
/** Data is flushed and the journal written when this much has come since the last time … */
export const flushBytes = 16 * 1024 * 1024;
/** … or this much time has passed. */
export const flushEveryMs = 2_000;
/** At most five views of a transfer a second go to the engine's clients. */
export const transferViewMs = 200;
/** The beat at which a download looks whether there is something to do. */
export const downloadTickMs = 200;
/** What has room on the disk, and what of the queue will not, is looked at again so soon after a change. */
export const roomLookMs = 250;
/** … and so much later for each download that is looked at: that costs up to 10 µs. */
export const roomLookEachMs = 0.2;
/** A disk that refused is looked at again after this, ± a fifth, then after twice as long … */
export const diskProbeMinMs = 2_000;
/** … and so on up to this: a look costs next to nothing, and somebody may be waiting for it. */
export const diskProbeMaxMs = 15_000;
/** What downloads leave free: this part of a volume, as Syncthing does … */
export const diskReserveFraction = 0.01;
/** … but no more than this: enough for what the system itself has to write. */
export const maxDiskReserveBytes = 128 * 1024 * 1024;
/** What downloads may have on the disk and not have told of yet: some seconds' worth. All beyond is of somebody else. */
export const maxUntoldBytes = 256 * 1024 * 1024;
/** Claimed pieces that are looked at before a download goes on where an earlier run ended (rqbit's figure). */
export const maxSampledPieces = 64;
/** What is left of those in doubt is read so many bytes at a time: while others are fetched one a beat, else one after the other. */
export const doubtedAtOnceBytes = 16 * 1024 * 1024;
/** How long who writes to the file of a download that ends is waited for. */
export const partialWritersMs = 2_000;
/** Read and hashed of a file at a stretch when what an earlier run left is looked at: a fraction of a second. */
export const checkedAtOnceBytes = 64 * 1024 * 1024;
/** How long a portion of that size may take to be copied from another file of this machine before it is fetched. */
export const copiedTimeoutMs = 60_000;
/** Portions that are copied at once: each may keep one of the four threads that all files are read and written by. */
export const maxCopiedAtOnce = 2;
/** Downloads with an actor at work, those that wait for a source included; the rest waits in the queue. */
export const maxDownloadActors = 256;
/** Downloads that wait or run, and those that ended and are still shown. */
export const maxDownloads = 10_000;
export const maxEndedDownloads = 1_000;
/** Times a download is started again after a fault of ours, before it is given up. */
export const maxDownloadCrashes = 5;
export const crashRetryMs = 250;
/** Sources of one download that are asked for its manifest at once: the second in case the first is slow. */
export const manifestsAskedAtOnce = 2;
/** How long a connection may take to finish its last writes to a file. */
export const detachTimeoutMs = 10_000;
/** What is to be deleted while a slow disk still holds up who wrote it is tried so often … */
export const maxDiscardAttempts = 60;
/** … and at this beat. */
export const discardRetryMs = 500;
export const downloadPoolMailbox = 4_096;
/** Of more downloads than can have a worker, one that has waited so long waits on without … */
export const waitBeforeRestMs = 20_000;
/** … for so long, ± a fifth, so that each has its turn. */
export const restMs = 5 * 60_000;
/** Changes of the queue are written to the profile so long after the first of them … */
export const saveTransfersMs = 500;
/** … so many rows at a time: some milliseconds of the engine's thread. */
export const maxTransfersSavedAtOnce = 500;
/** … and the next ones when others have had their turn. */
export const saveMoreMs = 20;
/** A profile that could not be written is tried again after this. */
export const saveRetryMs = 5_000;
/** Cells of the map of one download's pieces: more than a screen can show. */
export const maxPieceMapCells = 4_096;
/** Places in the queue that have shifted are told at this beat, so many at a time, the first ones first. */
export const renumberMs = 500;
export const maxRenumberedAtOnce = 500;
