/** The tracker. */

/** How long a tracker may take to stop gracefully before its thread is ended. */
export const trackerStopTimeoutMs = 8_000;
/** Peers that may send much of their shares at once … */
export const maxSyncPermits = 64;
/** … and at least, however slow the registry is; the step by which there are more again. */
export const minSyncPermits = 4;
/** A write that waits longer than this for those before it is a reason for fewer permits. */
export const registryWaitTargetMs = 250;
export const registryProbeEveryMs = 500;
/** A permit that is not given back lapses after so long: a share of 100 000 files takes some seconds. */
export const syncPermitLeaseMs = 60_000;
/** When those are told to ask again who may not send now. */
export const minSyncRetryMs = 1_000;
export const maxSyncRetryMs = 120_000;
/** Above what all connections may ask and give back at once. */
export const permitsMailbox = 32_768;
/** Messages of files that the registry has from a peer before it has answered the first … */
export const maxMessagesAhead = 4;
/** … as long as they have fewer bytes (ids, sizes and paths): three usual messages do. One more is let in after that. */
export const maxBytesAhead = 128 * 1024;
/** Changes that a peer may send between two commits without having asked; for more it waits for a permit. */
export const maxUnpermittedChanges = 1_024;
/** Who did not ask is looked at again so often at least. */
export const maxUnaskedWaitMs = 5_000;
/** How often a tracker says in a shared store that it is there, and how long that is believed. */
export const announceEveryMs = 4_000;
export const neighbourLeaseMs = 12_000;
/** How long a tracker that goes tries to say so in the store. */
export const withdrawTimeoutMs = 1_000;
/** Peers that are sent away go within so long: 2 ms for each, as many handshakes are what a tracker can do. */
export const drainMsPerPeer = 2;
export const minDrainMs = 500;
export const maxDrainMs = 8_000;
/**
 * Peers that are told to compare their shares do so within so long: 2 ms for each of those who are here. At most half of
 * the time in which they would do it anyway, so that it is never more than a few times the usual work.
 */
export const compareMsPerPeer = 2;
export const maxCompareSpreadMs = 60_000;
/**
 * A tracker has them do it again once in so long, by when all have: a cluster whose slots move may say with every beat that
 * it has lost something. What it loses meanwhile is compared then.
 */
export const compareRoundGapMs = 60_000;
/** Such rounds that are saved up, for servers that are lost one soon after the other. */
export const maxSavedCompareRounds = 3;
/** How often a tracker that is being emptied looks whether it is. */
export const drainLookMs = 100;
/** How long the word takes to get out that a tracker goes and comes back. */
export const drainGraceMs = 300;
/** How long a tracker takes at most to send its peers away … */
export const trackerDrainTimeoutMs = 11_000;
/** … and to have stopped, whatever still goes on. */
export const trackerExitMs = 14_000;
/** Messages that may wait for the registry; a connection whose question is refused waits and reads no more. */
export const registryMailbox = 4_096;
/**
 * Files that a tracker remembers to have prepared, on all its threads together, 4 bytes each: memory is taken as they
 * come. Of a million files registered last four fifths are found.
 */
export const knownFilePlaces = 2 ** 22;
/**
 * Bytes of a path up to which it may be taken for a known one: what finding words in it takes, where they are missing
 * after all, is the registry's time, of which there is one.
 */
