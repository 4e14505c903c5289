/**
 * What the command line needs of the world, and nothing else: streams, signals, places and the launchers of
 * engine and tracker. The composition root fills it with the real ones, tests with scripted ones.
 */
import type { SharedFile } from '../../core/catalogue.ts';
import type { AttachedEngine, EngineClient, EngineConfig } from '../../core/engine/engine-api.ts';
import type { ContentId } from '../../core/ids.ts';
import type { Result } from '../../core/result.ts';
import type { ProfileConfig } from '../../profile/config.ts';
import type { RunTui } from '../../tui/app/ports.ts';
import type { TrackerClient, TrackerConfig } from '../../core/tracker/tracker-api.ts';
import type { TrackerQuestion } from '../../core/tracker/tracker-stats.ts';
import type { StatsScreenOptions } from '../../tui/stats/ports.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** One result of `hashFiles`: `path` is the one that was asked for. */
export interface HashedFile {
  readonly path: string;
  readonly outcome: Result<{ readonly id: ContentId; readonly sizeBytes: number }>;
}

/** How fast content is hashed here, for `doctor`. */
export interface HashSpeed {
  /** What does it, for people: `@napi-rs/blake-hash`, `hash-wasm`. */
  readonly implementation: string;
  readonly native: boolean;
  readonly bytesPerSecond: number;
}

/** `process.stdout` and its like: a stream, with what it knows of its terminal if it is one. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Whether more has been written than it takes at once, and `drain` is still to come. */
  readonly writableNeedDrain?: boolean;
}

/** A peer that runs without a terminal. */
export interface BackgroundPeer {
  readonly pid: number;
  readonly peer: string;
  readonly port: number;
}

export interface CliPorts {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Our own version, from package.json. */
  readonly version: string;
  /** The runtime that runs us and the one that package.json pins, as `26.10.0`. */
  readonly runtime: { readonly version: string; readonly pinned: string | undefined };
  /** The login name, or undefined where the system knows none. Need not be safe. */
  readonly userName: string | undefined;
  /** The platform's data directory of Shoal; profiles are folders in it. */
  readonly dataDir: string;
  /** `shared_files` of the clone, or of the current folder when installed. */
  readonly sharedFilesDir: string;
  readonly tempDir: string;
  /** Milliseconds, monotonic. */
  now(): number;
  launchEngine(config: EngineConfig): EngineClient;
  launchTracker(config: TrackerConfig): TrackerClient;
  /**
   * Asks the running tracker whose folder is `dataDir` something, as its operator; gives what it answers, of JSON.
   * `unreachable` when none runs there.
   */
  askTracker(dataDir: string, request: TrackerQuestion): Promise<Result<unknown>>;
  /** The screen of `shoal tracker stats`; settles when it is left. */
  showTrackerStats(options: StatsScreenOptions): Promise<void>;
  /** Attaches to the engine of the profile in `home` that runs in another process; `unreachable` when none does. */
  connectEngine(home: string): Promise<Result<AttachedEngine>>;
  /** Stops that engine, whatever its version; settles when it has gone (`now`) or taken note (`idle`). */
  haltEngine(home: string, when: 'now' | 'idle'): Promise<Result<void>>;
  /**
   * Starts this program anew with these arguments, without a terminal, what it prints going to `logFile`, and
   * waits until it has said that it is up, or why it is not. `signal` ends the waiting, and the program with it.
   */
  startInBackground(
    args: readonly string[],
    logFile: string,
    signal: AbortSignal,
  ): Promise<Result<BackgroundPeer>>;
  /** In a program that was started so: tells who started it, once. */
  tellStarter(outcome: Result<Omit<BackgroundPeer, 'pid'>>): void;
  /** How the user of a profile likes things; `bad-request` names what in the file does not fit. */
  loadConfig(home: string): Promise<Result<ProfileConfig>>;
  changeConfig(home: string, change: (config: ProfileConfig) => ProfileConfig): Promise<Result<void>>;
  /** Reads a list of targets from a file, `-`: from standard input. */
  readTargetList(file: string): Promise<Result<string>>;
  /** The full-screen UI; undefined where there is none. */
  readonly runTui: RunTui | undefined;
  /** Settles after `ms`, or when `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Hashes files without sharing them; results as they come. Stops early when `signal` is aborted. */
  hashFiles(
    paths: readonly string[],
    onResult: (file: HashedFile) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** What the profile in `home` shared when its engine last wrote its index; empty for a new profile. */
  readShareIndex(home: string): Promise<Result<readonly SharedFile[]>>;
  measureHashing(): Promise<HashSpeed>;
  /** Calls back for each signal until the returned function is called. The default action is off meanwhile. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
}
