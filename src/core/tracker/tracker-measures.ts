/**
 * The table of what a tracker counts and measures: names only, as the counters' memory is laid out by it and the
 * metrics are named after it. Invariant: all threads of a process have the same table, so a number means the same
 * in each of them.
 */

/** What only grows, without distinctions. */
export const plainCounters = [
  /** Connections that came to the door. */
  'accepted',
  /** Connections that ended, whatever of. */
  'closed',
  'keepAlives',
  /** Bytes of messages that came, and that were sent. */
  'receivedBytes',
  'sentBytes',
  /** Files that peers added and removed, as far as they were taken. */
  'filesAdded',
  'filesRemoved',
  /** Searches that a part of the catalogue did not answer in time. */
  'partialSearches',
  /** Peers told to go to another tracker. */
  'redirected',
  /** Bytes of messages by which peers bring their shares into step, as they came. */
  'syncBytes',
  /** Look-ups that were answered from memory, and those for which the servers of the catalogue were asked. */
  'cacheHits',
  'cacheMisses',
  /** Servers with a part of the catalogue that stopped answering. */
  'serversLost',
  /** Processor time of the thread, in microseconds. */
  'cpuMicros',
] as const;

/** What only grows, told apart by why or of which kind. */
export const countersByKind = {
  /** Connections that were not let in, or not kept before they were. */
  rejected: ['full', 'address', 'network', 'handshakes', 'handshake-failed', 'denied'],
  handshakes: ['full', 'resumed'],
  requests: [
    'hello',
    'sync',
    'drop-buckets',
    'add',
    'remove',
    'commit',
    'search',
    'find-name',
    'find-contents',
    'get-sources',
    'get-peers',
    'find-peer',
    'join',
    'leave',
    'count-peers',
    'call',
    'other',
  ],
  /** Refusals that were sent, by their code. */
  refusals: [
    'bad-request',
    'bad-name',
    'name-taken',
    'not-found',
    'stale',
    'busy',
    'limit',
    'unauthorised',
    'version',
    'unreachable',
    'timeout',
    'closed',
    'protocol',
    'disk-full',
    'io',
    'internal',
    'other',
  ],
  /** How shares were brought into step: nothing to do, a few changes, parts, all, or told to wait. */
  syncs: ['in-sync', 'delta', 'buckets', 'full', 'wait'],
  /** Files of peers that were not listed. */
  filesRejected: ['limit', 'bad-name', 'denied', 'other'],
  /** Connections that the tracker ended by itself. */
  ended: ['silent', 'replaced', 'denied', 'crowded', 'lost', 'other'],
  /** Looks whether a peer can be reached at its port. */
  dialBacks: ['reachable', 'unreachable'],
  /** Peers asked to dial another that cannot be dialled. */
  calls: ['passed-on', 'refused'],
} as const;

/** What goes up and down, of one thread each. */
export const gauges = [
  'connections',
  /** Connections that have not proved their key yet. */
  'handshaking',
  /** Peers that are listed, and visitors that only ask. */
  'peers',
  'guests',
  /** Silent ones that may not be taken out yet. */
  'spared',
  /** 1 while so many are silent at once that none is taken out. */
  'isFrozen',
  /** 1 while less important requests are refused to keep up with the others. */
  'isOverloaded',
  /** 1 while changes are refused because the disk of the catalogue is full or fails. */
  'isUnwritable',
  /** 1 while a server with a part of the catalogue does not answer. */
  'isServerLost',
  /** 1 while no connection is taken because the tracker is about to end. */
  'isDraining',
  /** What a peer that is told to wait is told, the last time. */
  'retryAfterMs',
  /** Bytes that wait for peers to read them. */
  'unsentBytes',
  /** The part of the last second in which the thread was busy, from 0 to 1. */
  'busy',
  /** How late the thread came to what was due, within the last second. */
  'lagP50Ms',
  'lagP99Ms',
  'lagMaxMs',
  'heapUsedBytes',
  'heapTotalBytes',
] as const;

/** Durations, counted by how long they took. */
export const durations = [
  /** From accept to the proof of the key. */
  'handshake',
  'search',
  'findName',
  'findContents',
  'holders',
  /** A change of the catalogue, from the question to its answer. */
  'write',
  /** Calls of functions of Redis with all their tries: those that read and those that may write. */
  'redisRead',
  'redisWrite',
] as const;

/** Upper bounds of the buckets of durations, in milliseconds; one more bucket holds what took longer. */
export const durationBoundsMs: readonly number[] = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000,
];

export type PlainCounter = (typeof plainCounters)[number];
export type CounterFamily = keyof typeof countersByKind;
export type KindOf<F extends CounterFamily> = (typeof countersByKind)[F][number];
export type GaugeName = (typeof gauges)[number];
export type DurationName = (typeof durations)[number];