export const knownPathBytes = 192;
/** Files of a message that a listener prepares before it hears what else has come: some 0.4 ms … */
export const filesPreparedAtOnce = 64;
/** … as long as they have no more bytes (id, size and path), which is about what so many usual ones have. */
export const bytesPreparedAtOnce = 10 * 1024;
/** Questions the registry's store may have under way; more are answered with `busy`. */
export const maxRegistryOperations = 1_024;
/** How long the registry may take to answer. */
export const registryAskTimeoutMs = 15_000;
/** Threads that look things up beside the registry, unless told otherwise and where there are so many processors. */
export const defaultSearchers = 2;
/** Questions that may wait for one searcher, all connections together: a second of hard ones. More are `busy`. */
export const maxWaitingLookUps = 256;
/** Room for them and for as many that others sent at the same moment. */
export const searcherMailbox = 1_024;
/** How long a look-up may take before the question is answered with `busy`. */
export const lookUpTimeoutMs = 5_000;
/** How soon a question is put again to a registry that had no room for it. */
export const registryRetryMs = 50;
/** One page of an answer, estimated: well below `maxAnswerFrameBytes`. */
export const answerPageBytes = 512 * 1024;
/** What waits to be sent to a peer before its next request is read (uhub drops at 96 KiB). */
export const maxUnsentBytes = 256 * 1024;
/** A peer that has not taken all that waits for it after this long is closed. */
export const slowReaderTimeoutMs = 15_000;
/** How long a connection that is being closed may take to send its last words. */
export const farewellTimeoutMs = 2_000;
/** Searches of one host: a script may ask some dozens in a row, a flood may not. */
export const trackerSearches = { perSecond: 20, burst: 60 };
/** Tokens that a search takes beyond the first: for a beginning of two characters, and at most in all. */
export const shortPrefixCost = 4;
export const maxSearchCost = 12;
/** Ways to spell what is searched for that a search may have for nothing. */
export const cheapAlternatives = 8;
/** What one identity may use up of what its address may: some people share an address. */
export const identityShare = 2 / 3;
/** How full the searchers' queues may be before work of that kind is refused. */
export const overloadShares = { 'wide-search': 0.5, search: 0.75, 'look-up': 0.9 };
/** How late the events of a listener's thread may be, on average and for a while, before work of that kind is refused. */
export const overloadLagMs = { 'wide-search': 250, search: 750, 'look-up': 2_000 };
/** When to try again: the first at the bound, more beyond it; each at some moment up to twice that. */
export const overloadRetryMs = { minMs: 1_000, maxMs: 8_000 };
/** Nobody is told to wait for longer, however little is given to all together. */
export const maxToldWaitMs = 60_000;
/** How often a listener looks how late its events were, and how often it measures that. */
export const lagLookMs = 500;
export const lagSampleMs = 20;
/** Other questions of one host: a peer with hundreds of downloads asks for sources in batches. */
export const trackerLookups = { perSecond: 50, burst: 500 };
/** Contents whose sources may be asked for at the price of one such question. */
export const contentsPerLookUp = 16;
/** Files that one host adds or removes, above which it waits: the first two largest shares cost no wait. */
export const trackerChanges = { perSecond: 10_000, burst: 200_000 };
/** Dropping buckets takes the registry as long as so many files do; so does comparing a share (sync, commit). */
export const dropBucketsCost = 1_000;
export const compareCost = 20;
/** How often a change that waits for its host's allowance looks whether there is room. */
export const allowanceRetryMs = 100;
/** Below the 20 000 descriptors that a process may usually have. */
export const maxTrackerConnections = 16_384;
/** Many people share an address behind one router; a flood has few addresses. */
export const maxConnectionsPerHost = 256;
/** The same of one /24, or one /48: who has many addresses has them there. */
export const maxConnectionsPerNetwork = 1_024;
/** Connections whose TLS handshake is not done, those included that wait for their turn: some seconds of work. */
export const maxPendingHandshakes = 4_096;
/** Of them, those that one listener is at: the others have cost nothing yet. */
export const maxTlsHandshakes = 200;
/** One that takes longer than this keeps nobody waiting: else some addresses that say nothing would shut out all others. */
export const slowHandshakeMs = 2_000;
/** How often handshakes are looked at whose time may be over. */
export const handshakeLookMs = 500;
/** Threads that connections live on, unless told otherwise and where there is a processor more than those. */
export const defaultListeners = 4;
/** The part of a listener's heap where garbage gathers, in MiB: with V8's default a tracker of 2,500 peers has 25 MB more. */
export const listenerYoungGenerationMb = 8;
/** Sockets that may wait for the gate. */
export const gateMailbox = 4_096;
/** Peers coming in, and what listeners and others have to tell, that may wait for the directory. */
export const directoryMailbox = 16_384;
/** Peers that a registry which has begun anew is told of at a time. */
export const maxRestoreBatch = 500;
/** Leases after a start in which nobody expires: who was here before has yet to come back (Eureka waits 5 minutes). */
export const graceLeases = 2;
/** From accept to the end of the TLS handshake. */
export const tlsHandshakeTimeoutMs = 10_000;
/** How often the reaper looks for silent peers. */
export const reapEveryMs = 1_000;
/** Sockets, ended handshakes and commands that may wait for a listener; beyond, sockets are destroyed. */
export const listenerMailbox = 16_384;
/** How often addresses that are gone are forgotten; only those that searched a lot just before are kept so long. */
export const pruneHostsEveryMs = 10_000;
/** The reaper is only told that there is something to do, once with each lot of news. */
export const reaperMailbox = 1_024;
/** Downloads under way of which a tracker remembers who they are for, in all: some 200 bytes each. */
export const maxMemberships = 200_000;
/** The same from one address, so that none keeps others out: some dozens of busy peers behind one router. */
export const maxMembershipsPerHost = 10_000;
/** The same of one visitor, twice what an engine works on at once; and of one content: beyond, who comes is not named. */
export const maxSwarmsPerVisitor = 512;
export const maxMembersPerSwarm = 1_000;
/** Who downloads a content is told of at most so many at once when somebody comes: they tell others by serving. */
export const maxToldOfNewcomer = 50;
/** Who downloads says so every twenty seconds; who has not for so long does no more. */
export const swarmLeaseMs = 5 * 60_000;
export const swarmSweepMs = 10_000;
/** Places of the table that tells which contents somebody downloads, 4 bytes each: others at the same one are told of in vain. */
export const wantedPlaces = 2 ** 18;
/** What others are told of peers of one host, contents times listeners; the rest they find by asking again. */
export const swarmNews = { perSecond: 200, burst: 5_000 };
/** Contents wanted and shared by nobody, for which those who come back are looked at. */
export const maxLonelyContents = 1_000;
/** Above what all connections may say at once. */
export const swarmsMailbox = 32_768;
/** A scan so much late means that this process was paused, and that silence meant nothing. */
export const deafAfterMs = 5_000;
/** Peers taken out of results in one step. */
export const maxDetachBatch = 1_000;
/** The files of a peer that left are kept for so long, so that its return costs nothing. */
export const retainShareMs = 24 * 60 * 60 * 1_000;
/** Files of peers that are away, beyond which those that left first are forgotten: some 3 GB of disk. */
export const maxFilesAway = 10_000_000;
/** How often what was kept too long is looked for, and how many rows are deleted at a time. */
export const sweepEveryMs = 10_000;
export const maxSweepRows = 500;
/** A serve job tells how far it is at most so often. */
export const serveReportMs = 200;
/** What one read from the network takes in at most. */
export const receiveBufferBytes = 256 * 1024;
/** Memory of its own that one connection has for pieces in the making or on their way to the disk. */
export const maxPieceBufferBytes = 16 * 1024 * 1024;
/** With so much on the way, slots of the sink included, reading pauses while there is no free slot. */
export const pieceBacklogBytes = 2 * 1024 * 1024;
/**
 * Slots, each of one of the smallest pieces, that a receiving thread shares with the thread that proves and writes
 * them: 32 MiB, about what comes while a write waits for a file system that gives blocks to what was written before,
 * 20 to 50 ms (8 MiB still leave a pause of a tenth of a second for each GiB). A power of two.
 */
