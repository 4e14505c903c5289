/**
 * What a tracker's thread and whoever started it say to each other: plain data over the worker's own port.
 * Invariant: exactly one of `listening` and `failed` comes first, and after `failed` or `stopped` nothing more.
 */
import type { LogLevel } from '../engine/engine-api.ts';
import type { PeerId } from '../ids.ts';
import type { Problem, Result } from '../result.ts';

/** How a tracker is started; plain data, checked by the command line before it gets here. */
export interface TrackerConfig {
  /** The address to listen at. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Holds the tracker's identity and, by default, its catalogue. Made (0700) when missing. */
  readonly dataDir: string;
  /** `sqlite` (in `dataDir`), `memory:`, or the URL of another store. */
  readonly store: string;
  /**
   * Where peers are told to find this tracker when another one of its catalogue goes; default: where it listens, unless
   * that is any address.
   */
  readonly announce?: { readonly host: string; readonly port: number } | undefined;
  readonly log: { readonly level: LogLevel; readonly file: string | undefined };
  /**
   * Opens a door for its operator: a socket in `dataDir` and, where a port is named (0: a free one), that port of this
   * machine. Undefined: none.
   */
  readonly admin?: { readonly port: number | undefined } | undefined;
  /** Departures from the defaults of limits/tracker.ts, for tests and unusual deployments. */
  readonly limits?: Partial<TrackerLimits>;
}

/** What an operator may turn; the defaults are in limits/tracker.ts, each with its reason. */
export interface TrackerLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerHost: number;
  /** From one /24 of IPv4 addresses or one /48 of IPv6 ones. */
  readonly maxConnectionsPerNetwork: number;
  readonly maxPendingHandshakes: number;
  readonly handshakeTimeoutMs: number;
  /** How often peers are told to be heard from. */
  readonly heartbeatMs: number;
  /** How long a silent peer stays in results. */
  readonly leaseMs: number;
  /** How long the files of a peer that left are kept for its return. */
  readonly retainMs: number;
  /** Files kept of peers that are away; beyond, those that left first are forgotten. */
  readonly maxFilesAway: number;
  /** How often the reaper looks. */
  readonly reapEveryMs: number;
  /** Threads that connections live on. */
  readonly listeners: number;
  /** Threads that look things up; 0: the registry does. Where the store is one that others can read. */
  readonly searchers: number;
  readonly searchesPerSecond: number;
  readonly searchBurst: number;
}

/** Where a tracker can be reached and who it is. */
export interface TrackerEndpoint {
  readonly host: string;
  readonly port: number;
  readonly id: PeerId;
  /** The port of its operator's door, where one was asked for. */
  readonly admin?: number;
}

/** `reload`: take new settings from `dataDir`, and go on with a log file of that name if it was moved. */
export type TrackerCommand = { readonly type: 'stop' | 'reload' };

export type TrackerEvent =
  | ({ readonly type: 'listening' } & TrackerEndpoint)
  /** It could not start, or its supervisor gave up. */
  | { readonly type: 'failed'; readonly problem: Problem }
  | { readonly type: 'stopped' };

/** What a starter of a tracker holds. */
export interface TrackerClient {
  /** Settles once it listens, or with the reason why it does not (port taken, folder unreadable, …). */
  readonly ready: Promise<Result<TrackerEndpoint>>;
  /** Stops gracefully: the door closes, peers are told, the catalogue is flushed. Safe to call twice. */
  stop(): Promise<void>;
  /** Takes new settings from its folder; its log says how that went. */
  reload(): void;
  /** Settles when the tracker has ended: 0 after a stop, 70 when its supervisor gave up or its thread died. */
  readonly ended: Promise<number>;
}
