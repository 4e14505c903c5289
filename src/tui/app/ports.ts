/**
 * What the TUI needs of the world and how it ends. The command line fills it in; tests use scripted ones.
 * Invariant: the TUI touches no file, no process and no other terminal but through these.
 */
import type { EngineClient } from '../../core/engine/engine-api.ts';
import type { TuiSettings } from '../model/settings.ts';

/**
 * Why the TUI has ended. `stop`: end the engine now. `stop-when-done`: the engine has been told to end by itself
 * when it is idle; wait for it. `background`: leave it running without a terminal. `detached`: it was somebody
 * else's engine, it goes on. `engine-ended`: it has ended by itself. `crashed`: a fault of the UI, the terminal is
 * restored, the engine is untouched; the caller prints the error.
 */
export type TuiEnd =
  | { readonly kind: 'stop' | 'stop-when-done' | 'background' | 'detached' | 'engine-ended' }
  | { readonly kind: 'crashed'; readonly error: unknown };

export interface TuiConfig {
  readonly settings: TuiSettings;
  /** Where downloads go; empty: as the engine says. */
  readonly downloadsDir: string;
  /** The profile's name, for the terminal's title until the engine has said its own. */
  readonly name: string;
  /** Whether the engine can go on without this terminal: the quit dialog offers it. */
  readonly canBackground: boolean;
  /** The engine was there before us, in another process: quitting leaves it running. */
  readonly isAttached: boolean;
  /** Input histories of earlier runs, by field; newest last. */
  readonly history: Readonly<Record<string, readonly string[]>>;
  /** Said at the start, such as that the settings could not be read. */
  readonly notice?: string;
}

/** Promises that are rejected are shown to the user as they are. */
export interface TuiPorts {
  saveSettings(settings: TuiSettings): Promise<void>;
  saveHistory(field: string, texts: readonly string[]): Promise<void>;
  /** Opens a file or folder with what the system opens it with; rejected where there is none, saying where it lies. */
  openPath(path: string): Promise<void>;
  /** Folders and files a path can go on with; `~` is the home. */
  completePath(text: string, kind: 'folder' | 'any'): Promise<readonly string[]>;
  /** A path as its user means it, in full: `~` is the home. */
  resolvePath(text: string): string;
  /** Writes a new text file into a folder, such as a saved log; returns where it is. */
  writeFile(folder: string, name: string, text: string): Promise<string>;
  /** Data that a screen keeps in the profile between runs, such as saved searches; undefined when there is none. */
  load(name: string): Promise<unknown>;
  save(name: string, data: unknown): Promise<void>;
}

/** Time, as the UI sees it. */
export interface TuiClock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Milliseconds since 1970. */
  wall(): number;
  /** Calls back once; the function that is returned takes it back. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back when the event loop has had its turn. */
  soon(callback: () => void): void;
}

export interface TuiOptions {
  readonly client: EngineClient;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: TuiConfig;
  readonly ports: TuiPorts;
  readonly clock?: TuiClock;
}

/** Starts the TUI and waits for its end. Never rejects. */
export type RunTui = (options: TuiOptions) => Promise<TuiEnd>;