export const sinkSlots = 128;
/** Of these each such thread may use so many; the others are touched only while the disk is behind … */
export const sinkOwnSlots = 16;
/** … and of the others all threads of an engine together no more than so many: 28 MiB. */
export const sinkReserveSlots = sinkSlots - sinkOwnSlots;
/** With fewer free slots than these the sink is to say when it is done with a piece … */
export const sinkEagerSlots = 4;
/** … and with more it is looked after so long, if nothing has come meanwhile. */
export const sinkLookMs = 2;
/** That thread has the system begin to write to the disk whenever it has written so much to a file. */
export const writeBackBytes = 4 * 1024 * 1024;
/** Contents from this size on are proved and written on that thread: for less it is not worth starting. */
export const sinkFromBytes = 16 * 1024 * 1024;
/** What that thread makes is a hash for each piece: without this its heap grows to tens of MiB. */
export const sinkYoungGenerationMb = 2;
/**
 * Neighbouring pieces are written together up to so much. Larger writes make the page cache take larger runs of
 * memory, which a virtual machine may have to get from its host first: 4 MiB cost half a second more for each GiB.
 */
export const maxWriteBytes = 256 * 1024;
/** One request for pieces asks for about so much: large enough to cost nothing, small enough to take back. */
export const pieceRequestBytes = 4 * 1024 * 1024;
/** … and for no more than comes in so long: what others have sooner can still be taken back. */
export const pieceRequestMs = 100;
/** Requests for pieces under way over one connection; the rest of `maxPeerRequests` is for other questions. */
export const maxPieceRequests = 224;
/** A fetch job tells how far it is at most so often … */
export const fetchReportMs = 40;
/** … and so soon when nothing has happened but that bytes of pieces under way came: as often as views are shown. */
export const bytesReportMs = 200;
/** Under a limit a report tells of no more bytes than may come in so long: they are read many at a time. */
export const maxEvenSpanMs = 1_000;
/** Bytes of a piece under way are counted so many at a time, and whenever a report is due. */
export const countBytes = 64 * 1024;
/** Threads that move files: more only wait for the same disk and network. */
export const maxTransferThreads = 4;
/** Threads at once that may have slots of the reserve: these, those about to end, and the engine's own. */
export const maxSinkThreads = 4 * maxTransferThreads;
/** Connections and checks at once on each of these threads. */
export const transferJobsPerThread = 256;
/** Buffers are outside this heap; what is in it is small. */
export const transferThreadHeapMb = 128;
/** Larger pieces are not fetched: files above 4 TiB. A made-up size must not make us allocate at will. */
export const maxFetchedPieceLength = 64 * 1024 * 1024;
/** Reads that may come between the handshake and our looking at who it is with. */
export const maxEarlyChunks = 4;
